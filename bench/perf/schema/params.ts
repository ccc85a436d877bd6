/** The parameters of a workload, and how they get into operations. */

import { parseYamlDocuments, YamlError } from '../../../api/text/yaml.ts';
import type { TemplateParams } from './ops.ts';

/** A parameter is absent or of the wrong type. */
export class ParamError extends Error {
  override readonly name = 'ParamError';
}

export class Params {
  private readonly values: Readonly<Record<string, unknown>>;
  private readonly used = new Set<string>();

  constructor(values: Readonly<Record<string, unknown>>) {
    this.values = values;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.values, name);
  }

  /** Truncated. `reference` is `$name`, here and below. Throws ParamError. */
  int(reference: string): number {
    return Math.trunc(this.typed(reference, 'number') as number);
  }

  text(reference: string): string {
    return this.typed(reference, 'string') as string;
  }

  flag(reference: string): boolean {
    return this.typed(reference, 'boolean') as boolean;
  }

  /** `$name` and `$name|default` replaced; a default is YAML. Throws ParamError. */
  resolve(params: TemplateParams): TemplateParams {
    return Object.fromEntries(Object.entries(params).map(([key, value]) => [key, this.resolved(value)]));
  }

  /** Names that nothing has asked for. */
  get unused(): string[] {
    return Object.keys(this.values).filter((name) => !this.used.has(name));
  }

  private resolved(value: unknown): unknown {
    if (typeof value !== 'string' || !value.startsWith('$')) return value;
    const bar = value.indexOf('|', 2);
    const name = bar < 0 ? value.slice(1) : value.slice(1, bar);
    if (this.has(name)) {
      this.used.add(name);
      return this.values[name];
    }
    if (bar < 0) throw new ParamError(`parameter "${name}" not found`);
    return yamlValue(name, value.slice(bar + 1));
  }

  private typed(reference: string, type: 'number' | 'string' | 'boolean'): unknown {
    const name = reference.slice(1);
    this.used.add(name);
    if (!this.has(name)) throw new ParamError(`parameter ${name} is undefined`);
    const value = this.values[name];
    const actual = typeof value;
    if (actual !== type)
      throw new ParamError(`parameter ${name} has the wrong type ${goType(value)}; must be a ${type}`);
    return value;
  }
}

function yamlValue(name: string, text: string): unknown {
  try {
    return parseYamlDocuments(text)[0]?.value ?? null;
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw new ParamError(`decoding parameter "${name}" default "${text}" as YAML: ${error.message}`);
  }
}

function goType(value: unknown): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  const types: Readonly<Record<string, string>> = { number: 'float64', string: 'string', boolean: 'bool' };
  return types[typeof value] ?? 'map[string]interface {}';
}
