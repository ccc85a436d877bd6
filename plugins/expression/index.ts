/**
 * Plugins that are an expression in the configuration: any plugin name that starts with `Expression/`, with the expression in
 * its arguments. What its answers depend on is read off the expression, so the fast engine caches them as it does those of
 * in-tree plugins.
 *
 * Arguments: `score` and `filter`, one or both; `normalize` (`none`, `max`, `reversedMax`, `minMax`); `gpuResource`, whose
 * amounts the gpu variables are (default `nvidia.com/gpu`); `reason`, what a node that the filter rejects is told.
 */
import type { CompiledFilter, CompiledScore, Plugin, PluginDefinition } from '../../scheduler/plugin.ts';
import { compileExpression, dependencyOf } from './compile.ts';
import { type Expression, ExpressionError, parseExpression } from './parse.ts';

const ARGUMENTS = ['score', 'filter', 'normalize', 'gpuResource', 'reason'];
const NORMALIZATIONS = ['none', 'max', 'reversedMax', 'minMax'] as const;
const GPU_RESOURCE = 'nvidia.com/gpu';
const POINTS_MAX = 100;
const RAW_MAX = 2 ** 50;

interface Arguments {
  readonly score?: Expression;
  readonly filter?: Expression;
  readonly normalize: (typeof NORMALIZATIONS)[number];
  readonly gpuResource: string;
  readonly reason: string;
}

/** The definition behind a name and its arguments. Throws an Error with the field's path. */
export function expressionPlugin(name: string, args: unknown): PluginDefinition {
  const read = readArguments(name, args);
  const { score, filter } = read;
  return {
    name,
    points: [
      ...(filter === undefined ? [] : (['filter'] as const)),
      ...(score === undefined ? [] : (['score'] as const)),
    ],
    dependsOn: {
      ...(filter === undefined ? {} : { filter: dependencyOf(filter) }),
      ...(score === undefined ? {} : { score: dependencyOf(score) }),
    },
    create: () => pluginOf(read),
  };
}

function pluginOf({ score, filter, normalize, gpuResource, reason }: Arguments): Plugin {
  return {
    ...(filter === undefined
      ? {}
      : {
          compileFilter: (pod, cluster): CompiledFilter => {
            const value = compileExpression(filter, pod, cluster, gpuResource);
            return {
              // Not a number is no yes.
              filter: (row) => (value(row) > 0 || value(row) < 0 ? 0 : 1),
              status: () => ({ code: 'Unschedulable', reasons: [reason] }),
            };
          },
        }),
    ...(score === undefined
      ? {}
      : {
          compileScore: (pod, cluster): CompiledScore => {
            const value = compileExpression(score, pod, cluster, gpuResource);
            if (normalize === 'none') return { score: (row) => whole(value(row), 0, POINTS_MAX) };
            return { score: (row) => whole(value(row), -RAW_MAX, RAW_MAX), normalization: { kind: normalize } };
          },
        }),
  };
}

/** Rounded down, within bounds; 0 for what is not a number. */
function whole(value: number, least: number, most: number): number {
  if (!(value > least)) return value <= least ? least : 0;
  return value >= most ? most : Math.floor(value);
}

function readArguments(name: string, args: unknown): Arguments {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) {
    throw new Error(`${name}: arguments are missing; give it pluginConfig with args.score or args.filter`);
  }
  const given = args as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(given).find((key) => !ARGUMENTS.includes(key));
  if (unknown !== undefined)
    throw new Error(`${name}: args.${unknown}: there is no such argument; there are ${ARGUMENTS.join(', ')}`);
  const text = (key: string): string | undefined => {
    const value = given[key];
    if (value === undefined || typeof value === 'string') return value;
    if (typeof value === 'number' && (key === 'score' || key === 'filter')) return String(value);
    throw new Error(`${name}: args.${key}: a text is expected, and this is ${JSON.stringify(value)}`);
  };
  const expression = (key: 'score' | 'filter'): Expression | undefined => {
    const written = text(key);
    if (written === undefined) return undefined;
    try {
      return parseExpression(written);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      throw new Error(`${name}: args.${key}: ${error.message}`);
    }
  };
  const normalize = text('normalize') ?? 'none';
  if (!NORMALIZATIONS.includes(normalize as Arguments['normalize'])) {
    throw new Error(`${name}: args.normalize: ${JSON.stringify(normalize)} is not one of ${NORMALIZATIONS.join(', ')}`);
  }
  const read: Arguments = {
    score: expression('score'),
    filter: expression('filter'),
    normalize: normalize as Arguments['normalize'],
    gpuResource: text('gpuResource') ?? GPU_RESOURCE,
    reason: text('reason') ?? `node(s) did not satisfy ${name}`,
  };
  if (read.score === undefined && read.filter === undefined) {
    throw new Error(`${name}: neither args.score nor args.filter is there; one of them is needed`);
  }
  return read;
}
