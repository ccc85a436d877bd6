/** A workload as it is asked for: a name and files. `load-workload.ts` makes it real. */

/** One of: a known trace, objects of a cluster, a folder in the project's own format, a generator. */
export interface WorkloadSpec {
  /** @default that of the source */
  readonly name?: string;
  readonly trace?: string;
  /** Folder with the trace's original files. @default the tables that berth ships */
  readonly data?: string;
  /** openb: which pod list and node list. */
  readonly list?: string;
  readonly nodeList?: string;
  /** Files of Kubernetes objects; any of them may hold nodes, pods and others. */
  readonly nodes?: readonly string[];
  readonly pods?: readonly string[];
  readonly objects?: readonly string[];
  /** A folder in the project's own format. */
  readonly folder?: string;
  /** A generator file, or the name of a preset. */
  readonly generate?: string;
  /** What the draws of `generate` depend on. @default 1 */
  readonly generateSeed?: number;
}
