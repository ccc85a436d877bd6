/** Operations out of a suite file, checked as far as they can be without a workload's parameters. */
import { goQuote } from '../../../api/index.ts';
import { DurationError, parseDuration } from '../../../scheduler/config/duration.ts';
import type { Fields } from './fields.ts';
import type { Churn, CreateNodes, CreatePods, NodeAllocatable, Op, Opcode } from './ops.ts';

const NANOS_PER_MS = 1e6;

type Decoder = (fields: Fields) => Op;

const DECODERS: Readonly<Record<Opcode, Decoder>> = {
  allocResourceClaims: (fields) => ({
    opcode: 'allocResourceClaims',
    path: fields.path,
    namespace: fields.text('namespace') ?? '',
  }),
  barrier: (fields) => {
    const stage = fields.text('stageRequirement') || 'Scheduled';
    if (stage !== 'Scheduled' && stage !== 'Attempted') {
      throw fields.error(`invalid StageRequirement ${stage}; must be Scheduled or Attempted`, 'stageRequirement');
    }
    return {
      opcode: 'barrier',
      path: fields.path,
      namespaces: fields.texts('namespaces'),
      labelSelector: fields.textMap('labelSelector'),
      stageRequirement: stage,
    };
  },
  churn,
  createAny: (fields) => ({
    opcode: 'createAny',
    path: fields.path,
    ...counted(fields, 1),
    namespace: fields.text('namespace') ?? '',
    templatePath: required(fields, 'templatePath', 'TemplatePath must be set'),
    templateParams: fields.anyMap('templateParams'),
  }),
  createNamespaces: (fields) => ({
    opcode: 'createNamespaces',
    path: fields.path,
    ...counted(fields),
    prefix: fields.text('prefix') ?? '',
    namespaceTemplatePath: fields.text('namespaceTemplatePath'),
  }),
  createNodes,
  createPodGroups: (fields) => ({
    opcode: 'createPodGroups',
    path: fields.path,
    ...counted(fields),
    templatePath: required(fields, 'templatePath', 'templatePath must be set'),
    namespace: required(fields, 'namespace', 'namespace must be set'),
    templateParams: fields.anyMap('templateParams'),
  }),
  createPods,
  createPodSets: (fields) => {
    const inner = fields.object('createPodsOp');
    if (inner === undefined) throw fields.error('createPodsOp must be set');
    inner.text('opcode');
    const createPodsOp = createPods(inner);
    inner.finish();
    return {
      opcode: 'createPodSets',
      path: fields.path,
      ...counted(fields),
      namespacePrefix: fields.text('namespacePrefix') ?? '',
      createPodsOp,
    };
  },
  createResourceClaims: (fields) => ({
    opcode: 'createResourceClaims',
    path: fields.path,
    ...counted(fields),
    namespace: required(fields, 'namespace', 'Namespace must be set'),
    templatePath: required(fields, 'templatePath', 'TemplatePath must be set'),
  }),
  deletePods: (fields) => ({
    opcode: 'deletePods',
    path: fields.path,
    namespace: fields.text('namespace') ?? '',
    labelSelector: fields.textMap('labelSelector'),
    skipWaitToCompletion: fields.flag('skipWaitToCompletion'),
    deletePodsPerSecond: notNegative(fields, 'deletePodsPerSecond', 'DeletePodsPerSecond'),
  }),
  sleep: (fields) => ({
    opcode: 'sleep',
    path: fields.path,
    durationMs: durationMs(fields),
    durationParam: parameter(fields, 'durationParam'),
  }),
  startCollectingMetrics: (fields) => {
    const namespaces = fields.texts('namespaces');
    if (namespaces.length === 0) throw fields.error('namespaces cannot be empty', 'namespaces');
    return {
      opcode: 'startCollectingMetrics',
      path: fields.path,
      name: fields.text('name') ?? '',
      namespaces,
      labelSelector: fields.textMap('labelSelector'),
    };
  },
  startCollectingProfile: (fields) => {
    profileType(fields);
    const filePath = required(fields, 'filePath', 'filePath cannot be empty');
    return { opcode: 'startCollectingProfile', path: fields.path, filePath };
  },
  stopCollectingMetrics: (fields) => ({ opcode: 'stopCollectingMetrics', path: fields.path }),
  stopCollectingProfile: (fields) => {
    profileType(fields);
    return { opcode: 'stopCollectingProfile', path: fields.path };
  },
  updateAny: (fields) => ({
    opcode: 'updateAny',
    path: fields.path,
    ...counted(fields, 1),
    namespace: fields.text('namespace') ?? '',
    templatePath: required(fields, 'templatePath', 'TemplatePath must be set'),
    updatePerSecond: notNegative(fields, 'updatePerSecond', 'UpdatePerSecond'),
    subresources: fields.texts('subresources'),
  }),
};

