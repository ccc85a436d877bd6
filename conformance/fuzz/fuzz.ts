/**
 * Fresh cases against the oracle: generate, solve with both, compare, and shrink what differs. Batches of the families
 * take turns, and the next batch is made while this one is checked.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Check, checkDocument } from '../check.ts';
import { differenceLines } from '../difference-text.ts';
import { notGolden, readDocument } from '../golden-file.ts';
import type { RunOptions } from '../kinds/kind.ts';
import type { BatchOutcome, CaseSource } from './oracle.ts';
import { type Case, shrink } from './shrink.ts';
import { signaturesOf } from './signature.ts';

export const FAMILIES = [
  ...['resources', 'balanced', 'nodeaffinity', 'taints', 'ports', 'spread', 'interpod', 'images', 'volumes'],
  ...['preemption', 'sampling', 'profiles', 'mixed', 'sequence', 'cluster', 'fitmessages', 'config'],
] as const;

/** Cases of these are long. */
const BIG_FAMILIES = new Set(['sequence', 'cluster', 'sampling']);

/** Failures of one kind that are named one by one. */
const NAMED_PER_KIND = 3;

export interface FuzzOptions extends RunOptions {
  readonly oracle: CaseSource;
  readonly families: readonly string[];
  /** Cases per family. */
  readonly count: number;
  readonly seed: number;
  /** Size factor for node and pod counts. @default 1 */
  readonly scale?: number;
  /** Folder for shrunk cases. */
  readonly out: string;
  /** No new batch is started after this. @default never */
  readonly deadlineMs?: number;
  /** Oracle calls that shrinking one case may take. @default 1500 */
  readonly shrinkCalls?: number;
  readonly log: (line: string) => void;
  /** After every batch. */
  readonly onProgress?: (counts: readonly FamilyCount[]) => void;
}

export interface FamilyCount {
  readonly family: string;
  cases: number;
  pods: number;
  attempts: number;
  passed: number;
  failed: number;
  /** Cases that the oracle's own assertions stopped; there is nothing to compare with. */
  refused: number;
}

interface Finding {
  readonly family: string;
  readonly index: number;
  readonly document: Case;
  readonly check: Check;
}

