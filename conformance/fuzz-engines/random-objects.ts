/** Random nodes, pod templates and configurations, drawn so that few values meet often: that is where engines differ. */
import type { KubeObject, Node, Pod } from '../../api/index.ts';
import { Random } from '../../scheduler/index.ts';

export class Dice {
  private readonly random: Random;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  below(bound: number): number {
    return this.random.below(bound);
  }
  /** True once in `times`. */
  once(times: number): boolean {
    return this.random.below(times) === 0;
  }
  pick<T>(list: readonly T[]): T {
    return list[this.random.below(list.length)]!;
  }
}

const HOSTNAME = 'kubernetes.io/hostname';
const ZONE = 'topology.kubernetes.io/zone';
const APPS = ['a', 'b', 'c', 'd'];
const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const;

/** What the nodes of one history have in common. */
export interface ClusterStyle {
  readonly zones: number;
  readonly racks: number;
  /** One label in so many is missing; 0 for none. */
  readonly missing: number;
  readonly taints: boolean;
  readonly uniform: boolean;
  /** Nothing but requests matters: no taints, no images, no wishes of pods. */
  readonly plain: boolean;
}

export const clusterStyle = (dice: Dice): ClusterStyle => ({
  zones: 1 + dice.below(5),
  racks: 1 + dice.below(12),
  missing: dice.pick([0, 0, 6, 20]),
  taints: dice.once(2),
  uniform: dice.once(2),
  plain: dice.once(5),
});

export function randomNode(dice: Dice, name: string, style: ClusterStyle): Node {
  const labels: Record<string, string> = {};
  const give = (key: string, value: string) => {
    if (style.missing === 0 || !dice.once(style.missing)) labels[key] = value;
  };
  give(HOSTNAME, style.missing > 0 && dice.once(10) ? 'shared' : name);
  give(ZONE, dice.once(40) ? '' : `z${dice.below(style.zones)}`);
  give('rack', `r${dice.below(style.racks)}`);
  give('disk', dice.pick(['ssd', 'hdd']));
  const taints = [];
  if (style.taints && !style.plain) {
    for (let i = dice.below(3); i > 0; i--) {
      if (dice.once(2))
        taints.push({ key: `t${dice.below(3)}`, value: dice.pick(['', 'x']), effect: dice.pick(EFFECTS) });
    }
  }
  const big = style.uniform ? 1 : dice.below(3);
  const allocatable: Record<string, string> = {
    cpu: ['2', '4', '7500m'][big]!,
    memory: ['4Gi', '8Gi', '9000Mi'][big]!,
    pods: dice.once(6) ? '4' : '20',
    'ephemeral-storage': '50Gi',
  };
  if (dice.once(4)) allocatable['example.com/gpu'] = String(1 + dice.below(4));
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels },
    spec: { taints, ...(dice.once(25) ? { unschedulable: true } : {}) },
    status: {
      allocatable,
      images:
        dice.once(3) && !style.plain
          ? [{ names: [`img${dice.below(2)}:1`], sizeBytes: (200 + dice.below(900)) * 1024 * 1024 }]
          : [],
    },
  } as Node;
}

/** The node with one thing about it as another random node has it. */
export function changedALittle(dice: Dice, node: Node, style: ClusterStyle): Node {
  const other = randomNode(dice, node.metadata?.name ?? '', style);
  const label = dice.pick([HOSTNAME, ZONE, 'rack', 'disk']);
  const { [label]: _, ...labels } = node.metadata?.labels ?? {};
  const value = other.metadata?.labels?.[label];
  if (value !== undefined) labels[label] = value;
  return dice.pick<() => Node>([
    () => ({ ...node, metadata: { ...node.metadata, labels } }),
    () => ({ ...node, metadata: { ...node.metadata, annotations: { beat: String(dice.below(1000)) } } }),
    () => ({ ...node, spec: { ...node.spec, taints: other.spec?.taints } }),
    () => ({ ...node, spec: { ...node.spec, unschedulable: node.spec?.unschedulable !== true } }),
    () => ({ ...node, status: { ...node.status, allocatable: other.status?.allocatable } }),
    () => ({ ...node, status: { ...node.status, images: other.status?.images } }),
  ])();
}

/** A pod without name and UID; histories make many pods of each. */
export type Template = Omit<Pod, 'metadata'> & { metadata: NonNullable<Pod['metadata']> };

const selector = (dice: Dice) =>
  dice.once(8)
    ? {
        matchExpressions: [
          { key: 'app', operator: dice.pick(['In', 'NotIn']), values: [dice.pick(APPS), dice.pick(APPS)] },
        ],
      }
    : dice.once(12)
      ? {}
      : dice.once(8)
        ? rarelyRead(dice)
        : { matchLabels: { app: dice.pick(APPS) } };

/** Keys that no other selector names: once one comes up, pods differ that were alike. */
const rarelyRead = (dice: Dice) =>
  dice.once(2)
    ? { matchLabels: { [dice.pick(['rev', 'signature'])]: dice.pick(['1', '2']) } }
    : { matchExpressions: [{ key: dice.pick(['rev', 'signature']), operator: dice.pick(['Exists', 'DoesNotExist']) }] };

