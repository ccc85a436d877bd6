/** A plugin failed. Says which one, on which pod and (where known) which node. */
export class CellError extends Error {
  override readonly name = 'CellError';
}

export function cellError(pod: string, node: string | undefined, problem: string): CellError {
  return new CellError(`pod ${pod}${node === undefined ? '' : `, node ${node}`}: ${problem}`);
}
