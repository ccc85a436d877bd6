/** The JSON Schema of suites: what `berth schema` prints for editors and what `read-suite.ts` checks against. */
import { RUNTIMES } from '../../cluster/runtimes/index.ts';
import { CLUSTER_FAULTS, NODE_FAULTS } from '../../cluster/whole/index.ts';

const text = (description: string) => ({ type: 'string', minLength: 1, description }) as const;
const texts = (description: string) =>
  ({
    description,
    oneOf: [
      { type: 'string', minLength: 1 },
      { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1 },
    ],
  }) as const;
const duration = (description: string) =>
  ({ type: 'string', pattern: '^(\\d+(\\.\\d+)?(ns|us|µs|ms|s|m|h))+$|^0$', description }) as const;
const seedList = (description: string) =>
  ({
    description,
    oneOf: [
      { type: 'integer', minimum: 0, maximum: 4294967295 },
      { type: 'string', pattern: '^\\s*\\d+(\\.\\.\\d+)?(\\s*,\\s*\\d+(\\.\\.\\d+)?)*\\s*$' },
      { type: 'array', items: { type: 'integer', minimum: 0, maximum: 4294967295 }, minItems: 1, uniqueItems: true },
    ],
  }) as const;

const WORKLOAD = {
  type: 'object',
  additionalProperties: false,
  description: 'One of: a known trace, files of Kubernetes objects, a folder in the format of berth, a generator.',
  properties: {
    name: text('Stands in the "workload" column of results.'),
    trace: text('A known trace, such as openb, or a folder in the format of berth.'),
    data: text("Folder with the trace's original files; without it the tables that berth ships."),
    list: text('openb: pod list, openb_pod_list_<list>.csv.'),
    nodeList: text('openb: node list, openb_node_list_<nodeList>.csv.'),
    nodes: texts('Files with nodes, as kubectl writes them; other objects in them count too.'),
    pods: texts('Files with pods: those without spec.nodeName are scheduled, the others are there from the start.'),
    objects: texts('Files with whatever else scheduling reads.'),
    folder: text('A folder in the format of berth (nodes.csv, pods.csv, pools.json, shapes.json).'),
    generate: text('A generator file, or the name of a preset of berth trace presets.'),
    generateSeed: {
      type: 'integer',
      minimum: 0,
      maximum: 4294967295,
      description: 'What the draws of generate depend on. Default: 1.',
    },
  },
  dependencies: { generateSeed: ['generate'] },
  oneOf: [
    {
      required: ['trace'],
      not: {
        anyOf: [{ required: ['nodes'] }, { required: ['pods'] }, { required: ['folder'] }, { required: ['generate'] }],
      },
    },
    {
      required: ['nodes'],
      not: { anyOf: [{ required: ['trace'] }, { required: ['folder'] }, { required: ['generate'] }] },
    },
    {
      required: ['folder'],
      not: {
        anyOf: [{ required: ['trace'] }, { required: ['nodes'] }, { required: ['pods'] }, { required: ['generate'] }],
      },
    },
    {
      required: ['generate'],
      not: {
        anyOf: [{ required: ['trace'] }, { required: ['nodes'] }, { required: ['pods'] }, { required: ['folder'] }],
      },
    },
  ],
} as const;

const PROFILE = {
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  description: 'A configuration; with neither file nor config it is what kube-scheduler does without one.',
  properties: {
    name: text('Stands in the "profile" column of results.'),
    file: text('A KubeSchedulerConfiguration, YAML or JSON.'),
    config: { type: 'object', description: 'A KubeSchedulerConfiguration, in place.' },
  },
  not: { required: ['file', 'config'] },
} as const;

const AXIS = {
  type: 'object',
  additionalProperties: false,
  required: ['path', 'values'],
  description: 'One thing that varies. Every value is combined with everything else.',
  properties: {
    path: {
      type: 'string',
      pattern:
        '^(config\\..+|weight\\.[A-Za-z0-9]+|workload\\.[A-Za-z]+|engine|tieBreak|shuffle|evaluation|attemptTime|bindingTime|until|sampleEvery|runtime)$',
      description:
        'config.PATH into the KubeSchedulerConfiguration, such as config.percentageOfNodesToScore or config.profiles[0].pluginConfig[NodeResourcesFit].args.scoringStrategy.type; weight.PLUGIN (0 switches its scoring off); workload.PROPERTY; or one of the settings.',
    },
    name: text('Short name for tables. Default: the last part of the path.'),
    values: {
      description: 'A list, or a range as FROM..TO or FROM..TO step STEP.',
      oneOf: [
        { type: 'array', minItems: 1 },
        { type: 'string', pattern: '^-?\\d+(\\.\\d+)?\\.\\.-?\\d+(\\.\\d+)?( step \\d+(\\.\\d+)?)?$' },
      ],
    },
  },
} as const;

