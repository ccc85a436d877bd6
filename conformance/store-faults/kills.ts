/**
 * Kills the writing process at random moments, again and again on one folder, and looks after each at what is on disk: every
 * acknowledged write is there under its revision, no revision means something else than before, and the watch goes on where
 * it was, without gap or duplicate.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ask, openEmbeddedStore, type Store, type StoreEvent } from '../../cluster/store/index.ts';

export interface KillCounts {
  kills: number;
  acknowledged: number;
  events: number;
  /** Written and on disk, but killed before anybody was told. */
  unacknowledged: number;
  failures: string[];
}

interface Run {
  readonly acknowledged: ReadonlyMap<number, ReadonlySet<string>>;
  readonly events: readonly { readonly revision: number; readonly line: string }[];
  readonly errors: readonly string[];
}

const WRITER = fileURLToPath(new URL('./writer.js', import.meta.url));

export async function runKills(
  folder: string,
  kills: number,
  random: () => number,
  progress: (counts: KillCounts) => void,
): Promise<KillCounts> {
  const counts: KillCounts = { kills: 0, acknowledged: 0, events: 0, unacknowledged: 0, failures: [] };
  const history = new History(counts.failures);
  for (let run = 0; run < kills; run++) {
    const seen = await killedRun(folder, run, history.nextEvent, 5 + random() * 120);
    counts.kills++;
    counts.acknowledged += seen.acknowledged.size;
    counts.events += seen.events.length;
    for (const error of seen.errors) counts.failures.push(`run ${run}: ${error}`);
    history.takeEvents(run, seen.events);
    const found = await changesOnDisk(folder);
    history.compare(run, found.changes, found.revision, seen.acknowledged);
    history.compareState(run, found.changes, found.state);
    counts.unacknowledged += history.unacknowledged(found.changes, seen.acknowledged);
    progress(counts);
    if (counts.failures.length > 20) break;
  }
  return counts;
}

