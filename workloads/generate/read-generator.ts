/** A generator file: YAML as the user wrote it into the model, with the place of every mistake. */
import type { PodSpec } from '../../api/index.ts';
import { GPU_RESOURCE } from '../openb-objects.ts';
import type { NodeGroup } from '../trace/model.ts';
import { poolOf } from '../trace/shapes.ts';
import { type Field, yamlField } from './field.ts';
import type { Arrivals, BaseRate, ConstraintMix, Generator, ShapeChoice, Stream, WeightedShape } from './model.ts';
import { readDistribution } from './read-distribution.ts';

const NODES_MAX = 1_000_000;
const PODS_PER_NODE = 110;
const ONE = { kind: 'constant', value: 1 } as const;
const NAME = /^[a-z0-9]([-a-z0-9]{0,40}[a-z0-9])?$/;

/** Throws InputError with file, line, column and field path. */
export const parseGenerator = (text: string, file: string): Generator => readGenerator(yamlField(text, file));

function readGenerator(root: Field): Generator {
  const fields = root.map(['name', 'about', 'duration', 'start', 'nodes', 'workloads']);
  const streams = fields.workloads.list(1).map(readStream);
  const names = new Set<string>();
  for (const [i, { name }] of streams.entries()) {
    if (names.has(name)) throw fields.workloads.list()[i]!.fail(`another workload has the name ${name} already`);
    // A pod is called after its workload and numbers.
    const stem = name.replace(/(-\d+)+$/, '');
    if (stem !== name && streams.some((other) => other.name === stem))
      throw fields.workloads.list()[i]!.fail(`pods of ${name} and of ${stem} could have the same name`);
    names.add(name);
  }
  const durationSeconds = fields.duration.seconds();
  if (durationSeconds === 0) throw fields.duration.fail('more than 0 is expected');
  return {
    name: nameIn(fields.name),
    about: fields.about.isGiven ? fields.about.text() : '',
    durationSeconds,
    startSeconds: fields.start.isGiven ? fields.start.seconds() : 0,
    nodes: fields.nodes.isGiven ? fields.nodes.list().map(readNodes) : [],
    streams,
  };
}

function nameIn(field: Field): string {
  const name = field.text();
  if (NAME.test(name)) return name;
  throw field.fail('a name of lower-case letters, digits and dashes is expected, at most 42 long');
}

function readNodes(field: Field): NodeGroup {
  const { name, count, cpu, memory, gpus, model, pods, resources, labels, taints } = field.map([
    'name',
    'count',
    'cpu',
    'memory',
    'gpus',
    'model',
    'pods',
    'resources',
    'labels',
    'taints',
  ]);
  const pool = poolOf({
    cpuMilli: cpu.quantity('milli'),
    memoryMib: memory.quantity('Mi'),
    gpus: gpus.isGiven ? gpus.whole(0) : 0,
    model: model.isGiven ? model.text() : undefined,
    others: {
      ...(resources.isGiven ? resources.texts() : {}),
      pods: String(pods.isGiven ? pods.whole(1) : PODS_PER_NODE),
    },
    labels: labels.isGiven ? labels.texts() : undefined,
  });
  return {
    count: count.whole(1, NODES_MAX),
    pool: {
      ...pool,
      ...(name.isGiven ? { name: nameIn(name) } : {}),
      ...(taints.isGiven ? { taints: taints.list().map(({ value }) => value as { key: string; effect: string }) } : {}),
    },
  };
}

