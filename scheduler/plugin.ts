/**
 * The plugin contract: the whole vocabulary that plugins share with the engines, and nothing of an engine.
 *
 * A plugin is written once and serves two engines. For one pod it is *compiled* against the cluster's columns
 * (`preFilter` + `compileFilter`, `preScore` + `compileScore`); what comes back answers by node row, reading typed
 * arrays, and allocates nothing per node. Names and order of the extension points are those of kube-scheduler
 * v1.37 (`staging/src/k8s.io/kube-scheduler/framework/interface.go`).
 *
 * A *row* is a node's stable place in the columns. Rows of removed nodes are reused; `ClusterView.order` lists the
 * rows of the snapshot in node-tree order.
 */
export * from './contract/answers.ts';
export * from './contract/cluster-view.ts';
export * from './contract/definition.ts';
export * from './contract/events.ts';
export * from './contract/groups.ts';
export * from './contract/live.ts';
export * from './contract/pod.ts';
export * from './contract/preemption.ts';
export * from './contract/status.ts';
