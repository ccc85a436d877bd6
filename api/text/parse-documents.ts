/** A text of one or more documents, JSON or YAML, as plain values. */
import { InputError } from '../errors.ts';
import { jsonErrorAt } from './json.ts';
import { jsonValueEnd, skipJsonSpace } from './json-scan.ts';
import { positionAt } from './position.ts';
import { readBlockYaml } from './yaml/block.ts';
import { parseYamlDocuments, YamlError } from './yaml.ts';

/** JSON documents with `---` lines between them are YAML. */
export const isJson = (text: string): boolean => /^\s*\{/.test(text) && !text.includes('\n---');

/** Throws InputError with the place of what is wrong. */
export const parseDocuments = (text: string, file: string): unknown[] =>
  isJson(text) ? parseJsonStream(text, file) : parseYamlStream(text, file);

function parseJsonStream(text: string, file: string): unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    // Several documents, or a fault; the slower way tells which.
  }
  const values: unknown[] = [];
  for (const [from, to] of jsonDocuments(text)) {
    try {
      values.push(JSON.parse(text.slice(from, to)));
    } catch (cause) {
      const wrong = jsonErrorAt(text, from);
      if (wrong === undefined) throw cause;
      throw new InputError(`not JSON: ${wrong.message}`, { file, ...positionAt(text, wrong.at) });
    }
  }
  return values;
}

/** Where each JSON document of a text starts and ends. */
export function* jsonDocuments(text: string): Generator<readonly [from: number, to: number]> {
  let from = skipJsonSpace(text, 0);
  while (from < text.length) {
    const to = jsonValueEnd(text, from);
    yield [from, to];
    from = skipJsonSpace(text, to);
  }
}

function parseYamlStream(text: string, file: string): unknown[] {
  const quick = readBlockYaml(text);
  if (quick !== undefined) return quick;
  try {
    return parseYamlDocuments(text).map(({ value, repeats: [repeat] }) => {
      if (repeat !== undefined) {
        throw new InputError(`key ${repeat.shown} is given twice in one map`, { file, ...positionAt(text, repeat.at) });
      }
      return value;
    });
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    const place = error.at === undefined ? {} : positionAt(text, error.at);
    throw new InputError(`not YAML: ${error.problem}`, { file, ...place });
  }
}
