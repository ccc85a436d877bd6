/** Extenders as one more Filter of a cycle: what they said about nodes, in the form in which the cycle keeps rejections. */
import type { ActiveFilter } from '../cycle.ts';
import type { CompiledFilter, Status } from '../plugin.ts';
import { EXTENDER } from './extender.ts';

export class ExtenderVerdicts implements ActiveFilter {
  readonly name = EXTENDER;
  readonly compiled: CompiledFilter = { filter: () => 0, status: (code) => this.statuses[code - 1]! };
  private readonly statuses: Status[] = [];

  /** The code that stands for a status. */
  add(status: Status): number {
    return this.statuses.push(status);
  }
}
