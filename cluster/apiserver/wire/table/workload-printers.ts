/** Rows of what runs pods. Source: `pkg/printers/internalversion/printers.go`, v1.37.2. */
import type { KubeObject } from '../../../../api/index.ts';
import { humanDuration, since } from './age.ts';
import { condition, count, field, list, text } from './fields.ts';
import { age, formatLabels, formatSelector, name } from './formats.ts';
import { type Cell, columns, type Printer } from './printer.ts';

const TEMPLATE = 'Containers+, Images+';

/** The two last columns but one: names and images of a template's containers. */
function containers(object: unknown, ...path: string[]): [string, string] {
  const all = list(object, ...path, 'spec', 'containers');
  return [all.map((each) => text(each, 'name')).join(','), all.map((each) => text(each, 'image')).join(',')];
}

const replicas = (object: KubeObject, nowMs: number): Cell[] => [
  name(object),
  count(object, 'spec', 'replicas'),
  count(object, 'status', 'replicas'),
  count(object, 'status', 'readyReplicas'),
  age(object, nowMs),
  ...containers(object, 'spec', 'template'),
];

const readyOf = (object: KubeObject): string =>
  `${count(object, 'status', 'readyReplicas')}/${count(object, 'spec', 'replicas')}`;

export const WORKLOAD_PRINTERS: Readonly<Record<string, Printer>> = {
  Deployment: {
    columns: columns(`Name!, Ready, Up-to-date, Available, Age, ${TEMPLATE}, Selector+`),
    cells: (object, nowMs) => [
      name(object),
      readyOf(object),
      count(object, 'status', 'updatedReplicas'),
      count(object, 'status', 'availableReplicas'),
      age(object, nowMs),
      ...containers(object, 'spec', 'template'),
      formatSelector(field(object, 'spec', 'selector'), ''),
    ],
  },
  ReplicaSet: {
    columns: columns(`Name!, Desired#, Current#, Ready#, Age, ${TEMPLATE}, Selector+`),
    cells: (object, nowMs) => [...replicas(object, nowMs), formatSelector(field(object, 'spec', 'selector'))],
  },
  ReplicationController: {
    columns: columns(`Name!, Desired#, Current#, Ready#, Age, ${TEMPLATE}, Selector+`),
    cells: (object, nowMs) => [...replicas(object, nowMs), formatLabels(field(object, 'spec', 'selector'))],
  },
  StatefulSet: {
    columns: columns(`Name!, Ready, Age, ${TEMPLATE}`),
    cells: (object, nowMs) => [
      name(object),
      readyOf(object),
      age(object, nowMs),
      ...containers(object, 'spec', 'template'),
    ],
  },
  DaemonSet: {
    columns: columns(
      `Name!, Desired#, Current#, Ready#, Up-to-date#, Available#, Node Selector, Age, ${TEMPLATE}, Selector+`,
    ),
    cells: (object, nowMs) => [
      name(object),
      count(object, 'status', 'desiredNumberScheduled'),
      count(object, 'status', 'currentNumberScheduled'),
      count(object, 'status', 'numberReady'),
      count(object, 'status', 'updatedNumberScheduled'),
      count(object, 'status', 'numberAvailable'),
      formatLabels(field(object, 'spec', 'template', 'spec', 'nodeSelector')),
      age(object, nowMs),
      ...containers(object, 'spec', 'template'),
      formatSelector(field(object, 'spec', 'selector')),
    ],
  },
  Job: {
    columns: columns(`Name!, Status, Completions, Duration, Age, ${TEMPLATE}, Selector+`),
    cells: (object, nowMs) => [
      name(object),
      jobStatus(object),
      completions(object),
      jobDuration(object, nowMs),
      age(object, nowMs),
      ...containers(object, 'spec', 'template'),
      formatSelector(field(object, 'spec', 'selector')),
    ],
  },
  CronJob: {
    columns: columns(`Name!, Schedule, Timezone, Suspend?, Active#, Last Schedule, Age, ${TEMPLATE}, Selector+`),
    cells: (object, nowMs) => {
      const last = text(object, 'status', 'lastScheduleTime');
      const suspend = field(object, 'spec', 'suspend');
      return [
        name(object),
        text(object, 'spec', 'schedule'),
        text(object, 'spec', 'timeZone') || '<none>',
        suspend === undefined ? '<unset>' : suspend === true ? 'True' : 'False',
        list(object, 'status', 'active').length,
        last === '' ? '<none>' : since(last, nowMs),
        age(object, nowMs),
        ...containers(object, 'spec', 'jobTemplate', 'spec', 'template'),
        formatSelector(field(object, 'spec', 'jobTemplate', 'spec', 'selector')),
      ];
    },
  },
  PodTemplate: {
    columns: columns('Name!, Containers, Images, Pod Labels'),
    cells: (object) => [
      name(object),
      ...containers(object, 'template'),
      formatLabels(field(object, 'template', 'metadata', 'labels')),
    ],
  },
  ControllerRevision: {
    columns: columns('Name!, Controller, Revision, Age'),
    cells: (object, nowMs) => [name(object), controllerOf(object), count(object, 'revision'), age(object, nowMs)],
  },
  Scale: {
    columns: columns('Name, Desired#, Available#, Age'),
    cells: (object, nowMs) => [
      name(object),
      count(object, 'spec', 'replicas'),
      count(object, 'status', 'replicas'),
      age(object, nowMs),
    ],
  },
  PodDisruptionBudget: {
    columns: columns('Name!, Min Available, Max Unavailable, Allowed Disruptions#, Age'),
    cells: (object, nowMs) => [
      name(object),
      text(object, 'spec', 'minAvailable') || 'N/A',
      text(object, 'spec', 'maxUnavailable') || 'N/A',
      count(object, 'status', 'disruptionsAllowed'),
      age(object, nowMs),
    ],
  },
  PodGroup: {
    columns: columns('Name!, Policy, Workload, Status, Age'),
    cells: (object, nowMs) => [
      name(object),
      policyOf(object),
      workloadOf(object),
      groupStatus(object),
      age(object, nowMs),
    ],
  },
  CompositePodGroup: {
    columns: columns('Name!, Policy, Workload, Age'),
    cells: (object, nowMs) => [name(object), policyOf(object), workloadOf(object), age(object, nowMs)],
  },
};

