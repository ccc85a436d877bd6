/** Groups of pods under random events: whatever happens, a gang is never started in part. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CompositePodGroup, KubeObject, Pod, PodGroup } from '../../api/index.ts';
import { inTreePlugins } from '../../plugins/index.ts';
import { defaultConfig } from '../../scheduler/config/index.ts';
import { ENGINES, type EngineName } from '../../scheduler/index.ts';
import { AttemptRecorder } from './attempt-recorder.ts';
import { Simulation, type SimulationEvent, type StepInfo } from './simulation.ts';

const GROUPS = 4;
const NAMESPACE = 'default';

const node = (id: number): KubeObject => ({
  kind: 'Node',
  metadata: { name: `n${id}`, labels: { rack: `r${id % 2}`, 'kubernetes.io/hostname': `n${id}` } },
  ...{ status: { allocatable: { cpu: '4', memory: '8Gi', pods: '5' } } },
});

interface Shape {
  readonly minCount: number;
  readonly wholesale: boolean;
  readonly inRack: boolean;
}

/** Groups 0 and 1 are below `top`, 2 below `mid` which is below `top`, 3 is on its own. */
const PARENTS = ['top', 'top', 'mid', undefined];

/** Pods of a tree must have the priority of the group at the top. */
const priorityOf = (group: number, hasComposites: boolean): number =>
  hasComposites ? (PARENTS[group] === undefined ? 100 : 10) : [0, 0, 10, 100][group]!;

const specOf = ({ wholesale, inRack }: Shape, gates: Gates) => ({
  disruptionMode: wholesale ? { all: {} } : undefined,
  schedulingConstraints: inRack && gates.hasPlacements ? { topology: [{ key: 'rack' }] } : undefined,
});

function group(id: number, shape: Shape, gates: Gates): PodGroup {
  const { minCount } = shape;
  return {
    kind: 'PodGroup',
    metadata: { name: `g${id}`, namespace: NAMESPACE },
    spec: {
      ...specOf(shape, gates),
      priority: priorityOf(id, gates.hasComposites),
      parentCompositePodGroupName: gates.hasComposites ? PARENTS[id] : undefined,
      schedulingPolicy: minCount === 0 ? { basic: {} } : { gang: { minCount } },
    },
  };
}

const composite = (name: 'top' | 'mid', shape: Shape, gates: Gates): CompositePodGroup => ({
  kind: 'CompositePodGroup',
  metadata: { name, namespace: NAMESPACE },
  spec: {
    ...specOf(shape, gates),
    priority: 10,
    parentCompositePodGroupName: name === 'mid' ? 'top' : undefined,
    schedulingPolicy: shape.minCount === 0 ? { basic: {} } : { gang: { minGroupCount: shape.minCount } },
  },
});

const pod = (name: string, cpuMilli: number, priority: number, graceSeconds: number, inGroup?: string): Pod => ({
  kind: 'Pod',
  metadata: { name, namespace: NAMESPACE },
  spec: {
    priority,
    terminationGracePeriodSeconds: graceSeconds,
    schedulingGroup: inGroup === undefined ? undefined : { podGroupName: inGroup },
    containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: `${cpuMilli}m` } } }],
  },
});

const change = fc.record({
  afterMs: fc.integer({ min: 0, max: 3000 }),
  what: fc.constantFrom(
    ...(['member', 'member', 'member', 'member', 'member', 'member', 'group', 'group', 'composite', 'solo'] as const),
    ...(['node', 'node', 'deleteMember', 'deleteNode', 'deleteGroup', 'deleteComposite', 'minCount'] as const),
  ),
  id: fc.nat(40),
  minCount: fc.nat(4),
  cpuMilli: fc.constantFrom(400, 900, 1900, 2900),
  soloPriority: fc.constantFrom(0, 10, 200),
  graceSeconds: fc.constantFrom(0, 3),
  wholesale: fc.boolean(),
  inRack: fc.boolean(),
});

type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

interface Gates {
  readonly hasPlacements: boolean;
  readonly hasComposites: boolean;
}