export const OPCODES = Object.keys(DECODERS).sort() as readonly Opcode[];

/** Throws InputError. */
export function decodeOp(fields: Fields): Op {
  const opcode = fields.text('opcode') ?? '';
  if (!Object.hasOwn(DECODERS, opcode)) {
    throw fields.error(`unknown opcode ${goQuote(opcode)}; must be one of ${OPCODES.join(', ')}`, 'opcode');
  }
  const op = DECODERS[opcode as Opcode](fields);
  fields.finish();
  return op;
}

function createNodes(fields: Fields): CreateNodes {
  const labels = fields.object('labelNodePrepareStrategy');
  const unique = fields.object('uniqueNodeLabelStrategy');
  const op: CreateNodes = {
    opcode: 'createNodes',
    path: fields.path,
    ...counted(fields),
    nodeTemplatePath: fields.text('nodeTemplatePath'),
    templateParams: fields.anyMap('templateParams'),
    nodeAllocatable: nodeAllocatable(fields.object('nodeAllocatableStrategy')),
    labels: labels && { key: labels.text('labelKey') ?? '', values: labels.texts('labelValues') },
    uniqueLabelKey: unique?.text('labelKey'),
  };
  if (op.labels?.values.length === 0) throw labels!.error('labelValues cannot be empty', 'labelValues');
  labels?.finish();
  unique?.finish();
  return op;
}

function nodeAllocatable(fields: Fields | undefined): NodeAllocatable | undefined {
  if (fields === undefined) return undefined;
  const drivers = fields.object('csiNodeAllocatable');
  const names = fields.keys('csiNodeAllocatable');
  const counts = names.map((name) => {
    const driver = drivers!.object(name);
    const count = driver?.int('count');
    driver?.finish();
    return [name, count] as const;
  });
  const strategy = {
    nodeAllocatable: fields.textMap('nodeAllocatable'),
    csiNodeAllocatable: Object.fromEntries(counts),
    migratedPlugins: fields.texts('migratedPlugins'),
  };
  fields.finish();
  return strategy;
}

function createPods(fields: Fields): CreatePods {
  const op: CreatePods = {
    opcode: 'createPods',
    path: fields.path,
    ...counted(fields),
    countMultiplierParam: parameter(fields, 'countMultiplierParam', 'CountMultiplierParam'),
    steadyState: fields.flag('steadyState'),
    steadyStateParam: parameter(fields, 'steadyStateParam'),
    durationMs: durationMs(fields),
    durationParam: parameter(fields, 'durationParam'),
    collectMetrics: fields.flag('collectMetrics'),
    namespace: fields.text('namespace'),
    podTemplatePath: fields.text('podTemplatePath'),
    skipWaitToCompletion: fields.flag('skipWaitToCompletion'),
    persistentVolumeTemplatePath: fields.text('persistentVolumeTemplatePath'),
    persistentVolumeClaimTemplatePath: fields.text('persistentVolumeClaimTemplatePath'),
    templateParams: fields.anyMap('templateParams'),
    signatureBatchSize: notNegative(fields, 'signatureBatchSize', 'SignatureBatchSize'),
    signatureBatchSizeParam: parameter(fields, 'signatureBatchSizeParam'),
  };
  if (op.collectMetrics && op.skipWaitToCompletion) {
    throw fields.error('collectMetrics and skipWaitToCompletion cannot be true at the same time');
  }
  if (op.skipWaitToCompletion && op.steadyState) {
    throw fields.error('skipWaitToCompletion and steadyState cannot be true at the same time');
  }
  if (op.persistentVolumeClaimTemplatePath !== undefined && op.persistentVolumeTemplatePath === undefined) {
    throw fields.error('persistentVolumeTemplatePath must be set beside persistentVolumeClaimTemplatePath');
  }
  return op;
}

