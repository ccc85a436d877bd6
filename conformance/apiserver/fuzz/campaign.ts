/**
 * A campaign of odd requests. Of every answer: it comes, it is no 5xx but for a timeout, a refusal is a Status that says what
 * and where, and it has changed nothing in the store; what was accepted is taken back unchanged when it is sent again.
 */
import fc from 'fast-check';
import { choices, Draw, shrinkable } from './draw.ts';
import { type FuzzAnswer, faultOf, jsonOf } from './judge.ts';
import { type FuzzRequest, type Material, requestOf } from './requests.ts';
import type { FuzzTarget } from './target.ts';

export interface Finding {
  readonly fault: string;
  /** The smallest request that shows it, as far as it was looked for. */
  readonly request: string;
}

export interface CampaignOptions {
  readonly target: FuzzTarget;
  readonly recorded: Material['recorded'];
  readonly requests: number;
  readonly seed: number;
  /** Findings after which it is enough. @default 20 */
  readonly enough?: number;
  /** Told of every round, at which the server is as new. */
  readonly round?: (done: number) => void;
}

export interface CampaignResult {
  readonly requests: number;
  readonly byStatus: ReadonlyMap<number, number>;
  /** Objects sent back as they had come. */
  readonly roundTrips: number;
  readonly findings: readonly Finding[];
}

const ROUND = 1000;

export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { target, requests, seed, enough = 20, round } = options;
  const material = await target.material(options.recorded);
  const judge = new Judge(target, material);
  const findings = new Map<string, Finding>();
  let done = 0;
  while (done < requests && findings.size < enough) {
    const numRuns = Math.min(ROUND, requests - done);
    for (const numbers of fc.sample(choices, { numRuns, seed: seed + done })) {
      const fault = await judge.faultOf(numbers);
      if (fault === undefined) continue;
      const known = signatureOf(fault);
      if (!findings.has(known)) findings.set(known, { fault, request: await smallest(judge, numbers, known) });
    }
    done += numRuns;
    await target.wipe();
    if (!(await target.isAlive())) findings.set('dead', { fault: 'the server says that it is not ready', request: '' });
    round?.(done);
  }
  return { requests: done, byStatus: judge.byStatus, roundTrips: judge.roundTrips, findings: [...findings.values()] };
}

/** What varies from one finding to the next of its kind is left out. */
const signatureOf = (fault: string): string =>
  fault
    .replace(/"(?:[^"\\]|\\.)*"/g, '""')
    .replace(/\d+/g, '0')
    .slice(0, 120);

/** Of looking for a smaller request. */
const SHRINK_MS = 4000;

/** @returns The text of the smallest request that shows the same. */
async function smallest(judge: Judge, numbers: readonly number[], known: string): Promise<string> {
  let best = numbers;
  let last: Promise<unknown> = Promise.resolve();
  const property = fc.asyncProperty(shrinkable, async (fewer) => {
    const judged = judge.faultOf(fewer);
    last = judged;
    const fault = await judged;
    if (fault === undefined || signatureOf(fault) !== known) return true;
    best = fewer;
    return false;
  });
  await fc.check(property, { examples: [[[...numbers]]], numRuns: 1, interruptAfterTimeLimit: SHRINK_MS });
  // One that was interrupted is still on its way.
  await last;
  return textOf(judge.requestOf(best));
}

function textOf({ method, path, headers, body, raw }: FuzzRequest): string {
  if (raw !== undefined) return JSON.stringify(raw.toString('latin1').slice(0, 300));
  const { authorization: _, ...shown } = headers;
  const what = body === undefined ? '' : `\n    ${cut(body.toString(), 600)}`;
  return `${method} ${cut(path, 300)} ${JSON.stringify(shown)}${what}`;
}

const cut = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length)}…` : text);

class Judge {
  readonly byStatus = new Map<number, number>();
  roundTrips = 0;
  private readonly target: FuzzTarget;
  private readonly material: Material;

  constructor(target: FuzzTarget, material: Material) {
    this.target = target;
    this.material = material;
  }

  requestOf(numbers: readonly number[]): FuzzRequest {
    return requestOf(new Draw(numbers), this.material);
  }

  async faultOf(numbers: readonly number[]): Promise<string | undefined> {
    const { target } = this;
    const request = this.requestOf(numbers);
    const before = target.revision;
    let answer: FuzzAnswer;
    try {
      answer = await target.send(request);
    } catch (error) {
      return `no answer: ${error instanceof Error ? error.message : String(error)}`;
    }
    this.byStatus.set(answer.status, (this.byStatus.get(answer.status) ?? 0) + 1);
    if (request.raw !== undefined) return undefined;
    const fault = faultOf(answer, request.method === 'HEAD', /[?&]watch=/.test(request.path));
    if (fault !== undefined) return fault;
    const isRefused = answer.status >= 400;
    const isReading = request.method === 'GET' || request.method === 'HEAD';
    const isDry = /[?&]dryRun=All(&|$)/.test(request.path);
    const mayChange = request.method === 'DELETE' && COLLECTION.test(request.path);
    if ((isRefused || isReading || isDry) && !mayChange && target.revision !== before) {
      return `${request.method} was answered ${answer.status}${isDry ? ' (dry run)' : ''} and has changed the store: ${answer.text.slice(0, 200)}`;
    }
    return isRefused || isReading || isDry ? undefined : this.roundTrip(request, answer);
  }

  /** What was given out is what is there, and may be sent back. */
  private async roundTrip({ method, path }: FuzzRequest, { text }: FuzzAnswer): Promise<string | undefined> {
    if (method === 'DELETE') return undefined;
    const object = jsonOf(text) as
      | { kind?: string; metadata?: { name?: string; deletionTimestamp?: string } }
      | undefined;
    const { name, deletionTimestamp } = object?.metadata ?? {};
    if (name === undefined || deletionTimestamp !== undefined || FORMS.has(object?.kind ?? '')) return undefined;
    const [place = ''] = path.split('?');
    const at = method === 'POST' ? `${place.replace(/\/$/, '')}/${encodeURIComponent(name)}` : place;
    const there = await this.target.get(at);
    if (there.status !== 200) return undefined;
    if (there.text !== text)
      return `a GET gives something else than the ${method} before it:\n    ${difference(text, there.text)}`;
    const before = this.target.revision;
    const headers = { authorization: `Bearer ${this.target.token}`, 'content-type': 'application/json' };
    const again = await this.target.send({ method: 'PUT', path: at, headers, body: Buffer.from(text) });
    this.roundTrips++;
    if (again.status === 405) return undefined;
    if (again.status !== 200) return `an object sent back as it came is refused: ${again.text.slice(0, 300)}`;
    if (again.text !== text)
      return `an object sent back as it came is another one:\n    ${difference(text, again.text)}`;
    return this.target.revision === before ? undefined : 'an object sent back as it came is written again';
  }
}

/** Those before the first that is refused are gone. */
const COLLECTION = /^\/apis?(\/[^/?]+){1,2}(\/namespaces\/[^/?]*)?\/[a-z]+\/?(\?|$)/;
/** Forms of an answer that are not the object. */
const FORMS: ReadonlySet<string> = new Set(['PartialObjectMetadata', 'Table']);

function difference(a: string, b: string): string {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  const around = (text: string): string => text.slice(Math.max(0, at - 60), at + 80);
  return `${around(a)}\n    ${around(b)}`;
}