function readStream(field: Field): Stream {
  const fields = field.map([
    'name',
    'arrivals',
    'batch',
    'tasks',
    'pods',
    'gang',
    'lifetime',
    'lifetimePer',
    'apps',
    'appSkew',
    'shapes',
    'constraints',
  ]);
  const distribution = (given: Field) => (given.isGiven ? readDistribution(given) : ONE);
  const isGang = fields.gang.isGiven && fields.gang.flag();
  if (isGang && fields.apps.isGiven)
    throw fields.gang.fail(
      'pods of one owner start together, and an application has many jobs; leave out apps or gang',
    );
  const shapes = fields.shapes.list(1).map(readShape);
  const constraints = fields.constraints.isGiven ? fields.constraints.list().map(readMix) : [];
  const apps = fields.apps.isGiven ? fields.apps.whole(0) : 0;
  const ofOwner = [...shapes, ...constraints.flatMap(({ options }) => options)].some(
    ({ perNode, perRack, spread }) => (perNode ?? perRack ?? spread) !== undefined,
  );
  if (ofOwner && apps === 0)
    throw field.fail('perNode, perRack and spread count pods of one application; say how many there are with apps');
  return {
    name: nameIn(fields.name),
    arrivals: readArrivals(fields.arrivals),
    batch: distribution(fields.batch),
    tasks: distribution(fields.tasks),
    pods: distribution(fields.pods),
    isGang,
    lifetime: readDistribution(fields.lifetime),
    lifetimePer: fields.lifetimePer.isGiven ? fields.lifetimePer.oneOf(['task', 'pod']) : 'task',
    apps,
    appSkew: fields.appSkew.isGiven ? fields.appSkew.number(0) : 0,
    shapes,
    constraints,
  };
}

function readArrivals(field: Field): Arrivals {
  const fields = field.map(['perHour', 'steps', 'mmpp', 'bursts', 'closedLoop', 'daily', 'weekly', 'modulation']);
  const kinds = (['perHour', 'steps', 'mmpp', 'bursts', 'closedLoop'] as const).filter((kind) => fields[kind].isGiven);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1)
    throw field.fail('one of perHour, steps, mmpp, bursts, closedLoop is expected');
  if (kind === 'bursts' || kind === 'closedLoop') {
    for (const name of ['daily', 'weekly', 'modulation'] as const)
      if (fields[name].isGiven) throw fields[name].fail(`${name} is for rates and does not go with ${kind}`);
    return kind === 'bursts' ? readBursts(fields.bursts) : readClosedLoop(fields.closedLoop);
  }
  const profile = (given: Field, count: number) => {
    const values = given.numbers(count);
    if (values.every((value) => value === 0)) throw given.fail('at least one number above 0 is expected');
    return values;
  };
  return {
    kind: 'rate',
    base: readBase(kind, fields[kind]),
    daily: fields.daily.isGiven ? profile(fields.daily, 24) : undefined,
    weekly: fields.weekly.isGiven ? profile(fields.weekly, 7) : undefined,
    modulation: fields.modulation.isGiven
      ? fields.modulation.list().map((one) => {
          const { sd, correlationTime } = one.map(['sd', 'correlationTime']);
          const correlationSeconds = correlationTime.seconds();
          if (correlationSeconds < 1) throw correlationTime.fail('at least a second is expected');
          return { sd: sd.positive(), correlationSeconds };
        })
      : [],
  };
}

function readBase(kind: 'perHour' | 'steps' | 'mmpp', field: Field): BaseRate {
  if (kind === 'perHour') return { kind: 'constant', perHour: field.positive() };
  const entries = field.list(1);
  if (kind === 'mmpp') {
    const states = entries.map((entry) => {
      const { perHour, meanTime } = entry.map(['perHour', 'meanTime']);
      const meanSeconds = meanTime.seconds();
      if (meanSeconds < 1) throw meanTime.fail('at least a second is expected');
      return { perHour: perHour.number(0), meanSeconds };
    });
    return { kind, states };
  }
  let last = -1;
  const steps = entries.map((entry) => {
    const { from, perHour } = entry.map(['from', 'perHour']);
    const fromSeconds = from.seconds();
    if (fromSeconds <= last) throw from.fail('steps must ascend');
    last = fromSeconds;
    return { fromSeconds, perHour: perHour.number(0) };
  });
  return { kind, steps };
}

function readBursts(field: Field): Arrivals {
  const { first, every, count, spread } = field.map(['first', 'every', 'count', 'spread']);
  const everySeconds = every.seconds();
  if (everySeconds === 0) throw every.fail('more than 0 is expected');
  const spreadSeconds = spread.isGiven ? spread.seconds() : 0;
  if (spreadSeconds > everySeconds) throw spread.fail('a burst must end before the next; spread is longer than every');
  return {
    kind: 'bursts',
    firstSeconds: first.isGiven ? first.seconds() : 0,
    everySeconds,
    count: count.whole(1),
    spreadSeconds,
  };
}

