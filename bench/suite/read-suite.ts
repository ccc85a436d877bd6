/** Reads a suite file: YAML or JSON, checked against the schema, with the place of every mistake. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv, type ErrorObject } from 'ajv';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { InputError } from '../../api/index.ts';
import { seedsOf, valuesOf } from './ranges.ts';
import { SUITE_SCHEMA } from './schema.ts';
import type { OneOrMore, Suite, SuiteAxis, SuiteFault, SuiteProfile, SuiteSettings, SuiteWorkload } from './suite.ts';

type Path = ReadonlyArray<string | number>;

interface WrittenSuite {
  readonly name?: string;
  readonly workloads: readonly SuiteWorkload[];
  readonly profiles?: readonly SuiteProfile[];
  readonly axes?: ReadonlyArray<{ path: string; name?: string; values: readonly unknown[] | string }>;
  readonly combine?: Suite['combine'];
  readonly only?: Suite['only'];
  readonly exclude?: Suite['exclude'];
  readonly seeds?: number | string | readonly number[];
  readonly tieSeeds?: number | string | readonly number[];
  readonly repeats?: number;
  readonly mode?: 'core' | 'cluster';
  readonly settings?: SuiteSettings;
  readonly faults?: readonly SuiteFault[];
  readonly workers?: number;
  readonly assertions?: readonly string[];
  readonly report?: { base?: string; primary?: OneOrMore; thresholds?: OneOrMore; failOn?: OneOrMore };
}

const validate = new Ajv({ allErrors: true, strict: false, verbose: true }).compile(SUITE_SCHEMA);

/** Throws InputError that names file, line and what would be right. */
export function readSuite(file: string): Suite {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InputError(
      code === 'ENOENT' ? `there is no suite ${file}; berth init writes one to start from` : `${file}: ${message}`,
    );
  }
  return parseSuite(text, file);
}

export function parseSuite(text: string, file: string): Suite {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const [broken] = document.errors;
  if (broken !== undefined) {
    const { line, col } = lines.linePos(broken.pos[0]);
    throw new InputError(broken.message.split('\n')[0]!, { file, line, column: col });
  }
  const at = (place: Path) => {
    // The nearest that is there: a missing property is missing in something.
    for (let length = place.length; length >= 0; length--) {
      const found = length === 0 ? document.contents : document.getIn(place.slice(0, length), true);
      if (!isNode(found) || found.range == null) continue;
      const { line, col } = lines.linePos(found.range[0]);
      return { file, line, column: col };
    }
    return { file };
  };
  const written = document.toJS() as WrittenSuite;
  if (!validate(written)) throw schemaError(validate.errors ?? [], at);
  const listed = (value: OneOrMore | undefined) => (typeof value === 'string' ? [value] : value);
  const base = path.basename(file).replace(/\.(ya?ml|json)$/i, '');
  const { report = {}, axes = [] } = written;
  return {
    name: written.name ?? base,
    baseDir: path.dirname(file),
    workloads: written.workloads,
    profiles: written.profiles ?? [{ name: 'default' }],
    axes: axes.map((axis): SuiteAxis => ({ ...axis, values: valuesOf(axis.values) })),
    combine: written.combine ?? 'product',
    only: written.only,
    exclude: written.exclude,
    seeds: seedsOf(written.seeds ?? 1),
    tieSeeds: written.tieSeeds === undefined ? undefined : seedsOf(written.tieSeeds),
    repeats: written.repeats ?? 1,
    settings: { ...(written.mode === 'cluster' ? { evaluation: 'cluster' as const } : {}), ...written.settings },
    faults: written.faults,
    workers: written.workers,
    assertions: written.assertions ?? [],
    report: {
      base: report.base,
      primary: listed(report.primary),
      thresholds: listed(report.thresholds),
      failOn: listed(report.failOn),
    },
    at,
  };
}

const pointerPath = (pointer: string): Path =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));

const shown = (place: Path): string =>
  place.map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`)).join('');

/** The mistake that says most: an unknown name before what follows from it, and the deepest of the rest. */
function schemaError(errors: readonly ErrorObject[], at: Suite['at']): InputError {
  const rank = ({ keyword, instancePath }: ErrorObject): number =>
    (keyword === 'additionalProperties' ? 1000 : ['oneOf', 'not', 'anyOf'].includes(keyword) ? -1000 : 0) +
    instancePath.split('/').length;
  const error = [...errors].sort((a, b) => rank(b) - rank(a))[0]!;
  const place = pointerPath(error.instancePath);
  const { text, under } = wording(error, place);
  const full = under === undefined ? place : [...place, under];
  return new InputError(`${full.length === 0 ? 'the suite' : shown(full)}: ${text}`, at(full));
}

const WORKLOAD_RULE = 'a workload has either "trace", or "nodes" with "pods", or "folder", or "generate"';

function wording(error: ErrorObject, place: Path): { text: string; under?: string } {
  const { keyword, params, parentSchema } = error;
  const known = Object.keys((parentSchema?.properties as object | undefined) ?? {}).filter(
    (name) => name !== '$schema',
  );
  switch (keyword) {
    case 'additionalProperties':
      return {
        text: `there is no such property; there are ${known.join(', ')}`,
        under: params.additionalProperty as string,
      };
    case 'required':
      if (error.schemaPath.includes('/oneOf/') && place[0] === 'workloads') return { text: WORKLOAD_RULE };
      return { text: `${params.missingProperty} is missing` };
    case 'enum':
      return { text: `${JSON.stringify(error.data)} is not one of ${(params.allowedValues as unknown[]).join(', ')}` };
    case 'type':
      return { text: `${[params.type].flat().join(' or ')} expected, and this is ${JSON.stringify(error.data)}` };
    case 'oneOf':
    case 'not':
      if (place[0] === 'workloads') {
        return { text: WORKLOAD_RULE };
      }
      if (place[0] === 'profiles') return { text: 'a profile has either "file" or "config"' };
      return { text: described(error) };
    default:
      return { text: described(error) };
  }
}

/** What the schema says about the place, since patterns say nothing to people. */
function described({ message = 'not valid', data, parentSchema }: ErrorObject): string {
  const description = parentSchema?.description as string | undefined;
  const given = JSON.stringify(data);
  return `${given === undefined || given.length > 80 ? message : `${given} is not valid`}${description === undefined ? '' : `; expected: ${description}`}`;
}
