/** A Go template, as scheduler_perf uses them. Says in errors where in its file something is wrong. */
import { InputError } from '../../../api/index.ts';
import { positionAt } from '../../../api/text/position.ts';
import { execute, isFunctionName } from './execute.ts';
import { type Node, parse } from './parse.ts';
import { TemplateError } from './scan.ts';
import type { TemplateData } from './value.ts';

export class Template {
  readonly file: string;
  private readonly source: string;
  private readonly nodes: readonly Node[];

  /** Throws InputError. */
  constructor(source: string, file: string) {
    this.source = source;
    this.file = file;
    this.nodes = this.located('', () => parse(source, isFunctionName));
  }

  /** Throws InputError. */
  render(data: TemplateData): string {
    return this.located('executing the template: ', () => execute(this.nodes, data));
  }

  private located<T>(what: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      throw new InputError(`${what}${error.message}`, { file: this.file, ...positionAt(this.source, error.at) });
    }
  }
}
