/**
 * The schema of `KubeSchedulerConfiguration`. Source: `kube-scheduler/config/v1/types.go` and
 * `component-base/config/v1alpha1/types.go`, v0.37.2.
 */
import {
  bool,
  bytes,
  type Decoded,
  duration,
  embedded,
  float32,
  int32,
  int64,
  list,
  optional,
  raw,
  struct,
  text,
  typeMeta,
} from './schema.ts';

const plugin = struct('Plugin', 'v1', { name: text(), weight: optional(int32) });
const pluginSet = struct('PluginSet', 'v1', { enabled: list(plugin), disabled: list(plugin) });

const plugins = struct('Plugins', 'v1', {
  preEnqueue: pluginSet,
  queueSort: pluginSet,
  preFilter: pluginSet,
  filter: pluginSet,
  postFilter: pluginSet,
  preScore: pluginSet,
  score: pluginSet,
  reserve: pluginSet,
  permit: pluginSet,
  preBind: pluginSet,
  bind: pluginSet,
  postBind: pluginSet,
  multiPoint: pluginSet,
  placementGenerate: pluginSet,
  placementScore: pluginSet,
  podGroupPostFilter: pluginSet,
});

const profile = struct('KubeSchedulerProfile', 'v1', {
  schedulerName: optional(text()),
  percentageOfNodesToScore: optional(int32),
  plugins: optional(plugins),
  pluginConfig: list(struct('PluginConfig', 'v1', { name: text(), args: raw })),
});

const extender = struct('Extender', 'v1', {
  urlPrefix: text(),
  filterVerb: text(),
  preemptVerb: text(),
  prioritizeVerb: text(),
  weight: int64,
  bindVerb: text(),
  enableHTTPS: bool,
  tlsConfig: optional(
    struct('ExtenderTLSConfig', 'v1', {
      insecure: bool,
      serverName: text(),
      certFile: text(),
      keyFile: text(),
      caFile: text(),
      certData: bytes,
      keyData: bytes,
      caData: bytes,
    }),
  ),
  httpTimeout: duration,
  nodeCacheCapable: bool,
  managedResources: list(struct('ExtenderManagedResource', 'v1', { name: text(), ignoredByScheduler: bool })),
  ignorable: bool,
});

export const configuration = struct('KubeSchedulerConfiguration', 'v1', {
  ...typeMeta,
  parallelism: optional(int32),
  leaderElection: struct('LeaderElectionConfiguration', 'v1alpha1', {
    leaderElect: optional(bool),
    leaseDuration: duration,
    renewDeadline: duration,
    retryPeriod: duration,
    resourceLock: text(),
    resourceName: text(),
    resourceNamespace: text(),
  }),
  clientConnection: struct('ClientConnectionConfiguration', 'v1alpha1', {
    kubeconfig: text(),
    acceptContentTypes: text(),
    contentType: text(),
    qps: float32,
    burst: int32,
  }),
  enableProfiling: embedded('DebuggingConfiguration', optional(bool)),
  enableContentionProfiling: embedded('DebuggingConfiguration', optional(bool)),
  percentageOfNodesToScore: optional(int32),
  podInitialBackoffSeconds: optional(int64),
  podMaxBackoffSeconds: optional(int64),
  profiles: list(profile),
  extenders: list(extender),
  delayCacheUntilActive: bool,
});

export type ConfigurationV1 = Decoded<typeof configuration>;
export type ProfileV1 = Decoded<typeof profile>;
export type ExtenderV1 = Decoded<typeof extender>;
export type PluginsV1 = Decoded<typeof plugins>;
export type PluginSetV1 = Decoded<typeof pluginSet>;
