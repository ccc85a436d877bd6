/** Files as bytes that come piece by piece, whatever their length. */
import { openSync, readSync } from 'node:fs';
import type { ByteSource } from '../api/index.ts';

/** @param file `-` for standard input. The file stays open, so that errors can be placed in it. */
export function byteSource(file: string): ByteSource {
  const isSeekable = file !== '-';
  const descriptor = isSeekable ? openSync(file, 'r') : 0;
  return {
    isSeekable,
    read: (into, offset) => readSync(descriptor, into, 0, into.length, isSeekable ? offset : null),
  };
}
