/** Operations with the parameters of one workload in them. */
import { DurationError, parseDuration } from '../../../scheduler/config/duration.ts';
import type { SuiteText } from './fields.ts';
import type { CreatePods, Op } from './ops.ts';
import { ParamError, type Params } from './params.ts';

const NANOS_PER_MS = 1e6;

/** An operation as it is run: sets of pods are unrolled. */
export type RunnableOp = Exclude<Op, { readonly opcode: 'createPodSets' }>;

/** @param workload Its name, for messages. Throws InputError. */
export function resolveOps(ops: readonly Op[], params: Params, source: SuiteText, workload: string): RunnableOp[] {
  return ops.flatMap((op) => new Resolver(op, params, source, workload).run());
}

class Resolver {
  private readonly op: Op;
  private readonly params: Params;
  private readonly source: SuiteText;
  private readonly workload: string;

  constructor(op: Op, params: Params, source: SuiteText, workload: string) {
    this.op = op;
    this.params = params;
    this.source = source;
    this.workload = workload;
  }

  run(): RunnableOp[] {
    const { op } = this;
    if (op.opcode === 'createPodSets') {
      return Array.from({ length: this.count(op) }, (_, i) =>
        this.createPods({ ...op.createPodsOp, namespace: `${op.namespacePrefix}-${i}` }),
      );
    }
    if (op.opcode === 'createPods') return [this.createPods(op)];
    if (op.opcode === 'sleep') return [{ ...op, durationMs: this.durationMs(op) }];
    if (!('count' in op)) return [op];
    const count = this.count(op);
    if (op.opcode === 'createPodGroups' && count < 1) {
      throw this.error('count', `count must be greater than 0, got ${count}`);
    }
    if (!('templateParams' in op)) return [{ ...op, count }];
    return [{ ...op, count, templateParams: this.templateParams(op) }];
  }

  private createPods(op: CreatePods): CreatePods {
    const factor = op.countMultiplierParam === '' ? 1 : this.int(op, 'countMultiplierParam');
    const batch = op.signatureBatchSizeParam === '' ? op.signatureBatchSize : this.int(op, 'signatureBatchSizeParam');
    const resolved: CreatePods = {
      ...op,
      count: this.count(op) * factor,
      signatureBatchSize: batch || 1,
      durationMs: this.durationMs(op),
      steadyState:
        op.steadyStateParam === ''
          ? op.steadyState
          : this.parameter(op, 'steadyStateParam', () => this.params.flag(op.steadyStateParam)),
      templateParams: this.templateParams(op),
    };
    if (batch < 0) throw this.error('signatureBatchSizeParam', `invalid SignatureBatchSize=${batch}`, op);
    if (resolved.skipWaitToCompletion && resolved.steadyState) {
      throw this.error('steadyStateParam', 'skipWaitToCompletion and steadyState cannot be true at the same time', op);
    }
    if (resolved.steadyState && resolved.durationMs <= 0) {
      throw this.error('duration', 'when creating pods in a steady state, the test duration must be > 0', op);
    }
    return resolved;
  }

  private count(op: Extract<Op, { readonly countParam: string }>): number {
    const count = op.countParam === '' ? op.count : this.int(op, 'countParam');
    if (count < 0) throw this.error('countParam', `invalid Count=${count} / CountParam="${op.countParam}"`, op);
    return count;
  }

  private int<K extends string>(op: { readonly [key in K]: string } & { readonly path: string }, field: K): number {
    return this.parameter(op, field, () => this.params.int(op[field]));
  }

  private durationMs(op: {
    readonly path: string;
    readonly durationMs: number;
    readonly durationParam: string;
  }): number {
    if (op.durationParam === '') return op.durationMs;
    return this.parameter(
      op,
      'durationParam',
      () => Number(parseDuration(this.params.text(op.durationParam))) / NANOS_PER_MS,
    );
  }

  private templateParams(op: Extract<Op, { readonly templateParams: unknown }>): Readonly<Record<string, unknown>> {
    return Object.fromEntries(
      Object.entries(op.templateParams).map(([key, value]) => [
        key,
        this.parameter(op, `templateParams.${key}`, () => this.params.resolve({ value }).value),
      ]),
    );
  }

  private parameter<T>(op: { readonly path: string }, field: string, read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (error instanceof ParamError || error instanceof DurationError) throw this.error(field, error.message, op);
      throw error;
    }
  }

  private error(field: string, message: string, { path }: { readonly path: string } = this.op) {
    return this.source.error(`${path}.${field}`, `${message} (workload ${this.workload})`);
  }
}
