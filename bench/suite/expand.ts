/** From a suite to the plan of a run: axes combined, workloads and variants made, cells filtered. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { InputError } from '../../api/index.ts';
import type { PlannedCell, Variant } from '../plan.ts';
import { planCells } from '../plan.ts';
import type { WorkloadSpec } from '../workload-spec.ts';
import { axisKind, evaluationSettings, withConfigAxis, withSetting, withWorkloadAxis } from './axes.ts';
import type { CellFilter, OneOrMore, Suite, SuiteAxis, SuiteProfile, SuiteSettings, SuiteWorkload } from './suite.ts';

const CELLS_MAX = 1_000_000;
const HEADER = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';

export interface SuitePlan {
  /** Every one has a name of its own. */
  readonly workloads: ReadonlyArray<WorkloadSpec & { readonly name: string }>;
  readonly variants: readonly Variant[];
  readonly cells: readonly PlannedCell[];
}

/** What every axis is set to. */
type Point = ReadonlyMap<SuiteAxis, unknown>;

/** Throws InputError. */
export function expandSuite(suite: Suite): SuitePlan {
  return new Expansion(suite).plan();
}

class Expansion {
  private readonly suite: Suite;
  private readonly workloads = new Map<string, WorkloadSpec & { readonly name: string }>();
  private readonly variants = new Map<string, Variant>();
  /** What filters may ask about, by name of the variant and of the workload. */
  private readonly facts = new Map<string, CellFilter>();
  private readonly profileTexts = new Map<string, { readonly text: string; readonly file?: string }>();

  constructor(suite: Suite) {
    this.suite = suite;
  }

  plan(): SuitePlan {
    const { suite } = this;
    this.checkNames();
    const pairs = new Map<string, readonly [workload: string, variant: string]>();
    for (const point of this.points()) {
      for (const workload of suite.workloads) {
        const spec = this.workloadAt(workload, point);
        for (const profile of suite.profiles) {
          const variant = this.variantAt(profile, point);
          pairs.set(JSON.stringify([spec.name, variant.name]), [spec.name, variant.name]);
        }
      }
    }
    const workloads = [...this.workloads.values()];
    const variants = [...this.variants.values()];
    const names = { workloads: workloads.map(({ name }) => name), variants: variants.map(({ name }) => name) };
    this.checkSize(pairs.size);
    const all = planCells({
      workloads: workloads.length,
      variants: variants.length,
      seeds: suite.seeds,
      tieSeeds: suite.tieSeeds,
      repeats: suite.repeats,
    });
    const cells = all.filter((cell) => {
      const pair = [names.workloads[cell.workload]!, names.variants[cell.variant]!] as const;
      return pairs.has(JSON.stringify(pair)) && this.isWanted(pair, cell.seed);
    });
    if (cells.length === 0) {
      throw new InputError('only and exclude leave no cell to run', suite.at([suite.only ? 'only' : 'exclude']));
    }
    return { workloads, variants, cells };
  }

  private checkNames(): void {
    const { suite } = this;
    suite.profiles.forEach(({ name }, index) => {
      if (suite.profiles.findIndex((other) => other.name === name) < index) {
        throw new InputError(`profiles: the name "${name}" stands there twice`, suite.at(['profiles', index, 'name']));
      }
    });
    suite.axes.forEach(({ path: axisPath }, index) => {
      this.placed(['axes', index, 'path'], () => axisKind(axisPath));
      if (suite.axes.findIndex((other) => other.path === axisPath) < index) {
        throw new InputError(`axes: ${axisPath} stands there twice`, suite.at(['axes', index, 'path']));
      }
    });
    for (const list of ['only', 'exclude'] as const) {
      suite[list]?.forEach((filter, index) => {
        const known = ['workload', 'profile', 'seed', ...suite.axes.flatMap((axis) => [axis.path, shortName(axis)])];
        const unknown = Object.keys(filter).find((key) => !known.includes(key));
        if (unknown === undefined) return;
        throw new InputError(
          `${list}[${index}]: there is nothing named ${unknown} to filter by; there are ${[...new Set(known)].join(', ')}`,
          suite.at([list, index, unknown]),
        );
      });
    }
  }

