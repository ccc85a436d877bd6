/** The scripted kubelet of the recordings: what it writes into pods. */
import type { Fields, Step } from './scenario.ts';

export interface LivePod {
  readonly metadata: {
    readonly name: string;
    readonly creationTimestamp: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly nodeName?: string; readonly containers: ReadonlyArray<{ name: string; image: string }> };
  readonly status: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly startTime?: string;
    readonly conditions?: ReadonlyArray<{ type: string; status: string }>;
  };
}

const isReady = ({ status }: LivePod): boolean =>
  status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true;

const isActive = ({ metadata, status }: LivePod): boolean =>
  metadata.deletionTimestamp === undefined && status.phase !== 'Failed' && status.phase !== 'Succeeded';

/** The pods that an action is about, the oldest first. */
export function picked(
  pods: readonly LivePod[],
  { action, select, count, result }: Step,
  ours: (name: string) => string,
): LivePod[] {
  const oldestFirst = [...pods].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  const bound = selected(oldestFirst, select, ours).filter(({ spec }) => spec.nodeName !== undefined);
  const fitting = bound.filter((pod) => {
    if (action === 'reap') return pod.metadata.deletionTimestamp !== undefined;
    if (action === 'ready') return isActive(pod) && !isReady(pod);
    if (action === 'notReady') return pod.metadata.deletionTimestamp === undefined && isReady(pod);
    // The recorder could make it act on pods that end already, without writing that down.
    const isForced = Array.isArray(select) && result?.pods?.some((name) => ours(name) === pod.metadata.name);
    return isForced || isActive(pod);
  });
  return count ? fitting.slice(0, count) : fitting;
}

const sortKey = ({ metadata }: LivePod): string => `${metadata.creationTimestamp} ${metadata.name}`;

function selected(pods: readonly LivePod[], select: Step['select'], ours: (name: string) => string): LivePod[] {
  if (select === undefined) return [...pods];
  if (Array.isArray(select)) {
    return select.flatMap((name: string) => pods.filter(({ metadata }) => metadata.name === ours(name)).slice(0, 1));
  }
  const labels = Object.entries(select);
  return pods.filter(({ metadata }) => labels.every(([key, value]) => metadata.labels?.[key] === value));
}

const OWN_CONDITIONS = new Set([
  'Initialized',
  'PodReadyToStartContainers',
  'Ready',
  'ContainersReady',
  'PodScheduled',
]);

/** Conditions that the recorder had the kubelet write besides its own: only the states tell of them. */
function conditionsBesides({ changed, result }: Step, lastTransitionTime: string): Fields[] {
  const first = changed[`Pod/${result?.pods?.[0]}`]?.status?.conditions;
  const conditions = (first ?? []) as ReadonlyArray<{ type: string }>;
  return conditions.filter(({ type }) => !OWN_CONDITIONS.has(type)).map((each) => ({ ...each, lastTransitionTime }));
}

/** The recorder could give addresses of both families: only the states tell of that. */
const isDual = ({ changed, result }: Step): boolean =>
  ((changed[`Pod/${result?.pods?.[0]}`]?.status?.podIPs ?? []) as readonly unknown[]).length > 1;

/** The last 16 bits. */
function shortOf(ip: string): string {
  const [, , high, low] = ip.split('.').map(Number);
  return (high! * 256 + low!).toString(16);
}

/** The status patch of an action other than reap. */
export function statusFor(pod: LivePod, step: Step, now: string, address: string): Fields {
  const { action, exitCode = 1, extra } = step;
  const conditions = (value: string, reason?: string): Fields[] => [
    ...['Initialized', 'PodReadyToStartContainers'].map((type) => ({ type, status: 'True', lastTransitionTime: now })),
    ...readiness(value, reason, now),
  ];
  const containers = (ready: boolean, state: Fields): Fields[] =>
    pod.spec.containers.map(({ name, image }) => ({
      name,
      image,
      imageID: '',
      ready,
      restartCount: 0,
      started: ready,
      state,
    }));
  const running = { running: { startedAt: now } };
  const startTime = pod.status.startTime ?? now;
  switch (action) {
    case 'ready':
    case 'running': {
      const podIP = pod.status.podIP ?? address;
      const isUp = action === 'ready';
      return {
        phase: 'Running',
        startTime,
        podIP,
        podIPs: isDual(step) ? [{ ip: podIP }, { ip: `fd00:244::${shortOf(podIP)}` }] : [{ ip: podIP }],
        hostIP: '192.168.0.1',
        conditions: isUp ? conditions('True') : conditions('False', 'ContainersNotReady'),
        containerStatuses: containers(isUp, running),
        ...extra,
      };
    }
    case 'notReady':
      return {
        conditions: readiness('False', 'ContainersNotReady', now),
        containerStatuses: containers(false, running),
      };
    default: {
      const isGood = action === 'succeed';
      const reason = isGood ? 'Completed' : 'Error';
      const terminated = { exitCode: isGood ? 0 : exitCode, reason, startedAt: now, finishedAt: now };
      return {
        phase: isGood ? 'Succeeded' : 'Failed',
        startTime,
        conditions: [...conditions('False', isGood ? 'PodCompleted' : 'PodFailed'), ...conditionsBesides(step, now)],
        containerStatuses: containers(false, { terminated }),
        ...extra,
      };
    }
  }
}

const readiness = (status: string, reason: string | undefined, lastTransitionTime: string): Fields[] =>
  ['Ready', 'ContainersReady'].map((type) => ({
    type,
    status,
    lastTransitionTime,
    ...(reason === undefined ? {} : { reason }),
  }));
