/** Replays what real clients sent, and holds the answers against those of a real API server. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Wire } from '../../cluster/apiserver/wire/index.ts';
import { comparable, firstDifference } from './equivalent.ts';
import { prepare, transitions } from './prepare.ts';
import type { RecordedAnswers, RecordedCase, RecordedClients, SentRequest } from './recorded.ts';
import { type Answer, send } from './sender.ts';
import { withServer } from './test-server.ts';

export interface ReplayResult {
  /** File, and within it client and command. */
  readonly group: string;
  readonly name: string;
  /** Undefined when it says the same. */
  readonly difference: string | undefined;
}

const isAnswers = (name: string): boolean => /^apiserver-.*\.json(\.gz)?$/.test(name);
const isRequests = (name: string): boolean => /-requests\.json(\.gz)?$/.test(name);

/** Whether a folder holds recordings of this kind. */
export const holdsRecordings = (folder: string): boolean =>
  existsSync(folder) && readdirSync(folder).some((name) => isAnswers(name) || isRequests(name));

export function readRecording(path: string): string {
  const bytes = readFileSync(path);
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
}

export async function replayFolder(folder: string): Promise<ReplayResult[]> {
  const results: ReplayResult[] = [];
  for (const name of readdirSync(folder).sort()) {
    if (!isAnswers(name) && !isRequests(name)) continue;
    const recorded: unknown = JSON.parse(readRecording(join(folder, name)));
    if (isAnswers(name)) results.push(...(await replayAnswers(name, recorded as RecordedAnswers)));
    else results.push(...(await replayClients(name, recorded as RecordedClients)));
  }
  return results;
}

// --- requests and answers of a server ----------------------------------------------------------------------------------

/** The server tells its own name: only the status is compared. */
const STATUS_ONLY: ReadonlySet<string> = new Set(['version']);

export const replayAnswers = (file: string, { cases }: RecordedAnswers): Promise<ReplayResult[]> =>
  withServer(async (server) => {
    const results: ReplayResult[] = [];
    const names = new Names();
    for (const each of cases) {
      if (each.res.events !== undefined) {
        const told = await transitions(server, each.res.events.length);
        const expected = each.res.events.map(([type, labels]) => ({ type, labels }));
        results.push({ group: file, name: each.name, difference: firstDifference(expected, told) });
        continue;
      }
      await prepare(server, each);
      const { wire } = server;
      const answer = await send(wire.url, {
        ...each.req,
        path: names.ours(each.req.path),
        body: bodyOf(each.req.body, names),
        token: tokenFor(each.name, wire),
      });
      const difference = differenceOf(each, answer, wire, names);
      results.push({ group: file, name: each.name, difference });
      names.learn(each.res.body, parsed(answer.text));
    }
    return results;
  });

function tokenFor(name: string, { credentials }: Wire): string | undefined {
  if (name === 'no token') return undefined;
  return name === 'bad token' ? 'nobody' : credentials.adminToken;
}

function bodyOf(body: unknown, names: Names): string | undefined {
  if (body === undefined) return undefined;
  return names.ours(typeof body === 'string' ? body : JSON.stringify(body));
}

function differenceOf({ name, req, res }: RecordedCase, answer: Answer, wire: Wire, names: Names): string | undefined {
  if (answer.status !== res.status)
    return `status: ${res.status} recorded, ${answer.status} given: ${answer.text.slice(0, 300)}`;
  if (STATUS_ONLY.has(name)) return undefined;
  const type = res.contentType ?? '';
  if (answer.contentType !== type) return `content type: ${type} recorded, ${answer.contentType} given`;
  if (res.warning !== undefined && res.warning !== answer.warning) {
    return `warning: ${res.warning} recorded, ${answer.warning} given`;
  }
  const body = typeof res.body === 'string' ? res.body : names.ours(JSON.stringify(res.body));
  const host = new URL(wire.url).host;
  const recorded = typeof res.body === 'string' ? body : (JSON.parse(body.replaceAll('HOST:PORT', host)) as unknown);
  const isStream = /[?&]watch=/.test(req.path) && typeof recorded === 'object';
  const given = isStream ? linesOf(answer.text, recorded) : parsed(answer.text);
  return firstDifference(comparable(recorded), comparable(given));
}

/** A line alone was recorded as one object. A last bookmark is ours: a client may go on from there. */
function linesOf(text: string, recorded: object | null): unknown {
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { type?: string; object?: { metadata?: { annotations?: unknown } } });
  const last = lines.at(-1);
  if (last?.type === 'BOOKMARK' && last.object?.metadata?.annotations === undefined) lines.pop();
  return Array.isArray(recorded) ? lines : lines.length === 1 ? lines[0] : (parsed(text) as unknown);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** UIDs and tokens of the recording, and what they are called here. */