  private checkSize(pairs: number): void {
    const { seeds, tieSeeds = [0], repeats } = this.suite;
    const cells = pairs * seeds.length * tieSeeds.length * repeats;
    if (cells > CELLS_MAX) {
      throw new InputError(
        `${cells.toLocaleString('en-US')} cells; more than ${CELLS_MAX.toLocaleString('en-US')} are surely a mistake`,
      );
    }
  }

  private points(): Point[] {
    const { axes, combine } = this.suite;
    if (combine === 'list' && axes.length > 0) {
      const [first] = axes;
      const odd = axes.findIndex(({ values }) => values.length !== first!.values.length);
      if (odd > 0) {
        throw new InputError(
          `axes: combine "list" takes the first values together, the second ones and so on; ${axes[odd]!.path} has ${axes[odd]!.values.length} of them and ${first!.path} ${first!.values.length}`,
          this.suite.at(['axes', odd, 'values']),
        );
      }
      return first!.values.map((_, i) => new Map(axes.map((axis) => [axis, axis.values[i]])));
    }
    let points: Point[] = [new Map()];
    for (const axis of axes) {
      points = points.flatMap((point) => axis.values.map((value) => new Map([...point, [axis, value]])));
      if (points.length > CELLS_MAX) this.checkSize(points.length);
    }
    return points;
  }

  private workloadAt(workload: SuiteWorkload, point: Point): WorkloadSpec & { readonly name: string } {
    let spec = workload;
    const parts: string[] = [];
    for (const [axis, value] of point) {
      if (axisKind(axis.path) !== 'workload') continue;
      spec = this.atAxis(axis, () => withWorkloadAxis(spec, axis.path, value));
      parts.push(`${shortName(axis)}=${String(value)}`);
    }
    const base = workload.name ?? fileName(workload);
    const name = this.freeName([base, ...parts].join(' '), spec);
    const { nodes, pods, objects } = spec;
    const made = { ...spec, name, nodes: listed(nodes), pods: listed(pods), objects: listed(objects) };
    this.workloads.set(name, made);
    const set = [...point].filter(([axis]) => axisKind(axis.path) === 'workload');
    this.facts.set(`w ${name}`, { workload: [name, base], ...factsOf(set) });
    return made;
  }

  /** Two workloads that nobody named are told apart by number. */
  private freeName(base: string, spec: SuiteWorkload): string {
    for (let number = 1; ; number++) {
      const name = number === 1 ? base : `${base} ${number}`;
      const there = this.workloads.get(name);
      const asMade = {
        ...spec,
        name,
        nodes: listed(spec.nodes),
        pods: listed(spec.pods),
        objects: listed(spec.objects),
      };
      if (there === undefined || JSON.stringify(there) === JSON.stringify(asMade)) return name;
    }
  }

  private variantAt(profile: SuiteProfile, point: Point): Variant {
    const set = [...point].filter(([axis]) => axisKind(axis.path) !== 'workload');
    const name = [profile.name, ...set.map(([axis, value]) => `${shortName(axis)}=${shownValue(value)}`)].join(' ');
    const known = this.variants.get(name);
    if (known !== undefined) return known;
    const { text, file } = this.textOf(profile);
    let settings: SuiteSettings = this.suite.settings;
    let document: Record<string, unknown> | undefined;
    for (const [axis, value] of set) {
      this.atAxis(axis, () => {
        if (axisKind(axis.path) === 'setting') settings = withSetting(settings, axis.path, value);
        else document = withConfigAxis(document ?? (parse(text) as Record<string, unknown>), axis.path, value);
      });
    }
    const variant: Variant = {
      name,
      text: document === undefined ? text : stringify(document),
      ...(file === undefined ? {} : { file }),
      baseDir: path.resolve(this.suite.baseDir, profile.file === undefined ? '.' : path.dirname(profile.file)),
      engine: settings.engine ?? 'fast',
      tieBreak: settings.tieBreak ?? 'heap',
      ...(settings.shuffle === undefined ? {} : { shuffle: settings.shuffle }),
      evaluation: this.placed(['settings'], () => evaluationSettings(settings, this.suite.faults)),
      ...(set.length === 0 ? {} : { set: Object.fromEntries(set.map(([axis, value]) => [axis.path, value])) }),
    };
    this.variants.set(name, variant);
    this.facts.set(`v ${name}`, { profile: [name, profile.name], ...factsOf(set) });
    return variant;
  }

