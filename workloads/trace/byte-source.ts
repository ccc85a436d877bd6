/**
 * A file's bytes in chunks, unpacked when its first bytes say gzip or Zstandard (whatever its ending says), with the size
 * and checksum of the file as it is stored. Node 20 has no Zstandard of its own: fzstd does it.
 */
import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import path from 'node:path';
import type { Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import { InputError } from '../../api/index.ts';
import type { SourceFile } from '../workload.ts';

const CHUNK_BYTES = 1 << 18;
const TAR_MAGIC_AT = 257;

export type Packing = 'none' | 'gzip' | 'zstd';

/** By magic number: RFC 1952 and RFC 8878. */
export function packingOf(first: Uint8Array): Packing {
  if (first[0] === 0x1f && first[1] === 0x8b) return 'gzip';
  if (first[0] === 0x28 && first[1] === 0xb5 && first[2] === 0x2f && first[3] === 0xfd) return 'zstd';
  return 'none';
}

/** Reads a file once: iterate over it, then ask for what it was. A chunk is good until the next is asked for. */
export class ByteSource implements AsyncIterable<Uint8Array> {
  readonly file: string;
  readonly name: string;
  private readonly hash = createHash('sha256');
  private bytes = 0;

  constructor(file: string) {
    this.file = file;
    this.name = path.basename(file);
  }

  /** What the file was; complete once the iteration has ended. */
  source(): SourceFile {
    return { name: this.name, bytes: this.bytes, sha256: this.hash.copy().digest('hex') };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      const packing = packingOf(firstBytes(this.file, 4));
      let isFirst = true;
      for await (const chunk of packing === 'gzip'
        ? this.gunzipped()
        : packing === 'zstd'
          ? this.unzstd()
          : this.raw()) {
        if (isFirst && isTar(chunk)) throw this.fail('a tar archive; unpack it and name the file inside');
        isFirst = false;
        yield chunk;
      }
    } catch (error) {
      throw readableFileError(error, this.name);
    }
  }

  private *raw(): Generator<Uint8Array> {
    const handle = openSync(this.file, 'r');
    try {
      const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
      for (;;) {
        const bytes = buffer.subarray(0, readSync(handle, buffer, 0, buffer.length, null));
        if (bytes.length === 0) break;
        this.hash.update(bytes);
        this.bytes += bytes.length;
        yield bytes;
      }
    } finally {
      closeSync(handle);
    }
  }

  private async *gunzipped(): AsyncGenerator<Uint8Array> {
    const stream = createReadStream(this.file, { highWaterMark: CHUNK_BYTES });
    const gunzip: Transform = createGunzip({ chunkSize: CHUNK_BYTES });
    stream.on('data', (chunk) => {
      this.hash.update(chunk);
      this.bytes += chunk.length;
    });
    stream.on('error', (error) => gunzip.destroy(error));
    stream.pipe(gunzip);
    try {
      for await (const chunk of gunzip) yield chunk as Buffer;
    } finally {
      stream.destroy();
    }
  }

  private async *unzstd(): AsyncGenerator<Uint8Array> {
    const ready: Uint8Array[] = [];
    const unpack = new Decompress((chunk) => {
      if (chunk.length > 0) ready.push(chunk);
    });
    for (const chunk of this.raw()) {
      unpack.push(Uint8Array.from(chunk));
      yield* ready.splice(0);
    }
    unpack.push(new Uint8Array(0), true);
    yield* ready.splice(0);
  }

  private fail(problem: string): InputError {
    return new InputError(problem, { file: this.name });
  }
}

function isTar(chunk: Uint8Array): boolean {
  return (
    Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1', TAR_MAGIC_AT, TAR_MAGIC_AT + 5) ===
    'ustar'
  );
}

export function firstBytes(file: string, count: number): Uint8Array {
  const handle = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(count);
    return bytes.subarray(0, readSync(handle, bytes, 0, count, 0));
  } finally {
    closeSync(handle);
  }
}

/** The beginning of what is inside a file, as text; for telling what it is. */
export async function firstText(file: string, bytes = 1 << 14): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of new ByteSource(file)) {
    parts.push(Uint8Array.from(chunk));
    length += chunk.length;
    if (length >= bytes) break;
  }
  return Buffer.concat(parts)
    .toString('utf8', 0, bytes)
    .replace(/^\ufeff/, '');
}

/** What the file system, zlib and fzstd say, as one sentence for the user. */
export function readableFileError(error: unknown, file: string): unknown {
  if (error instanceof InputError || !(error instanceof Error)) return error;
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return new InputError('no such file', { file });
  if (code === 'EISDIR') return new InputError('this is a directory, not a file', { file });
  if (code === 'EACCES') return new InputError('no permission to read the file', { file });
  if (typeof code === 'string' && code.startsWith('Z_'))
    return new InputError('not a whole gzip file; fetch it again', { file });
  // fzstd numbers its errors.
  if (typeof code === 'number')
    return new InputError(`not a whole Zstandard file (${error.message}); fetch it again`, { file });
  return error;
}