/** Waits until it writes, and then as long as it is given. */
async function killedRun(folder: string, run: number, watchFrom: number, lifeMs: number): Promise<Run> {
  const child = spawn(process.execPath, [WRITER, folder, String(run), String(watchFrom)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  const ready = new Promise<void>((resolve) => {
    child.stdout!.on('data', (chunk: Buffer) => {
      output += chunk.toString('latin1');
      resolve();
    });
    child.stderr!.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.once('close', () => resolve());
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await ready;
  await new Promise((resolve) => setTimeout(resolve, lifeMs));
  const wasRunning = kill(child);
  await closed;
  return parse(output, wasRunning ? errors : `${errors || 'it ended by itself'}`);
}

function kill(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null && child.kill('SIGKILL');
}

function parse(output: string, errors: string): Run {
  const acknowledged = new Map<number, Set<string>>();
  const events: { revision: number; line: string }[] = [];
  const complaints = errors === '' ? [] : [errors.trim()];
  // What stands behind the last end of line may be cut short.
  for (const line of output.slice(0, output.lastIndexOf('\n')).split('\n')) {
    const [kind, revision, key, value] = line.split(' ');
    if (kind === 'A') {
      const lines = acknowledged.get(Number(revision)) ?? new Set();
      acknowledged.set(Number(revision), lines.add(`${key} ${value}`));
    } else if (kind === 'E') events.push({ revision: Number(revision), line: `${key} ${value}` });
    else if (kind === 'X') complaints.push(line);
  }
  return { acknowledged, events, errors: complaints };
}

const lineOf = ({ type, kv }: StoreEvent): string => `${kv.key} ${type === 'put' ? kv.value.text : '-'}`;

interface Found {
  readonly changes: Map<number, string[]>;
  readonly revision: number;
  /** What a client reads now. */
  readonly state: Map<string, string>;
}

/** All changes since the last compaction, and what they have led to, as a new process finds them. */
async function changesOnDisk(folder: string): Promise<Found> {
  const store: Store = openEmbeddedStore({ folder });
  const changes = new Map<number, string[]>();
  const { revision, compactRevision } = await ask((answer: Parameters<Store['status']>[0]) => store.status(answer));
  store.watch(
    { key: '\0', rangeEnd: '\0', startRevision: compactRevision + 1 },
    {
      events(events) {
        for (const event of events) {
          const lines = changes.get(event.kv.modRevision) ?? [];
          lines.push(lineOf(event));
          changes.set(event.kv.modRevision, lines);
        }
      },
    },
  );
  const { kvs } = await ask((answer: Parameters<Store['range']>[2]) =>
    store.range({ key: '\0', rangeEnd: '\0' }, {}, answer),
  );
  await ask<void>((answer) => store.close(answer));
  return { changes, revision, state: new Map(kvs.map(({ key, value }) => [key, value.text])) };
}

/** What was ever seen of each revision, by anybody. */
class History {
  private readonly failures: string[];
  private readonly seen = new Map<number, string>();
  private lastRevision = 1;
  private eventRevision = 1;
  private eventsOfRevision: string[] = [];
  /** What the events so far have led to. */
  private readonly state = new Map<string, string>();

  constructor(failures: string[]) {
    this.failures = failures;
  }

  /**
   * Where the watch of the next process begins. The last revision may have been cut off in the middle of its lines, so it is
   * asked for again and must be the same.
   */
  get nextEvent(): number {
    return Math.max(2, this.eventRevision);
  }

  takeEvents(run: number, events: Run['events']): void {
    const again = this.eventsOfRevision;
    this.eventsOfRevision = [];
    let resumed = this.eventRevision;
    for (const { revision, line } of events) {
      if (revision === resumed && revision === this.eventRevision && again.length > 0) {
        if (again.shift() !== line) this.fail(run, `event of revision ${revision} is another one after the restart`);
      } else if (revision !== this.eventRevision && revision !== this.eventRevision + 1) {
        this.fail(run, `the watch went from revision ${this.eventRevision} to ${revision}`);
      }
      if (revision !== this.eventRevision) {
        this.eventsOfRevision = [];
        resumed = -1;
      }
      this.eventRevision = revision;
      this.eventsOfRevision.push(line);
      apply(this.state, line);
    }
    if (events.length === 0) this.eventsOfRevision = again;
  }

  compare(
    run: number,
    changes: ReadonlyMap<number, readonly string[]>,
    revision: number,
    acknowledged: Run['acknowledged'],
  ): void {
    if (revision < this.lastRevision) this.fail(run, `the revision went back from ${this.lastRevision} to ${revision}`);
    if (revision < this.eventRevision)
      this.fail(run, `an event of revision ${this.eventRevision} was told and is gone`);
    for (const [at, lines] of changes) {
      const text = lines.join('\n');
      const before = this.seen.get(at);
      if (before !== undefined && before !== text) this.fail(run, `revision ${at} is another one than before`);
      if (before === undefined && at <= this.lastRevision) this.fail(run, `revision ${at} has appeared afterwards`);
      this.seen.set(at, text);
    }
    for (const [at, lines] of acknowledged) {
      if (at > revision) this.fail(run, `acknowledged revision ${at} is lost: the store stands at ${revision}`);
      const found = changes.get(at);
      // Compacted ones are not looked up; a store that lost them would have lost later ones.
      if (found === undefined && changes.size > 0 && at >= Math.min(...changes.keys())) {
        this.fail(run, `acknowledged revision ${at} is lost`);
      }
      for (const line of lines) {
        if (found !== undefined && !found.includes(line))
          this.fail(run, `acknowledged write of revision ${at} is lost`);
      }
    }
    this.lastRevision = revision;
  }

  /** A key that a compaction which was cut short brought back, or took away, would show here. */
  compareState(run: number, changes: Found['changes'], found: Found['state']): void {
    const expected = new Map(this.state);
    for (const [revision, lines] of changes) {
      if (revision >= this.eventRevision) for (const line of lines) apply(expected, line);
    }
    for (const key of new Set([...expected.keys(), ...found.keys()])) {
      if (expected.get(key) !== found.get(key)) this.fail(run, `${key} is not what was last written`);
    }
  }

  unacknowledged(changes: ReadonlyMap<number, unknown>, acknowledged: Run['acknowledged']): number {
    if (acknowledged.size === 0) return 0;
    const last = Math.max(...acknowledged.keys());
    return [...changes.keys()].filter((revision) => revision > last).length;
  }

  private fail(run: number, what: string): void {
    this.failures.push(`run ${run}: ${what}`);
  }
}

function apply(state: Map<string, string>, line: string): void {
  const at = line.indexOf(' ');
  const value = line.slice(at + 1);
  if (value === '-') state.delete(line.slice(0, at));
  else state.set(line.slice(0, at), value);
}
