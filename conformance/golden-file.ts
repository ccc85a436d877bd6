/**
 * Reading golden files: one JSON document each, `.json.gz` or plain `.json`. Everything that is wrong with a file is an
 * InputError that names it.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { InputError } from '../api/index.ts';
import { isObject } from './compare.ts';

export type Document = Readonly<Record<string, unknown>>;

export interface GoldenFile {
  readonly path: string;
  /** Relative to the folder that was asked for, with `/`. */
  readonly name: string;
  /** The folder that holds the file. */
  readonly family: string;
}

/** Which programs made the answers of a folder; no case. */
const ABOUT_THE_MAKERS = 'versions.json';

const WHY_NO_FOLDER: Readonly<Record<string, string>> = {
  ENOENT: 'no such folder',
  ENOTDIR: 'not a folder; give the folder that holds the golden files',
};

/** All golden files under a folder, sorted by name. Throws InputError when there is none to be had. */
export function findGoldenFiles(folder: string): GoldenFile[] {
  const root = resolve(folder);
  let entries: string[];
  try {
    entries = readdirSync(root, { recursive: true, encoding: 'utf8' });
  } catch (error) {
    throw new InputError(`${folder}: ${WHY_NO_FOLDER[codeOf(error)] ?? `cannot be read: ${reasonOf(error)}`}`);
  }
  const files = entries
    .map((entry) => join(root, entry))
    .filter(
      (path) =>
        /\.json(\.gz)?$/.test(path) &&
        basename(path) !== ABOUT_THE_MAKERS &&
        !statSync(path, { throwIfNoEntry: false })?.isDirectory(),
    )
    .map((path) => ({ path, name: relative(root, path).replaceAll('\\', '/'), family: basename(dirname(path)) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  if (files.length === 0) throw new InputError(`${folder}: no golden files (*.json.gz) in this folder or below`);
  return files;
}

export function readDocument(path: string): Document {
  let document: unknown;
  try {
    const bytes = readFileSync(path);
    const text = path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch (error) {
    throw notGolden(path, reasonOf(error));
  }
  if (!isObject(document)) throw notGolden(path, 'a JSON object is expected');
  return document;
}

export const notGolden = (path: string, why: string): InputError =>
  new InputError(`${path}: not a golden file: ${why}`);

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
