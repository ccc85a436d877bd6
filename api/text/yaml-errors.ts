/**
 * Syntax errors of YAML in libyaml's words, which go-yaml v2.4.4 (`scannerc.go`, `parserc.go`) speaks. The parser used
 * here finds the same faults but words them differently, so this is a translation: the common faults come out word for
 * word; for the rest the wording is that of the nearest libyaml error.
 */
import type { YAMLParseError } from 'yaml';

export interface YamlSyntaxError {
  readonly message: string;
  /** Offset of the character that libyaml stumbles over. */
  readonly at: number;
}

/** libyaml's first error; undefined when there is none that libyaml would report. */
export function firstSyntaxError(errors: readonly YAMLParseError[], text: string): YamlSyntaxError | undefined {
  for (const error of errors) {
    const found = translate(error, text);
    if (found !== undefined) return found;
  }
  return undefined;
}

function translate(error: YAMLParseError, text: string): YamlSyntaxError | undefined {
  const [at] = error.pos;
  switch (error.code) {
    case 'BLOCK_AS_IMPLICIT_KEY':
      return { message: 'mapping values are not allowed in this context', at: colonAfter(text, at) };
    case 'MULTILINE_IMPLICIT_KEY':
      return { message: "could not find expected ':'", at: lastColonBefore(text, error.pos[1], at) };
    case 'BAD_SCALAR_START':
    case 'TAB_AS_INDENT':
      return { message: 'found character that cannot start any token', at };
    case 'BAD_DQ_ESCAPE':
      return { message: 'found unknown escape character', at };
    case 'BAD_INDENT':
      return badIndent(error, text);
    case 'MISSING_CHAR':
      return missing(error, text);
    case 'UNEXPECTED_TOKEN':
    case 'BLOCK_IN_FLOW':
      return unexpected(error, text);
    default:
      return { message: error.message, at };
  }
}

function badIndent(error: YAMLParseError, text: string): YamlSyntaxError {
  const flow = /^Flow (sequence|map)/.exec(error.message);
  const [at] = error.pos;
  if (flow === null) {
    const message = /sequence/.test(error.message)
      ? "did not find expected '-' indicator"
      : 'did not find expected key';
    return { message, at: firstNonSpace(text, at) };
  }
  return unclosedFlow(text, at, flow[1] === 'map' ? '}' : ']');
}

function unclosedFlow(text: string, at: number, closing: '}' | ']'): YamlSyntaxError {
  const stop = firstNonSpace(text, at);
  const before = text.slice(0, stop).trimEnd();
  const expectsContent = before.endsWith('[') || before.endsWith(',') || (closing === '}' && before.endsWith('{'));
  const message =
    expectsContent && stop >= text.length
      ? 'did not find expected node content'
      : `did not find expected ',' or '${closing}'`;
  return { message, at: stop };
}

function missing(error: YAMLParseError, text: string): YamlSyntaxError {
  const [at] = error.pos;
  if (/^Missing closing/.test(error.message)) {
    return { message: 'found unexpected end of stream', at: text.length };
  }
  if (/Implicit map key/.test(error.message)) {
    const lineEnd = text.indexOf('\n', at);
    return { message: "could not find expected ':'", at: lineEnd < 0 ? text.length : lineEnd + 1 };
  }
  const flow = /and end with a ([\]}])|expected flow (map|sequence) to end with ([\]}])/i.exec(error.message);
  return unclosedFlow(text, at, (flow?.[1] ?? flow?.[3] ?? ']') as '}' | ']');
}

function unexpected(error: YAMLParseError, text: string): YamlSyntaxError {
  const [at] = error.pos;
  if (/block-seq-ind/.test(error.message)) {
    return { message: 'block sequence entries are not allowed in this context', at };
  }
  if (/map-value-ind/.test(error.message)) {
    return { message: 'mapping values are not allowed in this context', at };
  }
  if (/flow-(seq|map)-end/.test(error.message)) {
    return { message: 'did not find expected node content', at };
  }
  const inSequence = /^\s*-\s/m.test(text.slice(text.lastIndexOf('\n', at - 2) + 1, at));
  return {
    message: inSequence ? "did not find expected '-' indicator" : 'did not find expected key',

    at: firstNonSpace(text, at),
  };
}

function firstNonSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text[at]!)) at++;
  return at;
}

const colonAfter = (text: string, from: number): number => {
  const found = /:(?:\s|$)/.exec(text.slice(from));
  return found === null ? from : from + found.index;
};

const lastColonBefore = (text: string, to: number, from: number): number => Math.max(from, text.lastIndexOf(':', to));
