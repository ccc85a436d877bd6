/** What becomes of rows that cannot be used, and the count of every row: used, passed over for a reason, or refused. */
import { InputError, type InputLocation } from '../../api/index.ts';
import type { SourceFile } from '../workload.ts';

export type OnError = 'stop' | 'skip';

export interface FileCount {
  source: SourceFile;
  /** What the file was taken for. */
  readonly table: string;
  rowsIn: number;
  /** Bad rows, where they are skipped. */
  refused: number;
  /** Good rows that stand for no pod and no node by the rules of the family, by reason. */
  readonly passedOver: Map<string, number>;
  nodesOut: number;
  podsOut: number;
}

const MESSAGES_MAX = 5;
const ROWS_BETWEEN_REPORTS = 1 << 16;

/** Adds where it was to an error that does not know the file. */
export function located(error: unknown, file: string, line: number): unknown {
  if (!(error instanceof InputError) || error.location.file !== undefined) return error;
  const { path } = error.location;
  const problem = path === undefined ? error.message : error.message.slice(`${path}: `.length);
  return new InputError(problem, { file, line, path });
}

/**
 * Recordings come as trees that nobody has checked: what is not where it should be is the file's fault, with the place that is
 * known.
 */
export function reading<Result>(at: InputLocation, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof TypeError) throw new InputError(`not the structure that is expected: ${error.message}`, at);
    throw error;
  }
}

export class Tally {
  readonly files: FileCount[] = [];
  /** The first refusals, in the words of the error. */
  readonly messages: string[] = [];
  private readonly onError: OnError;
  private readonly onRows: ((file: string, rows: number) => void) | undefined;
  private file: FileCount | undefined;

  /** @param onRows Called now and then, with how far a file was read. */
  constructor(onError: OnError, onRows?: (file: string, rows: number) => void) {
    this.onError = onError;
    this.onRows = onRows;
  }

  begin(table: string, name: string): void {
    this.file = {
      source: { name, bytes: 0, sha256: '' },
      table,
      rowsIn: 0,
      refused: 0,
      passedOver: new Map(),
      nodesOut: 0,
      podsOut: 0,
    };
    this.files.push(this.file);
  }

  end(source: SourceFile): void {
    this.file!.source = source;
  }

  row(): void {
    const file = this.file!;
    if (++file.rowsIn % ROWS_BETWEEN_REPORTS === 0) this.onRows?.(file.source.name, file.rowsIn);
  }

  passOver(reason: string): void {
    const { passedOver } = this.file!;
    passedOver.set(reason, (passedOver.get(reason) ?? 0) + 1);
  }

  /** Throws unless the error is about a row and such rows are to be skipped. */
  refuse(error: unknown): void {
    if (this.onError === 'stop' || !(error instanceof InputError)) throw error;
    this.file!.refused++;
    if (this.messages.length < MESSAGES_MAX) this.messages.push(error.message);
  }

  node(): void {
    if (this.file !== undefined) this.file.nodesOut++;
  }

  pod(): void {
    if (this.file !== undefined) this.file.podsOut++;
  }

  get refused(): number {
    return this.files.reduce((sum, file) => sum + file.refused, 0);
  }
}
