/** A generator's nodes and pods, one at a time into a sink, pods in the order of their arrival. */
import type { TraceSink } from '../trace/model.ts';
import { nameOf } from '../trace/shapes.ts';
import { nodeMaker } from '../trace-kinds.ts';
import { type ArrivalProcess, arrivalProcess } from './arrival-process.ts';
import { chooser, countsOf, type Draw, drawsOf } from './distribution.ts';
import type { Generator, Stream } from './model.ts';
import { randomStream } from './random-stream.ts';
import { check, ShapeTable } from './shape-table.ts';

/** Memory does not grow with the pods. Throws InputError for what an API server would refuse. */
export function generate(generator: Generator, seed: number, sink: TraceSink): void {
  makeNodes(generator, sink);
  const sources = generator.streams.map((stream) => new StreamSource(stream, generator, seed, sink));
  for (;;) {
    let earliest = sources[0]!;
    for (const source of sources) if (source.at < earliest.at) earliest = source;
    if (!(earliest.at < generator.durationSeconds)) return;
    earliest.emit();
  }
}

function makeNodes({ nodes }: Generator, sink: TraceSink): void {
  const numbers = new Map<string, number>();
  for (const { count, pool } of nodes) {
    const index = sink.pool(pool);
    const name = nameOf(pool.name);
    check(nodeMaker(pool)('a-node'), `nodes ${pool.name}`);
    let number = numbers.get(name) ?? 0;
    for (let i = 0; i < count; i++) sink.node(`${name}-${number++}`, index);
    numbers.set(name, number);
  }
}

/** The jobs of one stream, an instant at a time. */
class StreamSource {
  /** Seconds of the next instant. */
  at: number;
  private readonly stream: Stream;
  private readonly sink: TraceSink;
  private readonly arrivals: ArrivalProcess;
  private readonly shapes: ShapeTable;
  private readonly batch: Draw;
  private readonly tasks: Draw;
  private readonly pods: Draw;
  private readonly lifetime: Draw;
  private readonly app: Draw;
  private jobs = 0;

  constructor(stream: Stream, { startSeconds, durationSeconds }: Generator, seed: number, sink: TraceSink) {
    const { name } = stream;
    const random = (part: string) => randomStream(seed, `${name}/${part}`);
    this.stream = stream;
    this.sink = sink;
    this.arrivals = arrivalProcess(stream.arrivals, seed, name, startSeconds, durationSeconds);
    this.shapes = new ShapeTable(stream, seed, sink);
    this.batch = countsOf(stream.batch, random('batch'));
    this.tasks = countsOf(stream.tasks, random('tasks'));
    this.pods = countsOf(stream.pods, random('pods'));
    this.lifetime = drawsOf(stream.lifetime, random('lifetime'));
    this.app = chooser(
      Array.from({ length: stream.apps }, (_, k) => (k + 1) ** -stream.appSkew),
      random('apps'),
    );
    this.at = this.arrivals.next();
  }

  emit(): void {
    const jobs = this.batch();
    let longest = 0;
    // Jobs of one instant are of one application.
    const app = this.stream.apps > 0 ? `${this.stream.name}-app-${this.app()}` : '';
    for (let i = 0; i < jobs; i++) longest = Math.max(longest, this.job(app));
    this.arrivals.took(longest);
    this.at = this.arrivals.next();
  }

  /** How long its last pod lives. */
  private job(app: string): number {
    const { sink, stream, at } = this;
    const name = `${stream.name}-${this.jobs++}`;
    const owner = app === '' ? name : app;
    const tasks = Array.from({ length: this.tasks() }, () => {
      const row = this.shapes.row();
      const count = this.pods();
      return { row, count: this.shapes.podsOf(row) ?? count };
    });
    const gang = stream.isGang ? tasks.reduce((sum, { count }) => sum + count, 0) : 0;
    let longest = 0;
    for (const [task, { row, count }] of tasks.entries()) {
      const shape = this.shapes.of(row, owner);
      const shared = this.lifetime();
      const prefix = tasks.length > 1 ? `${name}-${task}` : name;
      for (let i = 0; i < count; i++) {
        const lifetime = i === 0 || stream.lifetimePer === 'task' ? shared : this.lifetime();
        longest = Math.max(longest, lifetime);
        sink.pod(count > 1 ? `${prefix}-${i}` : prefix, shape, at, lifetime, owner, gang > 1 ? gang : 0);
      }
    }
    return longest;
  }
}
