/** Flags of kube-controller-manager for nodes, with its defaults. Source: `pkg/controller/nodelifecycle/config`, v1.37.2. */
export interface NodeLifecycleSettings {
  /** `--node-monitor-period`. @default 5 s */
  readonly monitorPeriodMs: number;
  /** `--node-monitor-grace-period`. @default 50 s */
  readonly monitorGraceMs: number;
  /** `--node-startup-grace-period`. @default 60 s */
  readonly startupGraceMs: number;
  /** `--node-eviction-rate`, nodes a second in a zone. @default 0.1 */
  readonly evictionRate: number;
  /** `--secondary-node-eviction-rate`, where a large zone is unhealthy. @default 0.01 */
  readonly secondaryEvictionRate: number;
  /** `--large-cluster-size-threshold`. @default 50 */
  readonly largeZoneNodes: number;
  /** `--unhealthy-zone-threshold`. @default 0.55 */
  readonly unhealthyZoneShare: number;
}

export const DEFAULT_NODE_LIFECYCLE: NodeLifecycleSettings = {
  monitorPeriodMs: 5000,
  monitorGraceMs: 50_000,
  startupGraceMs: 60_000,
  evictionRate: 0.1,
  secondaryEvictionRate: 0.01,
  largeZoneNodes: 50,
  unhealthyZoneShare: 0.55,
};
