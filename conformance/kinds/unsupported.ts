/** Golden files of parts that berth does not have yet: told apart by content, and failing instead of being skipped. */
import { isObject } from '../compare.ts';
import type { Document } from '../golden-file.ts';

const KINDS: ReadonlyArray<readonly [name: string, recognises: (document: Document) => boolean]> = [
  ['optimum instance', ({ objective, optimum }) => typeof objective === 'string' && isObject(optimum)],
  ['recording of requests', ({ about, recordings }) => typeof about === 'string' && Array.isArray(recordings)],
];

/** The name of a kind that is known but cannot be run; undefined for any other document. */
export const unsupportedKind = (document: Document): string | undefined =>
  KINDS.find(([, recognises]) => recognises(document))?.[0];