function eventsOf(changes: readonly Change[], gates: Gates): SimulationEvent[] {
  let ms = 0;
  return changes.map((one): SimulationEvent => {
    const { what, id, minCount, cpuMilli, soloPriority, graceSeconds } = one;
    ms += one.afterMs;
    const groupId = id % GROUPS;
    const compositeName = id % 2 === 0 ? 'top' : 'mid';
    const gone = (kind: string, name: string) => ({ ms, op: 'delete', kind, namespace: NAMESPACE, name }) as const;
    switch (what) {
      case 'member': {
        const priority = priorityOf(groupId, gates.hasComposites);
        return { ms, op: 'create', object: pod(`m${id}`, cpuMilli, priority, graceSeconds, `g${groupId}`) };
      }
      case 'group':
        return { ms, op: 'create', object: group(groupId, one, gates) };
      case 'composite':
        return { ms, op: 'create', object: composite(compositeName, { ...one, minCount: minCount % 3 }, gates) };
      case 'solo':
        return { ms, op: 'create', object: pod(`s${id}`, cpuMilli, soloPriority, graceSeconds) };
      case 'node':
        return { ms, op: 'create', object: node(id % 6) };
      case 'deleteMember':
        return gone('Pod', `m${id}`);
      case 'deleteNode':
        return gone('Node', `n${id % 6}`);
      case 'deleteGroup':
        return gone('PodGroup', `g${groupId}`);
      case 'deleteComposite':
        return gone('CompositePodGroup', compositeName);
      default: {
        const patch = { spec: { schedulingPolicy: { gang: { minCount: minCount + 1 } } } };
        return { ms, op: 'patch', kind: 'PodGroup', namespace: NAMESPACE, name: `g${groupId}`, patch };
      }
    }
  });
}

const settings = fc.record({
  bindingDelayMs: fc.constantFrom(0, 0, 700),
  attemptMs: fc.constantFrom(0, 5, 400),
  gates: fc.constantFrom<Gates>(
    { hasPlacements: false, hasComposites: false },
    { hasPlacements: true, hasComposites: false },
    { hasPlacements: true, hasComposites: true },
  ),
  async: fc.boolean(),
  popEarly: fc.boolean(),
});

type Settings = typeof settings extends fc.Arbitrary<infer T> ? T : never;

interface Run {
  readonly simulation: Simulation;
  readonly recorder: AttemptRecorder;
  /** Groups of which pods got nodes in the step that is going on, and of which pods were bound. */
  readonly chosen: Set<string>;
  readonly bound: Set<string>;
}

function makeRun(
  { bindingDelayMs, attemptMs, gates, async, popEarly }: Settings,
  check: (run: Run, step: StepInfo) => void = () => {},
  engine: EngineName = 'reference',
): Run {
  const recorder = new AttemptRecorder();
  const featureGates = {
    GenericWorkload: true,
    TopologyAwareWorkloadScheduling: gates.hasPlacements,
    CompositePodGroup: gates.hasComposites,
    SchedulerAsyncPreemption: async,
    SchedulerPopFromBackoffQ: popEarly,
  };
  const { observer } = recorder;
  const groupOf = ({ spec }: Pod): string | undefined => spec?.schedulingGroup?.podGroupName;
  const note = (groups: Set<string>, name: string | undefined): void => {
    if (name !== undefined) groups.add(name);
  };
  const simulation: Simulation = new Simulation({
    config: defaultConfig(inTreePlugins, featureGates),
    registry: inTreePlugins,
    engine: ENGINES[engine],
    featureGates,
    attemptMs: () => attemptMs,
    bindingDelayMs,
    observer: {
      ...observer,
      chosen: (info, nodeName, found) => {
        observer.chosen!(info, nodeName, found);
        note(run.chosen, groupOf(info.pod));
      },
      wrote: (write) => {
        observer.wrote!(write);
        if (write.verb === 'bind' && write.error === undefined) note(run.bound, groupOf(write.object as Pod));
      },
      stepped: (step) => {
        observer.stepped!(step);
        check(run, step);
        run.chosen.clear();
        run.bound.clear();
      },
    },
  });
  recorder.attach(simulation);
  const run: Run = { simulation, recorder, chosen: new Set(), bound: new Set() };
  return run;
}

function play({ simulation }: Run, events: readonly SimulationEvent[]): void {
  simulation.load([node(0), node(1), node(2)]);
  simulation.start(events);
  simulation.run((events.at(-1)?.ms ?? 0) + 60_000);
}

// --- what has to hold ----------------------------------------------------------------------------------------------------

type Count = (group: string) => number;

/** Whether enough of everything under the group at the top of this one's tree is there; true when the tree is broken. */
function isWhole({ api }: Simulation, name: string, count: Count): boolean {
  const parentOf = (object: PodGroup | CompositePodGroup): CompositePodGroup | undefined | 'missing' => {
    const parent = object.spec.parentCompositePodGroupName;
    if (parent === undefined) return undefined;
    return (api.get('CompositePodGroup', `${NAMESPACE}/${parent}`) as CompositePodGroup | undefined) ?? 'missing';
  };
  let root: PodGroup | CompositePodGroup | undefined = api.get('PodGroup', `${NAMESPACE}/${name}`) as PodGroup;
  if (root === undefined) return true;
  for (let parent = parentOf(root); parent !== undefined; parent = parentOf(root)) {
    if (parent === 'missing') return true;
    root = parent;
  }
  return hasQuorum(api, root, count);
}