export async function fuzz(options: FuzzOptions): Promise<FamilyCount[]> {
  const work = mkdtempSync(join(tmpdir(), 'berth-fuzz-'));
  try {
    return await new Fuzzer(options, work).run();
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

interface Turn {
  readonly counted: FamilyCount;
  readonly index: number;
  readonly folder: string;
  readonly outcome: Promise<BatchOutcome>;
}

class Fuzzer {
  private readonly options: FuzzOptions;
  private readonly work: string;
  private readonly counts: FamilyCount[];
  /** Cases taken per family, refused ones included. */
  private readonly taken = new Map<string, number>();
  /** How many cases failed in each way. */
  private readonly seen = new Map<string, number>();
  private batches = 0;

  constructor(options: FuzzOptions, work: string) {
    this.options = options;
    this.work = work;
    this.counts = options.families.map((family) => ({
      ...{ family, cases: 0, pods: 0, attempts: 0, passed: 0, failed: 0, refused: 0 },
    }));
  }

  async run(): Promise<FamilyCount[]> {
    let turn = this.startTurn(0);
    while (turn !== undefined) {
      const current = turn;
      const outcome = await current.outcome;
      // A refusal cuts a batch short, so the family's next index is known only now.
      this.taken.set(
        current.counted.family,
        current.index + outcome.files.length + (outcome.refusal === undefined ? 0 : 1),
      );
      const next = this.startTurn(this.counts.indexOf(current.counted) + 1);
      await this.checkBatch(current, outcome);
      this.options.onProgress?.(this.counts);
      turn = next;
    }
    for (const [kind, count] of this.seen) if (count > NAMED_PER_KIND) this.options.log(`${count} cases of ${kind}`);
    return this.counts;
  }

  /** Starts a batch of the next family, from `from` on, that still needs cases. */
  private startTurn(from: number): Turn | undefined {
    const { count, seed, scale = 1, oracle, deadlineMs } = this.options;
    if (deadlineMs !== undefined && performance.now() >= deadlineMs) return undefined;
    for (let i = 0; i < this.counts.length; i++) {
      const counted = this.counts[(from + i) % this.counts.length]!;
      const { family } = counted;
      const index = this.taken.get(family) ?? 0;
      if (index >= count) continue;
      const folder = join(this.work, String(this.batches++));
      const size = Math.min(count - index, BIG_FAMILIES.has(family) ? 10 : 50);
      const outcome = oracle.vectors({ family, seed, index, count: size, scale, out: folder });
      outcome.catch(() => {}); // it is awaited, and fails, one turn later
      return { counted, index, folder, outcome };
    }
    return undefined;
  }

  private async checkBatch({ counted, index, folder }: Turn, { files, refusal }: BatchOutcome): Promise<void> {
    const { family } = counted;
    for (let i = 0; i < files.length; i++) {
      const document = readDocument(files[i]!);
      const check = checkDocument(document, this.options);
      if (check === undefined)
        throw notGolden(files[i]!, 'the oracle wrote something else than a case with its result');
      counted.cases++;
      counted.pods += check.pods;
      counted.attempts += check.attempts;
      if (check.passed) counted.passed++;
      else {
        counted.failed++;
        await this.report({ family, index: index + i, document: document as Case, check });
      }
    }
    if (refusal !== undefined) {
      counted.refused++;
      this.options.log(`${family} index ${index + files.length}: the oracle stopped: ${refusal}`);
    }
    rmSync(folder, { recursive: true, force: true });
  }

  /** The first case of each kind of failure is shrunk and written, a few more are named, the rest is counted. */
  private async report({ family, index, document, check }: Finding): Promise<void> {
    const { seed, out, log } = this.options;
    const [signature] = signaturesOf(check);
    const kind = `${family} differs: ${signature}`;
    const before = this.seen.get(kind) ?? 0;
    this.seen.set(kind, before + 1);
    if (before < NAMED_PER_KIND) log(`${family} seed ${seed} index ${index} differs: ${signature}`);
    if (before > 0) return;
    const small = await this.shrunk(document.case as Case, signature!);
    const result = await this.options.oracle.solve(small);
    const smallCheck = checkDocument({ case: small, result }, this.options) ?? check;
    mkdirSync(out, { recursive: true });
    const path = join(out, `${family}-${seed}-${index}`);
    writeFileSync(`${path}.json`, `${JSON.stringify({ case: small, result }, null, 2)}\n`);
    writeFileSync(`${path}.txt`, findingText(`${family} seed ${seed} index ${index}`, smallCheck));
    log(`  shrunk to ${sizeText(small)}: ${path}.json`);
    for (const line of findingLines(smallCheck).slice(0, 12)) log(`  ${line}`);
  }

  private async shrunk(testCase: Case, signature: string): Promise<Case> {
    const { oracle, shrinkCalls = 1500 } = this.options;
    const tried = new Map<string, boolean>();
    return shrink(testCase, async (candidate) => {
      const key = JSON.stringify(candidate);
      const before = tried.get(key);
      if (before !== undefined || tried.size >= shrinkCalls) return before ?? false;
      const result = await oracle.solve(candidate);
      const check = result === undefined ? undefined : checkDocument({ case: candidate, result }, this.options);
      const fails = check !== undefined && signaturesOf(check).includes(signature);
      tried.set(key, fails);
      return fails;
    });
  }
}

const sizeText = (testCase: Case): string => {
  const lists = Object.entries(testCase).flatMap(([name, value]) =>
    Array.isArray(value) && value.length > 0 ? [`${value.length} ${name}`] : [],
  );
  return lists.length > 0 ? lists.join(', ') : `${JSON.stringify(testCase).length} characters`;
};

function findingLines({ problem, differences }: Check): string[] {
  if (problem !== undefined) return [problem];
  return differences.flatMap((difference) => {
    const [head, ...rest] = differenceLines(difference);
    return [head!, ...rest.map((line) => `  ${line}`)];
  });
}

const findingText = (title: string, check: Check): string => `${[title, '', ...findingLines(check)].join('\n')}\n`;