function churn(fields: Fields): Churn {
  const mode = fields.text('mode') ?? '';
  if (mode !== 'create' && mode !== 'recreate') {
    throw fields.error(`invalid mode: ${mode}. must be one of [recreate create]`, 'mode');
  }
  const number = fields.int('number') ?? 0;
  if (number < 0) throw fields.error(`number (${number}) cannot be negative`, 'number');
  if (mode === 'recreate' && number === 0) throw fields.error('number cannot be 0 when mode is recreate', 'number');
  const templatePaths = fields.texts('templatePaths');
  if (templatePaths.length === 0) throw fields.error('at least one template spec file needs to be specified');
  const intervalMilliseconds = fields.int('intervalMilliseconds') || DEFAULT_CHURN_INTERVAL_MS;
  if (intervalMilliseconds < 0) {
    throw fields.error('non-positive interval for NewTicker', 'intervalMilliseconds');
  }
  return {
    opcode: 'churn',
    path: fields.path,
    mode,
    number,
    intervalMilliseconds,
    namespace: fields.text('namespace'),
    templatePaths,
  };
}

const DEFAULT_CHURN_INTERVAL_MS = 500;

// --- what many operations have ---------------------------------------------------------------------------------------

function counted(fields: Fields, defaultCount = 0): { readonly count: number; readonly countParam: string } {
  const count = fields.int('count') ?? defaultCount;
  const countParam = fields.text('countParam') ?? '';
  const isValid = countParam === '' ? count >= 0 : countParam.startsWith('$');
  if (!isValid) {
    const right = countParam === '' ? 'count must not be negative' : 'countParam must start with $';
    throw fields.error(
      `invalid Count=${count} / CountParam=${goQuote(countParam)}; ${right}`,
      countParam === '' ? 'count' : 'countParam',
    );
  }
  return { count, countParam };
}

/** `$name`, or '' when it is absent. */
function parameter(fields: Fields, name: string, goName = `${name.charAt(0).toUpperCase()}${name.slice(1)}`): string {
  const text = fields.text(name) ?? '';
  if (text !== '' && !text.startsWith('$')) {
    throw fields.error(`invalid ${goName}=${goQuote(text)}; must start with $`, name);
  }
  return text;
}

function required(fields: Fields, name: string, message: string): string {
  const text = fields.text(name) ?? '';
  if (text === '') throw fields.error(message, name);
  return text;
}

function notNegative(fields: Fields, name: string, goName: string): number {
  const value = fields.int(name) ?? 0;
  if (value < 0) throw fields.error(`invalid ${goName}=${value}; should be non-negative`, name);
  return value;
}

function durationMs(fields: Fields): number {
  const text = fields.text('duration');
  if (text === undefined) return 0;
  try {
    return Number(parseDuration(text)) / NANOS_PER_MS;
  } catch (error) {
    if (error instanceof DurationError) throw fields.error(error.message, 'duration');
    throw error;
  }
}

function profileType(fields: Fields): void {
  const type = fields.text('type') ?? '';
  if (type.toUpperCase() !== 'CPU') {
    throw fields.error(`only CPU profile type is supported, got ${goQuote(type)}`, 'type');
  }
}
