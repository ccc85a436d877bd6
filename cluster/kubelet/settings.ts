/** What a kubelet can be told. Source of the defaults: `pkg/kubelet/apis/config/v1beta1/defaults.go` and `kubelet.go`, v1.37.2. */
export interface KubeletSettings {
  /** How often what the runtime says is looked at; 0 for at once, as with evented PLEG. @default 1 s */
  readonly relistMs: number;
  /** How often a node says that it lives. @default 10 s */
  readonly heartbeatMs: number;
  /** @default 40 */
  readonly leaseDurationS: number;
  /** How often a node's status is written when nothing has changed. @default 5 min */
  readonly statusReportMs: number;
  /** How long a failed sync waits. @default 10 s */
  readonly backOffMs: number;
  /** The longest wait between syncs that had something left to do. @default 60 s */
  readonly resyncMs: number;
  /** First and longest wait before a container that ended is started again, and before an image is pulled again. @default 10 s, 300 s */
  readonly crashLoopFirstMs: number;
  readonly crashLoopMaxMs: number;
  /** @default true */
  readonly serializeImagePulls: boolean;
  /** Pulls per second, and how many at once at most. @default 5, 10 */
  readonly registryQps: number;
  readonly registryBurst: number;
  /** How long a call of the runtime may take. @default 2 min */
  readonly runtimeTimeoutMs: number;
  /** Dead containers and sandboxes that could not be removed are tried again that often. @default 1 min */
  readonly garbageMs: number;
  /** How often the node's resources are looked at. @default 10 s */
  readonly evictionMs: number;
  /** How long a pressure condition stays after the pressure. @default 5 min */
  readonly pressureTransitionMs: number;
  /** By signal: a quantity, or a percentage of the capacity. */
  readonly evictionHard: Readonly<Record<string, string>>;
  /** Of a node that shuts down: for all its pods, and of that for the critical ones at the end. @default 0, 0: no grace */
  readonly shutdownGraceS: number;
  readonly shutdownGraceCriticalS: number;
  /** Events are written. @default true */
  readonly events: boolean;
}

export const DEFAULT_SETTINGS: KubeletSettings = {
  relistMs: 1000,
  heartbeatMs: 10_000,
  leaseDurationS: 40,
  statusReportMs: 300_000,
  backOffMs: 10_000,
  resyncMs: 60_000,
  crashLoopFirstMs: 10_000,
  crashLoopMaxMs: 300_000,
  serializeImagePulls: true,
  registryQps: 5,
  registryBurst: 10,
  runtimeTimeoutMs: 120_000,
  garbageMs: 60_000,
  evictionMs: 10_000,
  pressureTransitionMs: 300_000,
  evictionHard: {
    'memory.available': '100Mi',
    'nodefs.available': '10%',
    'imagefs.available': '15%',
  },
  shutdownGraceS: 0,
  shutdownGraceCriticalS: 0,
  events: true,
};