class Names {
  private readonly known = new Map<string, string>();

  ours(text: string): string {
    let result = text;
    for (const [theirs, own] of this.known) result = result.replaceAll(theirs, own);
    return result;
  }

  learn(theirs: unknown, own: unknown): void {
    for (const key of ['uid', 'continue']) {
      const recorded = metadataOf(theirs)?.[key];
      const given = metadataOf(own)?.[key];
      if (typeof recorded === 'string' && typeof given === 'string' && recorded !== given)
        this.known.set(recorded, given);
    }
  }
}

const metadataOf = (value: unknown): Record<string, unknown> | undefined =>
  (value as { metadata?: Record<string, unknown> } | undefined)?.metadata;

// --- requests of clients -----------------------------------------------------------------------------------------------

/** Whether a watch opens is known with its status. */
const GIVE_UP_MS = 5;

/**
 * Every request must be answered with the status that was recorded, in a form that the client takes. The recording server
 * was a throwaway one that knew less: what it refused and a real server serves is named here.
 */
export const replayClients = async (file: string, { recordings }: RecordedClients): Promise<ReplayResult[]> => {
  const results: ReplayResult[] = [];
  for (const { client, commands, requests = [] } of recordings) {
    const all = commands ?? [{ command: 'from start to end', requests }];
    await withServer(async ({ wire }) => {
      await fill(wire, client.startsWith('kube-scheduler'));
      for (const { command, requests: sent } of all) {
        let difference: string | undefined;
        for (const request of sent) difference ??= await replayOne(wire, request);
        results.push({ group: `${file}: ${client}`, name: command, difference });
      }
    });
  }
  return results;
};

async function replayOne(wire: Wire, sent: SentRequest): Promise<string | undefined> {
  const { method, path, query = '', accept, contentType, status } = sent;
  const token = wire.credentials.adminToken;
  // Bodies in protobuf were written down decoded or not at all, long ones cut.
  if (contentType === 'application/vnd.kubernetes.protobuf') return undefined;
  const current = method === 'PUT' ? parsed((await send(wire.url, { method: 'GET', path, token })).text) : undefined;
  const version = metadataOf(current)?.resourceVersion;
  const body = sent.body === undefined ? undefined : bodyToSend(sent.body, version);
  if (body === null) return undefined;
  const isWatch = sent.watch === true || /(^|&)watch=(true|1)/.test(query);
  const answer = await send(wire.url, {
    method,
    path: `${path}${query === '' ? '' : `?${query.replaceAll(' ', '%20')}`}`,
    accept,
    contentType: contentType || undefined,
    body,
    token,
    giveUpMs: isWatch ? GIVE_UP_MS : undefined,
  });
  if (answer.status === status || isKnownDifference(sent, answer.status)) return undefined;
  return `${method} ${path}?${query}: ${status} recorded, ${answer.status} given: ${answer.text.slice(0, 200)}`;
}

/** The recording server was a throwaway one. */
function isKnownDifference({ path, query = '', status }: SentRequest, given: number): boolean {
  // One recording refused streaming lists, which are served here.
  if (status === 422 && query.includes('sendInitialEvents=true')) return given === 200;
  // Groups that it told of and that are not served here, so that nobody would ask.
  return given === 404 && /^\/apis\/(networking\.k8s\.io|autoscaling)\/v1$/.test(path);
}

/** UIDs and versions were those of the recorded objects; null for a body that was cut. */
function bodyToSend(body: unknown, resourceVersion: unknown): string | null {
  try {
    const object: unknown = typeof body === 'string' ? JSON.parse(body) : body;
    const metadata = metadataOf(object);
    if (metadata !== undefined) {
      delete metadata.uid;
      if (metadata.resourceVersion !== undefined) metadata.resourceVersion = resourceVersion;
    }
    return JSON.stringify(object);
  } catch {
    return null;
  }
}

/** What was there when the clients were recorded. */
async function fill(wire: Wire, withPods: boolean): Promise<void> {
  const post = (path: string, body: object): Promise<Answer> =>
    send(wire.url, {
      method: 'POST',
      path,
      contentType: 'application/json',
      body: JSON.stringify(body),
      token: wire.credentials.adminToken,
    });
  const resources = { cpu: '4', memory: '8Gi', pods: '110' };
  for (const name of ['n0', 'n1', 'n2']) {
    await post('/api/v1/nodes', {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name },
      status: { capacity: resources, allocatable: resources, conditions: [{ type: 'Ready', status: 'True' }] },
    });
  }
  if (!withPods) return;
  for (const name of ['s1', 's2', 's3', 'hi']) {
    await post('/api/v1/namespaces/default/pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    });
  }
}