function hasQuorum(api: Simulation['api'], object: PodGroup | CompositePodGroup, count: Count): boolean {
  const name = object.metadata!.name!;
  const policy = object.spec.schedulingPolicy!.gang as { minCount?: number; minGroupCount?: number } | undefined;
  if (object.kind === 'PodGroup') return count(name) >= (policy?.minCount ?? 1);
  const all = [...api.list('PodGroup'), ...api.list('CompositePodGroup')] as Array<PodGroup | CompositePodGroup>;
  const children = all.filter(({ spec }) => spec.parentCompositePodGroupName === name);
  return children.filter((child) => hasQuorum(api, child, count)).length >= (policy?.minGroupCount ?? 1);
}

/** Groups of which pods were started although too few could be. */
function startedInPart({ simulation, chosen, bound }: Run, bindsAtOnce: boolean): string[] {
  const { groups } = simulation.scheduler.core.cluster;
  const promised: Count = (name) => groups.members(`podgroup/${NAMESPACE}/${name}`)?.scheduledCount ?? 0;
  const running: Count = (name) =>
    ([...simulation.api.list('Pod')] as Pod[]).filter(
      ({ spec }) => spec?.nodeName && spec.schedulingGroup?.podGroupName === name,
    ).length;
  const inPart = (names: Iterable<string>, count: Count) =>
    [...names].filter((name) => !isWhole(simulation, name, count));
  return [...inPart(chosen, promised), ...(bindsAtOnce ? inPart(bound, running) : [])];
}

/** Pods without a node that do not wait in exactly one place, or are on their way to a node. */
function lostPods({ simulation }: Run): string[] {
  const { queue, core } = simulation.scheduler;
  const places = new Map<string, number>();
  for (const { key } of queue.pods()) places.set(key, (places.get(key) ?? 0) + 1);
  const waiting = ([...simulation.api.list('Pod')] as Pod[]).filter(({ spec }) => !spec?.nodeName);
  const countOf = ({ metadata }: Pod): number => {
    const isBeingBound = core.cluster.podByUid(metadata!.uid!) !== undefined;
    return (places.get(`${NAMESPACE}/${metadata!.name}`) ?? 0) + (isBeingBound ? 1 : 0);
  };
  return waiting.filter((one) => countOf(one) !== 1).map(({ metadata }) => metadata!.name!);
}

describe('groups of pods in virtual time', () => {
  it('are never started in part, and lose nobody', () => {
    let started = 0;
    fc.assert(
      fc.property(settings, fc.array(change, { minLength: 10, maxLength: 70 }), (options, changes) => {
        const inPart: string[] = [];
        const lost: string[] = [];
        const run = makeRun(options, (now) => {
          started += now.bound.size;
          inPart.push(...startedInPart(now, options.bindingDelayMs === 0));
          lost.push(...lostPods(now));
        });
        play(run, eventsOf(changes, options.gates));
        expect({ inPart, lost }).toEqual({ inPart: [], lost: [] });
      }),
      { numRuns: 400 },
    );
    // The changes above do start groups.
    expect(started).toBeGreaterThan(100);
  });

  it('never try a member of a group on its own', () => {
    fc.assert(
      fc.property(settings, fc.array(change, { minLength: 10, maxLength: 50 }), (options, changes) => {
        const run = makeRun(options);
        play(run, eventsOf(changes, options.gates));
        const { attempts } = run.recorder;
        const isMember = (name: string): boolean => name.startsWith(`${NAMESPACE}/m`);
        expect(
          attempts.filter(({ pod: name, group: together }) => isMember(name) !== (together !== undefined)),
        ).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('fare the same with every engine', () => {
    fc.assert(
      fc.property(settings, fc.array(change, { minLength: 10, maxLength: 60 }), (options, changes) => {
        const [one, other] = (['reference', 'fast'] as const).map((engine) => {
          const run = makeRun(options, undefined, engine);
          play(run, eventsOf(changes, options.gates));
          return JSON.stringify([run.recorder.attempts, run.recorder.kubeEvents]);
        });
        expect(other).toBe(one);
      }),
      { numRuns: 60 },
    );
  });
});
