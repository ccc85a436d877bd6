/** Configuration text, JSON or YAML, as a tree. Source: `apimachinery/pkg/runtime/serializer/json/json.go`, v0.37.2. */
import { JsonSyntaxError, parseJson } from '../../api/text/json.ts';
import type { Value } from '../../api/text/value.ts';
import { parseYaml, YamlError } from '../../api/text/yaml.ts';
import { ConfigError } from './types.ts';

export interface ConfigText {
  readonly text: string;
  readonly value: Value;
  /** Keys given twice in YAML; in JSON the schema finds them. */
  readonly strictErrors: readonly string[];
}

/** White space in Go's sense; a byte order mark is none. */
const JSON_START = /^[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*\{/;

export const VERSION_AND_KIND_UNREADABLE = "couldn't get version/kind; json parse error";

/** A text that begins with `{` is JSON, any other YAML. Throws ConfigError. */
export function readText(text: string): ConfigText {
  try {
    if (JSON_START.test(text)) return { text, value: parseJson(text), strictErrors: [] };
    const { value, duplicateKeys } = parseYaml(text);
    return { text, value, strictErrors: duplicateKeys === undefined ? [] : [duplicateKeys] };
  } catch (error) {
    if (error instanceof JsonSyntaxError) {
      throw new ConfigError('decode', `${VERSION_AND_KIND_UNREADABLE}: ${error.message}`);
    }
    if (error instanceof YamlError) throw new ConfigError('decode', error.message);
    throw error;
  }
}
