export { byteSource } from './byte-source.ts';
export { type ClusterObjects, readClusterObjects } from './cluster-objects.ts';
export { type CsvRow, readCsv } from './csv-rows.ts';
export { fromObjects } from './from-objects.ts';
export { fromOpenb, type OpenbFilesOptions } from './from-openb.ts';
export {
  durationSeconds,
  type Generator,
  generate,
  generatorOf,
  PRESETS,
  type Preset,
  presetOf,
  presetText,
  workloadOf,
} from './generate/index.ts';
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
export { checkFolder, type FolderCheck } from './trace/check-folder.ts';
export { ColumnSink, type TraceColumns } from './trace/column-sink.ts';
export { familyOf, TRACE_FAMILIES } from './trace/families.ts';
export { knownFiles, traceFiles } from './trace/find-files.ts';
export { familiesOf, headOf, type ImportReport, importTrace, workloadFrom } from './trace/import-trace.ts';
export type { ImportOptions, NodeGroup, TraceFamily, TraceSink } from './trace/model.ts';
export { type AboutTrace, aboutOf, hasOwners, readFolder } from './trace/read-folder.ts';
export type { FileCount, OnError } from './trace/refusals.ts';
export { type Scaling, ScalingSink } from './trace/scaling.ts';
export { FolderSink } from './trace/sinks.ts';
export { KubernetesSink } from './trace/to-kubernetes.ts';
export { fromTraceFolder } from './trace-folder.ts';
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
