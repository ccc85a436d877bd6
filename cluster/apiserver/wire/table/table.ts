/** Objects as a `Table` of meta/v1, the form that `kubectl get` asks for. */
import type { KubeObject } from '../../../../api/index.ts';
import type { ObjectList } from '../../client.ts';
import type { Json } from '../patch/index.ts';
import type { Printer } from './printer.ts';

/** What a row carries of its object. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

export const partialObject = ({ metadata }: KubeObject): object => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata,
});

export function rowOf(printer: Printer, object: KubeObject, include: IncludeObject, nowMs: number): Json {
  const conditions = printer.conditions?.(object);
  return {
    cells: printer.cells(object, nowMs),
    ...(conditions === undefined ? {} : { conditions }),
    ...(include === 'None' ? {} : { object: include === 'Object' ? object : partialObject(object) }),
  };
}

/** The table without its rows. */
export const tableHead = (printer: Printer | undefined, metadata: ObjectList['metadata']): Json => ({
  kind: 'Table',
  apiVersion: 'meta.k8s.io/v1',
  metadata,
  columnDefinitions: printer === undefined ? null : printer.columns,
});

export function tableOf(
  printer: Printer,
  object: KubeObject,
  include: IncludeObject,
  nowMs: number,
  withColumns = true,
): Json {
  const metadata = { resourceVersion: object.metadata?.resourceVersion ?? '' };
  return {
    ...tableHead(withColumns ? printer : undefined, metadata),
    rows: [rowOf(printer, object, include, nowMs)],
  };
}
