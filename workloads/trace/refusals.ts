/** What becomes of rows that cannot be used, and the count of every row: used, passed over for a reason, or refused. */
import { InputError } from '../../api/index.ts';
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

export class Tally {
  readonly files: FileCount[] = [];
  /** The first refusals, in the words of the error. */
  readonly messages: string[] = [];
  private readonly onError: OnError;
  private file: FileCount | undefined;

  constructor(onError: OnError) {
    this.onError = onError;
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
    this.file!.rowsIn++;
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
