/** Kubelets: one for each node, all in one process, each with its runtime. */
export { type HeartbeatKind, Heartbeats } from './heartbeats.ts';
export { Kubelet } from './kubelet.ts';
export { KubeletPool, type KubeletPoolOptions } from './kubelet-pool.ts';
export { type ModelRuntimesOptions, modelRuntimes } from './model-runtimes.ts';
export { FAULT, NodeFaults } from './node-faults.ts';
export type { NodeRuntime } from './node-runtime.ts';
export { DEFAULT_CAPACITY, type NodeSpec, type NodesOptions, nodeSpecs, specsOfNodes } from './node-spec.ts';
export { DEFAULT_SETTINGS, type KubeletSettings } from './settings.ts';