  private textOf({ name, file, config }: SuiteProfile): { readonly text: string; readonly file?: string } {
    const known = this.profileTexts.get(name);
    if (known !== undefined) return known;
    const made = this.readProfile(name, file, config);
    this.profileTexts.set(name, made);
    return made;
  }

  private readProfile(name: string, file: string | undefined, config: SuiteProfile['config']) {
    if (config !== undefined) {
      const withHeader = {
        apiVersion: 'kubescheduler.config.k8s.io/v1',
        kind: 'KubeSchedulerConfiguration',
        ...config,
      };
      return { text: stringify(withHeader) };
    }
    if (file === undefined) return { text: HEADER };
    const shown = path.isAbsolute(file) ? file : path.join(this.suite.baseDir, file);
    try {
      return { text: readFileSync(shown, 'utf8'), file: shown };
    } catch (error) {
      const index = this.suite.profiles.findIndex((profile) => profile.name === name);
      const { code, message } = error as NodeJS.ErrnoException;
      throw new InputError(
        `profile ${name}: ${code === 'ENOENT' ? `there is no file ${shown}` : message}`,
        this.suite.at(['profiles', index, 'file']),
      );
    }
  }

  private isWanted([workload, variant]: readonly [string, string], seed: number): boolean {
    const { only, exclude } = this.suite;
    const facts = { ...this.facts.get(`w ${workload}`), ...this.facts.get(`v ${variant}`), seed: [seed] };
    if (only !== undefined && !only.some((filter) => matches(filter, facts))) return false;
    return exclude === undefined || !exclude.some((filter) => matches(filter, facts));
  }

  /** Adds the place in the suite to an error that has none. */
  private placed<Result>(place: readonly (string | number)[], make: () => Result): Result {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof InputError) || error.location.file !== undefined) throw error;
      throw new InputError(error.message, this.suite.at(place));
    }
  }

  private atAxis<Result>(axis: SuiteAxis, make: () => Result): Result {
    return this.placed(['axes', this.suite.axes.indexOf(axis), 'values'], make);
  }
}

const listed = (value: OneOrMore | undefined): readonly string[] | undefined =>
  value === undefined ? undefined : typeof value === 'string' ? [value] : value;

function fileName({ trace, pods, nodes, folder, generate }: SuiteWorkload): string {
  const source = trace ?? folder;
  if (source !== undefined)
    return path.basename(path.resolve(path.basename(source) === 'pods.csv' ? path.dirname(source) : source));
  const file = listed(pods)?.[0] ?? listed(nodes)?.[0] ?? generate ?? 'workload';
  return path.basename(file).replace(/\.(ya?ml|json)$/i, '');
}

/** The last name of the path, unless the axis has one of its own. */
const shortName = ({ name, path: axisPath }: SuiteAxis): string =>
  name ??
  axisPath
    .split(/[.[\]]/)
    .filter((part) => part !== '')
    .at(-1)!;

const shownValue = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

const factsOf = (set: ReadonlyArray<readonly [SuiteAxis, unknown]>): CellFilter =>
  Object.fromEntries(set.flatMap(([axis, value]) => [axis.path, shortName(axis)].map((key) => [key, [value]])));

/** Every key names one of the values that it may have; texts and numbers compare as they are written. */
function matches(filter: CellFilter, facts: CellFilter): boolean {
  return Object.entries(filter).every(([key, wanted]) => {
    const allowed = (Array.isArray(wanted) ? wanted : [wanted]).map(shownValue);
    return (facts[key] as unknown[] | undefined)?.some((fact) => allowed.includes(shownValue(fact))) ?? false;
  });
}
