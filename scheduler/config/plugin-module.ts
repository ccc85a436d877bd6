/** A plugin of the user's own, from an ES module. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { InputError } from '../../api/index.ts';
import type { Dependency, ExtensionPoint, PluginDefinition } from '../plugin.ts';
import { EXTENSION_POINTS } from './expand.ts';

const MODULE_PATH = /^(?:\.{1,2}\/|\/|file:)/;
const DEPENDENCIES: readonly Dependency[] = ['node', 'usage', 'domain', 'cluster'];
const SHAPE = 'its default export, or the one named "plugin", must be { name, points, create }';

/** Names that begin with `./`, `../`, `/` or `file:` are paths of modules. */
export const isModulePath = (name: string): boolean => MODULE_PATH.test(name);

/** The plugin that a module exports. Throws InputError. */
export async function loadPluginModule(path: string, baseDir: string): Promise<PluginDefinition> {
  const file = fileOf(path, baseDir);
  if (!existsSync(file)) throw new InputError(`plugin module not found: there is no file ${file}`);
  let exports: Readonly<Record<string, unknown>>;
  try {
    exports = await import(pathToFileURL(file).href);
  } catch (error) {
    throw new InputError(`plugin module ${path} cannot be loaded: ${messageOf(error)}`);
  }
  const wrong = (what: string): InputError => new InputError(`plugin module ${path} ${what}`);
  const definition = exports.default ?? exports.plugin;
  if (typeof definition !== 'object' || definition === null) throw wrong(`exports no plugin: ${SHAPE}`);
  const problem = problemOf(definition as Readonly<Record<string, unknown>>);
  if (problem !== undefined) throw wrong(problem);
  return definition as PluginDefinition;
}

function fileOf(path: string, baseDir: string): string {
  try {
    return path.startsWith('file:') ? fileURLToPath(path) : resolve(baseDir, path);
  } catch (error) {
    throw new InputError(`"${path}" is no file URL (as in file:///folder/plugin.mjs): ${messageOf(error)}`);
  }
}

function problemOf({ name, points, create, dependsOn }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof name !== 'string' || name === '') return `exports a plugin without a name: ${SHAPE}`;
  if (name === '*' || isModulePath(name))
    return `exports a plugin with the name "${name}", which has a meaning of its own`;
  const plugin = `exports the plugin "${name}"`;
  if (!Array.isArray(points) || points.length === 0) {
    return `${plugin} without points: list the extension points that it implements`;
  }
  const unknown = points.find((point) => !EXTENSION_POINTS.includes(point as ExtensionPoint));
  if (unknown !== undefined) {
    return `${plugin} with an unknown extension point ${show(unknown)}; there are ${EXTENSION_POINTS.join(', ')}`;
  }
  if (typeof create !== 'function') return `${plugin} without a function create(args, handle)`;
  return dependencyProblem(plugin, dependsOn);
}

function dependencyProblem(plugin: string, dependsOn: unknown): string | undefined {
  if (dependsOn === undefined) return undefined;
  const known = DEPENDENCIES.join(', ');
  if (typeof dependsOn !== 'object' || dependsOn === null) return `${plugin} with dependsOn that is no object`;
  for (const [point, dependency] of Object.entries(dependsOn)) {
    if (point !== 'filter' && point !== 'score') return `${plugin} with dependsOn.${point}; there are filter and score`;
    if (dependency !== undefined && !DEPENDENCIES.includes(dependency)) {
      return `${plugin} with dependsOn.${point} ${show(dependency)}; it can be one of ${known}`;
    }
  }
  return undefined;
}

const show = (value: unknown): string => (typeof value === 'string' ? `"${value}"` : String(value));

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
