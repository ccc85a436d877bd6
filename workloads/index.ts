export { byteSource } from './byte-source.ts';
export { type ClusterObjects, readClusterObjects } from './cluster-objects.ts';
export { type CsvRow, readCsv } from './csv-rows.ts';
export { fromObjects } from './from-objects.ts';
export { fromOpenb, type OpenbFilesOptions } from './from-openb.ts';
export { GoRandom } from './go-random.ts';
export {
  type Arrivals,
  evaluationArrivals,
  type GpuNodeRow,
  type GpuPodRow,
  readEvaluationNodes,
  readEvaluationPods,
} from './openb-evaluation.ts';
export { GPU_RESOURCE } from './openb-objects.ts';
export { openbTable } from './openb-table.ts';
export {
  type PodRows,
  PodRowsBuilder,
  type PodShape,
  podOf,
  podTitle,
  type SourceFile,
  type Workload,
  type WorkloadSource,
} from './workload.ts';
