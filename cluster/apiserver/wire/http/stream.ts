/** Long answers in pieces: what the socket does not take is waited for, so that a list of any length needs little memory. */
import type { ServerResponse } from 'node:http';

const CHUNK_CHARACTERS = 64 * 1024;

/** Resolves when all is written, or when the client is gone. */
export async function writePieces(response: ServerResponse, pieces: Iterable<string>): Promise<void> {
  let chunk = '';
  for (const piece of pieces) {
    chunk += piece;
    if (chunk.length < CHUNK_CHARACTERS) continue;
    const isTaken = response.write(chunk);
    chunk = '';
    if (response.destroyed) return;
    if (!isTaken) await drained(response);
    else await turn();
  }
  if (!response.destroyed) response.end(chunk);
}

/** Lets others have the thread. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });

/** `a`, `,b`, `,c`. */
export function* separated(texts: Iterable<string>): Generator<string> {
  let isFirst = true;
  for (const text of texts) {
    yield isFirst ? text : `,${text}`;
    isFirst = false;
  }
}