function controllerOf(object: KubeObject): string {
  const owner = list(object, 'metadata', 'ownerReferences').find(({ controller }) => controller === true);
  if (owner === undefined) return '<none>';
  const [version = '', group = ''] = text(owner, 'apiVersion').split('/').reverse();
  const kind = text(owner, 'kind').toLowerCase();
  return `${version === '' || group === '' ? kind : `${kind}.${group}`}/${text(owner, 'name')}`;
}

function completions(job: KubeObject): string {
  const succeeded = count(job, 'status', 'succeeded');
  const wanted = field(job, 'spec', 'completions');
  if (wanted !== undefined) return `${succeeded}/${Number(wanted)}`;
  const parallelism = count(job, 'spec', 'parallelism');
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function jobDuration(job: KubeObject, nowMs: number): string {
  const start = text(job, 'status', 'startTime');
  if (start === '') return '';
  const end = text(job, 'status', 'completionTime');
  return humanDuration((end === '' ? nowMs : Date.parse(end)) - Date.parse(start));
}

function jobStatus(job: KubeObject): string {
  const is = (type: string): boolean => condition(job, type)?.status === 'True';
  if (is('Complete')) return 'Complete';
  if (is('Failed')) return 'Failed';
  if (field(job, 'metadata', 'deletionTimestamp') !== undefined) return 'Terminating';
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(is) ?? 'Running';
}

const policyOf = (group: KubeObject): string =>
  field(group, 'spec', 'schedulingPolicy', 'gang') === undefined ? 'Basic' : 'Gang';

const workloadOf = (group: KubeObject): string => text(group, 'spec', 'workloadRef', 'workloadName') || '<none>';

function groupStatus(group: KubeObject): string {
  const disrupted = condition(group, 'DisruptionTarget');
  if (disrupted !== undefined) return text(disrupted, 'reason');
  const scheduled = condition(group, 'PodGroupInitiallyScheduled');
  if (scheduled === undefined) return 'Pending';
  return scheduled.status === 'True' ? 'Scheduled' : 'Unschedulable';
}