const KEYS = [HOSTNAME, HOSTNAME, ZONE, ZONE, 'rack', 'disk'];

function affinityTerm(dice: Dice) {
  return {
    topologyKey: dice.pick(KEYS),
    labelSelector: selector(dice),
    ...(dice.once(6) ? { namespaces: ['default', 'other'] } : {}),
    ...(dice.once(6) ? { namespaceSelector: dice.once(2) ? {} : { matchLabels: { team: 'x' } } } : {}),
  };
}

function podAffinity(dice: Dice) {
  const some = (make: () => unknown) => Array.from({ length: 1 + dice.below(2) }, make);
  const sides: Record<string, unknown> = {};
  for (const side of ['podAffinity', 'podAntiAffinity']) {
    if (dice.once(2)) continue;
    const terms: Record<string, unknown> = {};
    if (dice.once(2)) terms.requiredDuringSchedulingIgnoredDuringExecution = some(() => affinityTerm(dice));
    if (dice.once(2)) {
      terms.preferredDuringSchedulingIgnoredDuringExecution = some(() => ({
        weight: 1 + dice.below(100),
        podAffinityTerm: affinityTerm(dice),
      }));
    }
    sides[side] = terms;
  }
  return sides;
}

function nodeAffinity(dice: Dice) {
  const expression = () => ({
    key: dice.pick(['disk', ZONE, 'rack']),
    operator: dice.pick(['In', 'NotIn', 'Exists', 'DoesNotExist']),
    values: undefined as string[] | undefined,
  });
  const withValues = () => {
    const made = expression();
    if (made.operator === 'In' || made.operator === 'NotIn')
      made.values = [dice.pick(['ssd', 'z0', 'z1', 'r0', 'r1', 'hdd'])];
    return made;
  };
  const terms: Record<string, unknown> = {};
  if (dice.once(2)) {
    const byName = dice.once(12)
      ? { matchFields: [{ key: 'metadata.name', operator: 'In', values: [`n${dice.below(8)}`] }] }
      : {};
    terms.requiredDuringSchedulingIgnoredDuringExecution = {
      nodeSelectorTerms: [{ matchExpressions: [withValues()], ...byName }],
    };
  }
  if (dice.once(2)) {
    terms.preferredDuringSchedulingIgnoredDuringExecution = Array.from({ length: 1 + dice.below(2) }, () => ({
      weight: 1 + dice.below(100),
      preference: { matchExpressions: [withValues()] },
    }));
  }
  return terms;
}

function spreadConstraints(dice: Dice) {
  return Array.from({ length: 1 + dice.below(2) }, () => ({
    maxSkew: 1 + dice.below(3),
    topologyKey: dice.pick(KEYS),
    whenUnsatisfiable: dice.pick(['DoNotSchedule', 'ScheduleAnyway']),
    labelSelector: selector(dice),
    ...(dice.once(5) ? { nodeTaintsPolicy: 'Honor' } : {}),
    ...(dice.once(5) ? { nodeAffinityPolicy: 'Ignore' } : {}),
    ...(dice.once(6) ? { minDomains: 1 + dice.below(4) } : {}),
    ...(dice.once(6) ? { matchLabelKeys: ['rev'] } : {}),
  })).map((constraint) =>
    constraint.whenUnsatisfiable === 'DoNotSchedule' ? constraint : { ...constraint, minDomains: undefined },
  );
}

export function randomTemplate(dice: Dice, profiles: readonly string[], { plain }: ClusterStyle): Template {
  const requests: Record<string, string> = {};
  if (!dice.once(6)) requests.cpu = dice.pick(['100m', '250m', '500m', '1', '1500m']);
  if (!dice.once(6)) requests.memory = dice.pick(['100Mi', '256Mi', '1Gi', '1500Mi']);
  if (dice.once(12)) requests['example.com/gpu'] = '1';
  if (dice.once(15)) requests['ephemeral-storage'] = '10Gi';
  const spec: Record<string, unknown> = {
    containers: [
      {
        name: 'main',
        image: dice.pick(['img0:1', 'img1', 'none:2']),
        resources: { requests },
        ...(dice.once(12) ? { ports: [{ containerPort: 80, hostPort: 8080 + dice.below(2) }] } : {}),
      },
    ],
    priority: dice.pick([0, 0, 0, 10, 100]),
    schedulerName: dice.pick(profiles),
  };
  if (plain)
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace: 'default', labels: {} },
      spec,
    } as unknown as Template;
  if (dice.once(4)) spec.tolerations = [{ key: `t${dice.below(3)}`, operator: 'Exists' }];
  if (dice.once(20)) spec.tolerations = [{ operator: 'Exists' }];
  if (dice.once(8)) spec.nodeSelector = { disk: 'ssd' };
  if (dice.once(4)) spec.topologySpreadConstraints = spreadConstraints(dice);
  const affinity: Record<string, unknown> = dice.once(4) ? podAffinity(dice) : {};
  if (dice.once(5)) affinity.nodeAffinity = nodeAffinity(dice);
  if (Object.keys(affinity).length > 0) spec.affinity = affinity;
  if (dice.once(30)) spec.nodeName = `n${dice.below(6)}`;
  if (dice.once(40)) spec.volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'claim' } }];
  if (dice.once(15)) spec.preemptionPolicy = 'Never';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: dice.once(6) ? 'other' : 'default',
      labels: {
        app: dice.pick(APPS),
        ...(dice.once(3) ? { rev: dice.pick(['1', '2']) } : {}),
        ...(dice.once(3) ? { signature: String(dice.below(20)) } : {}),
      },
    },
    spec,
  } as unknown as Template;
}

