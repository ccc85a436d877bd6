/** Reads a response as bytes, so that a thousand watchers cost the client little: lines are counted and hashed, not parsed. */
import { createHash, type Hash } from 'node:crypto';
import { Agent, get, type IncomingMessage } from 'node:http';
import { get as getByTls, Agent as TlsAgent } from 'node:https';
import type { Access } from '../../../cluster/client-http/index.ts';

const NEW_LINE = 0x0a;

/** Resolves when the head of the response is there; nobody reads its body yet. */
export function opened({ server, authority, token }: Access, path: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const url = new URL(path, server);
    const options = { headers: { authorization: `Bearer ${token}`, accept: 'application/json' } };
    const use = (response: IncomingMessage): void => {
      if (response.statusCode === 200) resolve(response);
      else reject(new Error(`${path}: HTTP status ${response.statusCode}`));
    };
    const request =
      url.protocol === 'https:'
        ? getByTls(url, { ...options, agent: new TlsAgent({ ca: authority }) }, use)
        : get(url, { ...options, agent: new Agent() }, use);
    request.on('error', reject);
  });
}

export class LineCounter {
  lines = 0;
  bytes = 0;
  private readonly hash: Hash = createHash('md5');

  take(chunk: Buffer): void {
    this.bytes += chunk.length;
    this.hash.update(chunk);
    for (let at = chunk.indexOf(NEW_LINE); at >= 0; at = chunk.indexOf(NEW_LINE, at + 1)) this.lines++;
  }

  /** Of everything so far; nothing may follow. */
  digest(): string {
    return this.hash.digest('hex');
  }
}

/** Reads to the end. */
export async function drained(response: IncomingMessage): Promise<LineCounter> {
  const counter = new LineCounter();
  for await (const chunk of response) counter.take(chunk as Buffer);
  return counter;
}