const FAULT = {
  type: 'object',
  additionalProperties: false,
  required: ['at', 'fault'],
  description: 'On nodes (crash, hang, stop): with one of node, zone and count. Others hit the cluster.',
  properties: {
    at: duration('When it begins, since the cluster was ready.'),
    for: duration('How long it lasts. Default: to the end.'),
    fault: {
      enum: [...NODE_FAULTS, ...CLUSTER_FAULTS],
      description:
        'crash: the machine loses power. hang: its kubelet does nothing. stop: its kubelet ends, containers go on. apiserver-down: another API server comes after it, over the same store. store-stall: calls wait. slow-watch: changes are heard of late. registry-down: no images.',
    },
    node: text('Name of a node.'),
    zone: text('All nodes with this topology.kubernetes.io/zone.'),
    count: { type: 'integer', minimum: 1, description: 'So many nodes, drawn with the seed.' },
    delay: duration('slow-watch: how late. Default: 1s.'),
  },
} as const;

const FILTERS = {
  type: 'array',
  minItems: 1,
  items: { type: 'object', minProperties: 1 },
} as const;

export const SUITE_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'berth suite',
  type: 'object',
  additionalProperties: false,
  required: ['workloads'],
  properties: {
    $schema: { type: 'string' },
    name: text('Name of the results folder. Default: that of the file.'),
    mode: {
      enum: ['core', 'cluster'],
      description:
        'core: the scheduler alone, in virtual time. cluster: with API server, controllers, kubelets and container runtimes; the same as settings.evaluation: cluster. Default: core.',
    },
    workloads: { type: 'array', items: WORKLOAD, minItems: 1, description: 'What is scheduled, and on what.' },
    profiles: {
      type: 'array',
      items: PROFILE,
      minItems: 1,
      description: 'Default: kube-scheduler without a configuration.',
    },
    axes: { type: 'array', items: AXIS, description: 'What varies beside workloads and profiles.' },
    combine: {
      enum: ['product', 'list'],
      description:
        'product: every value of an axis with every value of the others; list: first with first, second with second. Default: product.',
    },
    only: {
      ...FILTERS,
      description: 'Keeps the cells that match one of these, such as {profile: packing, tieBreak: [heap, first]}.',
    },
    exclude: { ...FILTERS, description: 'Leaves out the cells that match one of these.' },
    seeds: seedList('What draws the order of nodes and pods: 1..10, a list, or a number. Default: 1.'),
    tieSeeds: seedList('What draws ties alone (order of nodes, random choices), in combination with every seed.'),
    repeats: {
      type: 'integer',
      minimum: 1,
      maximum: 1000,
      description: 'Each cell so many times: for timings. Default: 1.',
    },
    settings: {
      type: 'object',
      additionalProperties: false,
      description: 'What all cells have in common unless an axis says otherwise.',
      properties: {
        engine: { enum: ['fast', 'reference'], description: 'Both decide alike. Default: fast.' },
        tieBreak: {
          enum: ['heap', 'first', 'random'],
          description: 'Which of the best nodes is taken. Default: heap.',
        },
        shuffle: {
          enum: ['none', 'nodes', 'pods', 'both'],
          description:
            'What a seed draws the order of. Default: nodes where the workload has arrival times, else both.',
        },
        evaluation: {
          enum: ['static', 'timed', 'cluster'],
          description:
            'static: each pod is tried once, none ends. cluster: pods run in a whole cluster. Default: timed where the workload has times.',
        },
        attemptTime: text('timed: how long an attempt takes: zero, upstream, or a duration. Default: upstream.'),
        bindingTime: duration('timed: how long the call that binds takes. Default: 0.'),
        until: duration('timed: when to stop. Default: when nothing can happen any more.'),
        runtime: { enum: RUNTIMES, description: 'cluster: model of the container runtime. Default: containerd.' },
        sampleEvery: duration('timed: time between rows of timeseries.csv. Default: a hundredth of the workload.'),
      },
    },
    faults: { type: 'array', items: FAULT, description: 'cluster: what goes wrong, and when.' },
    workers: { type: 'integer', minimum: 1, maximum: 1024, description: 'Worker threads. Default: one per core.' },
    assertions: {
      type: 'array',
      items: {
        type: 'string',
        description:
          "What must hold for the mean of every profile, or of the one named in front: 'placed_share >= 99%', 'packing: gpu_unusable_share < 0.2'. Exit code 1 otherwise.",
        pattern: '^([^:]+:\\s*)?[a-z0-9_]+\\s*(<=|>=|<|>|==)\\s*-?\\d+(\\.\\d+)?\\s*%?$',
      },
    },
    report: {
      type: 'object',
      additionalProperties: false,
      description: 'How profiles are compared at the end.',
      properties: {
        base: text('Profile to compare with. Default: the first.'),
        primary: texts('Metrics that decide. Default: the first that there is.'),
        thresholds: texts('What matters: 2% for all, METRIC=2% or METRIC=0.01.'),
        failOn: texts("Gates, such as 'mean_wait_seconds worse than 2%'. Exit code 1 when one fails for sure."),
      },
    },
  },
} as const;