const USERS_MAX = 100_000;

function readClosedLoop(field: Field): Arrivals {
  const { users, think } = field.map(['users', 'think']);
  return { kind: 'closedLoop', users: users.whole(1, USERS_MAX), think: readDistribution(think) };
}

const LIMITS = ['perNode', 'perRack', 'spread', 'nodeSelector', 'tolerations', 'spec'] as const;

/** What shapes and constraints have in common. */
function readLimits(fields: Readonly<Record<(typeof LIMITS)[number], Field>>) {
  const { perNode, perRack, spread, nodeSelector, tolerations, spec } = fields;
  if (spec.isGiven && !spec.isMap) throw spec.fail('a map is expected: fields of a pod spec');
  const given = (spec.value ?? {}) as Partial<PodSpec>;
  if (given.containers !== undefined) throw spec.fail('containers come from cpu, memory, gpus and resources');
  const laid: Partial<PodSpec> = {
    ...given,
    ...(nodeSelector.isGiven ? { nodeSelector: nodeSelector.texts() } : {}),
    ...(tolerations.isGiven
      ? { tolerations: tolerations.list().map(({ value }) => value) as NonNullable<PodSpec['tolerations']> }
      : {}),
  };
  return {
    ...(perNode.isGiven ? { perNode: perNode.whole(1) } : {}),
    ...(perRack.isGiven ? { perRack: perRack.whole(1) } : {}),
    ...(spread.isGiven ? { spread: spread.list(1).map((key) => key.text()) } : {}),
    ...(Object.keys(laid).length > 0 ? { spec: laid } : {}),
  } satisfies Partial<ShapeChoice>;
}

function readShape(field: Field): WeightedShape {
  const fields = field.map([
    'weight',
    'name',
    'pods',
    'cpu',
    'memory',
    'gpus',
    'gpuMilli',
    'models',
    'resources',
    'priority',
    'preempts',
    'labels',
    ...LIMITS,
  ]);
  const { weight, name, pods, cpu, memory, gpus, gpuMilli, models, resources, priority, preempts, labels } = fields;
  const others = resources.isGiven ? resources.texts() : undefined;
  if (others?.[GPU_RESOURCE] !== undefined) throw resources.fail(`${GPU_RESOURCE} goes into gpus`);
  return {
    weight: weight.isGiven ? weight.positive() : 1,
    kind: {
      cpuMilli: cpu.quantity('milli'),
      memoryMib: memory.quantity('Mi'),
      gpus: gpus.isGiven ? gpus.whole(0) : 0,
      gpuMilli: gpuMilli.isGiven ? gpuMilli.whole(0, 1000) : undefined,
      models: models.isGiven ? models.list(1).map((model) => model.text()) : [],
      priority: priority.isGiven ? priority.whole(-(2 ** 31), 2 ** 31 - 1) : 0,
      preempts: preempts.isGiven ? preempts.flag() : true,
      others,
      suffix: name.isGiven ? nameIn(name) : undefined,
    },
    pods: pods.isGiven ? pods.whole(1) : undefined,
    labels: labels.isGiven ? labels.texts() : undefined,
    ...readLimits(fields),
  };
}

function readMix(field: Field): ConstraintMix {
  const { share, of, options } = field.map(['share', 'of', 'options']);
  return {
    share: share.number(0, 1),
    of: of.isGiven ? of.oneOf(['all', 'gpu', 'cpu']) : 'all',
    options: options.list(1).map((option) => {
      const fields = option.map(['weight', 'models', ...LIMITS]);
      return {
        weight: fields.weight.isGiven ? fields.weight.positive() : 1,
        models: fields.models.isGiven ? fields.models.list(1).map((model) => model.text()) : undefined,
        ...readLimits(fields),
      };
    }),
  };
}