export function randomObjects(dice: Dice): KubeObject[] {
  const objects: unknown[] = [
    { kind: 'Namespace', metadata: { name: 'default', labels: { team: 'x' } } },
    { kind: 'Namespace', metadata: { name: 'other', labels: dice.once(2) ? { team: 'x' } : {} } },
  ];
  if (dice.once(2)) objects.push(randomService(dice));
  if (dice.once(3)) {
    objects.push(randomBudget(dice));
  }
  return objects as KubeObject[];
}

export const randomBudget = (dice: Dice): KubeObject =>
  ({
    kind: 'PodDisruptionBudget',
    metadata: { name: dice.pick(['pdb', 'pdb', 'other']), namespace: 'default' },
    spec: { selector: { matchLabels: { app: dice.pick(APPS) } } },
    status: { disruptionsAllowed: dice.below(3) },
  }) as KubeObject;

export const randomService = (dice: Dice): KubeObject =>
  ({
    kind: 'Service',
    metadata: { name: `s${dice.below(3)}`, namespace: 'default' },
    spec: { selector: { app: dice.pick(APPS) } },
  }) as KubeObject;

/** A KubeSchedulerConfiguration with one to three profiles. */
export function randomConfiguration(dice: Dice): { readonly text: string; readonly profiles: readonly string[] } {
  const count = dice.pick([1, 1, 2, 3]);
  const profiles = Array.from({ length: count }, (_, i) =>
    randomProfile(dice, i === 0 ? 'default-scheduler' : `profile-${i}`),
  );
  const config = {
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    percentageOfNodesToScore: dice.pick([0, 0, 30, 100, 100]),
    profiles,
  };
  return { text: JSON.stringify(config), profiles: profiles.map(({ schedulerName }) => schedulerName) };
}

function randomProfile(dice: Dice, schedulerName: string) {
  const args = (name: string, fields: object) => ({
    name,
    args: { apiVersion: 'kubescheduler.config.k8s.io/v1', kind: `${name}Args`, ...fields },
  });
  const pluginConfig = [];
  if (dice.once(4)) {
    const type = dice.pick(['MostAllocated', 'LeastAllocated', 'RequestedToCapacityRatio']);
    const resources = [
      { name: 'cpu', weight: 1 + dice.below(4) },
      { name: dice.pick(['memory', 'example.com/gpu']), weight: 1 + dice.below(3) },
    ];
    const shape = [
      { utilization: 0, score: dice.below(11) },
      { utilization: 100, score: dice.below(11) },
    ];
    const ratio = type === 'RequestedToCapacityRatio' ? { requestedToCapacityRatio: { shape } } : {};
    pluginConfig.push(args('NodeResourcesFit', { scoringStrategy: { type, resources, ...ratio } }));
  }
  if (dice.once(5)) pluginConfig.push(args('InterPodAffinity', { hardPodAffinityWeight: dice.below(100) }));
  if (dice.once(5)) {
    const constraint = {
      maxSkew: 1 + dice.below(2),
      topologyKey: dice.pick([ZONE, 'rack']),
      whenUnsatisfiable: dice.pick(['DoNotSchedule', 'ScheduleAnyway']),
    };
    pluginConfig.push(args('PodTopologySpread', { defaultingType: 'List', defaultConstraints: [constraint] }));
  }
  const disabled = [
    'PodTopologySpread',
    'InterPodAffinity',
    'NodeResourcesBalancedAllocation',
    'TaintToleration',
    'NodeAffinity',
  ];
  const plugins: Record<string, unknown> = {};
  if (dice.once(4)) plugins.multiPoint = { disabled: [{ name: dice.pick(disabled) }] };
  if (dice.once(5)) {
    plugins.score = {
      disabled: [{ name: 'NodeResourcesFit' }],
      enabled: [{ name: 'NodeResourcesFit', weight: 1 + dice.below(20) }],
    };
  }
  return {
    schedulerName,
    ...(dice.once(4) ? { percentageOfNodesToScore: dice.pick([5, 40, 100]) } : {}),
    ...(Object.keys(plugins).length > 0 ? { plugins } : {}),
    ...(pluginConfig.length > 0 ? { pluginConfig } : {}),
  };
}
