export { fromOpenb, type OpenbFilesOptions } from './from-openb.ts';
export { GPU_RESOURCE } from './openb-objects.ts';
export { openbTable } from './openb-table.ts';
export {
  type PodRows,
  PodRowsBuilder,
  type PodShape,
  podOf,
  type SourceFile,
  type Workload,
  type WorkloadSource,
} from './workload.ts';
