/** Shapes of pods as they are drawn: a row of the table, with the constraints that fell on it, for one application where it matters. */
import { decodeObject, InputError, type KubeObject, type Pod, type PodSpec, validateKind } from '../../api/index.ts';
import type { TraceSink } from '../trace/model.ts';
import { shapeOf } from '../trace/shapes.ts';
import type { PodShape } from '../workload.ts';
import { chooser, type Draw } from './distribution.ts';
import type { ConstraintMix, ShapeChoice, Stream } from './model.ts';
import { randomStream, type Uniform } from './random-stream.ts';

export class ShapeTable {
  private readonly stream: Stream;
  private readonly sink: TraceSink;
  private readonly mixes: readonly {
    readonly mix: ConstraintMix;
    readonly uniform: Uniform;
    readonly option: () => number;
  }[];
  private readonly byKey = new Map<number | string, number>();
  private readonly isOfApp: readonly boolean[];

  constructor(stream: Stream, seed: number, sink: TraceSink) {
    this.stream = stream;
    this.sink = sink;
    this.row = chooser(
      stream.shapes.map(({ weight }) => weight),
      randomStream(seed, `${stream.name}/shapes`),
    );
    this.mixes = stream.constraints.map((mix, i) => {
      const uniform = randomStream(seed, `${stream.name}/constraint-${i}`);
      const weights = mix.options.map(({ weight }) => weight);
      return { mix, uniform, option: chooser(weights, uniform) };
    });
    this.isOfApp = stream.shapes.map(isOfOwner);
  }

  /** Draws a row of the table; `podsOf` and `of` say what it is. */
  readonly row: Draw;

  /** Pods of a task, where the row says it. */
  podsOf(row: number): number | undefined {
    return this.stream.shapes[row]!.pods;
  }

  /** The index of the shape, with constraints drawn. @param app Name of the application. */
  of(row: number, app: string): number {
    const { kind } = this.stream.shapes[row]!;
    let key: number | string = row;
    let options: ReadonlyArray<number> | undefined;
    let ofApp = this.isOfApp[row]!;
    if (this.mixes.length > 0) {
      const drawn = this.mixes.map(({ mix, uniform, option }) => {
        // Drawn for every pod, so that a share of pods with GPUs does not depend on the other pods.
        const isHit = uniform() < mix.share;
        const index = option();
        if (!isHit || (mix.of !== 'all' && (mix.of === 'gpu') !== (kind.gpus ?? 0) > 0)) return -1;
        ofApp ||= isOfOwner(mix.options[index]!);
        return index;
      });
      options = drawn;
      key = `${row}/${drawn.join('/')}`;
    }
    if (ofApp) key = `${key}/${app}`;
    let shape = this.byKey.get(key);
    if (shape === undefined) {
      shape = this.sink.shape(this.make(row, options ?? [], app));
      this.byKey.set(key, shape);
    }
    return shape;
  }

  private make(row: number, options: readonly number[], app: string): PodShape {
    const { shapes, name: stream } = this.stream;
    let choice: ShapeChoice = shapes[row]!;
    const suffixes = choice.spec === undefined && choice.labels === undefined ? [] : [`s${row}`];
    for (const [i, index] of options.entries()) {
      if (index < 0) continue;
      const { models, weight: _, ...option } = this.mixes[i]!.mix.options[index]!;
      choice = {
        ...choice,
        ...option,
        kind: models === undefined ? choice.kind : { ...choice.kind, models },
        spec: laidOver(choice.spec, option.spec) as Partial<PodSpec> | undefined,
      };
      if (option.spec !== undefined) suffixes.push(`c${i}o${index}`);
    }
    const { kind, perNode, perRack, spread, spec, labels } = choice;
    const suffix = [kind.suffix, ...suffixes].filter((part) => part !== undefined).join('-');
    const made = shapeOf({
      ...kind,
      labels,
      ...(perNode === undefined ? {} : { perNode: { most: perNode, owner: app } }),
      ...(perRack === undefined ? {} : { perRack: { most: perRack, owner: app } }),
      ...(spread === undefined ? {} : { spread: { keys: spread, owner: app } }),
      // Equal names mean equal shapes throughout the trace.
      suffix: suffix === '' ? undefined : suffixes.length > 0 ? `${stream}-${suffix}` : suffix,
    });
    const shape = { ...made, spec: laidOver(made.spec, spec) as PodSpec };
    const metadata = { name: 'a-pod', labels: shape.labels };
    check({ apiVersion: 'v1', kind: 'Pod', metadata, spec: shape.spec } as Pod, `workload ${stream}, shape ${row}`);
    return shape;
  }
}

const isOfOwner = ({ perNode, perRack, spread }: Pick<ShapeChoice, 'perNode' | 'perRack' | 'spread'>): boolean =>
  (perNode ?? perRack ?? spread) !== undefined;

/** Maps are joined, lists are put one after the other, and of single values the upper counts. */
function laidOver(lower: unknown, upper: unknown): unknown {
  if (upper === undefined) return lower;
  if (Array.isArray(lower) && Array.isArray(upper)) return [...lower, ...upper];
  if (!isMap(lower) || !isMap(upper)) return upper;
  const joined: Record<string, unknown> = { ...lower };
  for (const [key, value] of Object.entries(upper)) joined[key] = laidOver(lower[key], value);
  return joined;
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** As an API server would look at it. Throws InputError. */
export function check(object: KubeObject, where: string): void {
  const undecodable = decodeObject(object);
  const [problem] = undecodable.length > 0 ? undecodable : validateKind(object);
  if (problem !== undefined) throw new InputError(problem.text, { path: where });
}
