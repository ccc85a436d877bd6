/** What the API refuses of workloads, roles and bindings. Source: `pkg/apis/{apps,batch,rbac}/validation`, v1.37.2. */
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../api/index.ts';
import { registry } from './table.ts';

const template = {
  metadata: { labels: { app: 'a' } },
  spec: { containers: [{ name: 'c', image: 'i' }] },
};
const selector = { matchLabels: { app: 'a' } };

/** What a new object of this kind is refused for. */
function problems(apiVersion: string, kind: string, content: object): string[] {
  const { strategy } = registry.ofKind(apiVersion, kind)!.stored!;
  const given = {
    apiVersion,
    kind,
    metadata: { name: 'x', namespace: 'default', uid: 'u' },
    ...structuredClone(content),
  };
  const prepared = strategy.prepareForCreate(strategy.defaults(given as KubeObject));
  return strategy.validate(prepared).map(({ text }) => text);
}

const apps = (kind: string, spec: object): string[] => problems('apps/v1', kind, { spec });
const plain = { selector, template };

describe('workloads', () => {
  it.each(['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'])('a plain %s is fine', (kind) => {
    expect(apps(kind, plain)).toEqual([]);
  });

  it.each([
    [
      'Deployment',
      { ...plain, strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } },
      ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0'],
    ],
    [
      'Deployment',
      { ...plain, strategy: { rollingUpdate: { maxUnavailable: '101%' } } },
      ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%'],
    ],
    [
      'Deployment',
      { ...plain, selector: { matchLabels: { app: 'b' } } },
      ['spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`'],
    ],
    ['Deployment', { template }, ['spec.selector: Required value']],
    [
      'Deployment',
      { ...plain, progressDeadlineSeconds: 5, minReadySeconds: 5 },
      ['spec.progressDeadlineSeconds: Invalid value: 5: must be greater than minReadySeconds'],
    ],
    [
      'ReplicaSet',
      { ...plain, replicas: -1 },
      ['spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
    ],
    [
      'ReplicaSet',
      { selector, template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } },
      ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
    ],
    [
      'DaemonSet',
      { ...plain, updateStrategy: { rollingUpdate: { maxUnavailable: 0 } } },
      ['spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0'],
    ],
    [
      'StatefulSet',
      { ...plain, podManagementPolicy: 'Random' },
      ["spec.podManagementPolicy: Invalid value: \"Random\": must be 'OrderedReady' or 'Parallel'"],
    ],
  ])('%s %j', (kind, spec, expected) => {
    expect(apps(kind, spec)).toEqual(expected);
  });

  it('claims of a StatefulSet are volumes that its containers may mount', () => {
    const mounting = { containers: [{ name: 'c', image: 'i', volumeMounts: [{ name: 'd', mountPath: '/d' }] }] };
    const spec = { selector, template: { ...template, spec: mounting } };
    const claim = {
      metadata: { name: 'd' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    };
    expect(apps('StatefulSet', { ...spec, volumeClaimTemplates: [claim] })).toEqual([]);
  });

  it('jobs end', () => {
    expect(problems('batch/v1', 'Job', { spec: { template } })).toEqual([
      'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ]);
    const ending = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } };
    expect(
      problems('batch/v1', 'CronJob', { spec: { schedule: '', jobTemplate: { spec: { template: ending } } } }),
    ).toEqual(['spec.schedule: Required value']);
  });
});

const RBAC = 'rbac.authorization.k8s.io/v1';
const roleRef = { kind: 'ClusterRole', name: 'view' };

describe('roles and bindings', () => {
  it.each([
    [
      'Role',
      { rules: [{ apiGroups: [''], resources: ['pods'] }] },
      ['rules[0].verbs: Required value: verbs must contain at least one value'],
    ],
    [
      'Role',
      { rules: [{ verbs: ['get'], nonResourceURLs: ['/metrics'] }] },
      ['rules[0].nonResourceURLs: Invalid value: ["/metrics"]: namespaced rules cannot apply to non-resource URLs'],
    ],
    ['RoleBinding', { roleRef, subjects: [{ kind: 'User', name: 'jane' }] }, []],
    [
      'RoleBinding',
      { roleRef: { kind: 'Pod', name: 'p' } },
      ['roleRef.kind: Unsupported value: "Pod": supported values: "ClusterRole", "Role"'],
    ],
    [
      'RoleBinding',
      { roleRef, subjects: [{ kind: 'Robot', name: 'r' }] },
      ['subjects[0].kind: Unsupported value: "Robot": supported values: "Group", "ServiceAccount", "User"'],
    ],
  ])('%s %j', (kind, content, expected) => {
    expect(problems(RBAC, kind, content)).toEqual(expected);
  });
});

describe('resources', () => {
  it('may not be called as something that every object has', () => {
    const resources = { requests: { constructor: '1' }, limits: {} };
    const spec = { ...plain, template: { ...template, spec: { containers: [{ name: 'c', image: 'i', resources }] } } };
    expect(apps('Deployment', spec)).toContain(
      'spec.template.spec.containers[0].resources.requests[constructor]: Invalid value: "constructor": must be a standard resource for containers',
    );
  });
});

describe('quotas and limit ranges', () => {
  it('are of resources that are known', () => {
    expect(problems('v1', 'ResourceQuota', { spec: { hard: { toString: '1' } } })).toContain(
      'spec.hard[toString]: Invalid value: "toString": must be a standard resource for quota',
    );
    const limits = [{ type: 'Container', default: { toString: '1' } }];
    expect(problems('v1', 'LimitRange', { spec: { limits } })).toContain(
      'spec.limits[0].default[toString]: Invalid value: "toString": must be a standard resource for containers',
    );
  });
});
