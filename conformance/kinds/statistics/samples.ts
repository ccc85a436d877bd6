/** Some files name samples of another file beside them instead of repeating them. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Document, readDocument } from '../../golden-file.ts';
import type { Fields } from './types.ts';

const HOLDERS = ['descriptive.json', 'descriptive.json.gz'];

/** The document with every `sample` that has no values of its own filled in. */
export function withSamples(document: Document, path: string): Document {
  const { topic, cases } = document;
  if (topic !== 'kolmogorov-smirnov' || !Array.isArray(cases)) return document;
  const holder = HOLDERS.map((name) => join(dirname(path), name)).find((file) => existsSync(file));
  if (holder === undefined) return document;
  const samples = readDocument(holder).cases as readonly Fields[];
  const valuesOf = new Map(samples.map(({ id, values }) => [id, values]));
  return {
    ...document,
    cases: (cases as readonly Fields[]).map((given) =>
      given.values === null ? { ...given, values: valuesOf.get(given.sample) } : given,
    ),
  };
}
