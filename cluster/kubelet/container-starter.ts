/**
 * From a container of a spec to one that runs: back-off, image, create, start. Source: `startContainer` in
 * `pkg/kubelet/kuberuntime/kuberuntime_container.go` and `EnsureImageExists` in `pkg/kubelet/images/image_manager.go`, v1.37.2.
 */
import type { Container, Pod } from '../../api/index.ts';
import type { Steps } from '../controllers/steps.ts';
import { Code, type CriAnswer, type CriError, type Texts } from '../cri/index.ts';
import type { BackOff } from './back-off.ts';
import type { NodeServices } from './node-services.ts';
import { graceOf, killAll } from './pod-killer.ts';
import { execProbesOf } from './run-probe.ts';
import type { CallResult, RuntimeCalls } from './runtime-calls.ts';
import type { RuntimeView } from './runtime-view.ts';
import { PodContainerConfig, restartAnnotation, type SandboxConfig } from './sandbox-config.ts';

export interface StartTarget {
  readonly pod: Pod;
  readonly view: RuntimeView;
  readonly node: NodeServices;
  readonly calls: RuntimeCalls;
  /** Of the pod, where something of it has failed. */
  backOffs(): BackOffs;
}

export interface BackOffs {
  readonly crashes: BackOff;
  readonly failedPulls: BackOff;
  /** What the last failed pull of an image said. */
  readonly pullErrors: Map<string, string>;
}

/** Why it did not start. */
export interface StartFailure {
  readonly reason: string;
  readonly message: string;
  /** When a new attempt makes sense, where that is known. */
  readonly retryAtMs?: number;
}

const NS_PER_MS = 1e6;
const GIVEN_UP: StartFailure = { reason: '', message: '' };
const FIRST: Texts = restartAnnotation(0);

export function* startContainer(
  target: StartTarget,
  container: Container,
  sandboxId: string,
  sandbox: SandboxConfig,
): Steps<StartFailure | undefined> {
  const backingOff = backOffFailure(target, container);
  if (backingOff !== undefined) return backingOff;
  const { pod, view, node, calls } = target;
  const { runtime, settings } = node;
  const image = yield* ensureImage(target, container);
  if (typeof image !== 'string') return image;
  const before = view.latest(container.name);
  const attempt = before === undefined ? 0 : before.metadata.attempt + 1;
  const execProbes = execProbesOf(container);
  const annotations =
    attempt === 0 && execProbes === undefined ? FIRST : { ...restartAnnotation(attempt), ...execProbes };
  const config = new PodContainerConfig(sandbox, container, attempt, image, annotations);
  const created: CallResult<string> = yield* calls.call(settings.runtimeTimeoutMs, (answer: CriAnswer<string>) =>
    runtime.createContainer(sandboxId, config, sandbox, answer),
  );
  if (created.error !== undefined) return failed(target, container, 'CreateContainerError', created.error);
  node.event(pod, container.name, 'Normal', 'Created', 'Container created');
  const id = created.value;
  const started = yield* calls.call(settings.runtimeTimeoutMs, (answer: CriAnswer<undefined>) =>
    runtime.startContainer(id, answer),
  );
  if (started.error !== undefined) return failed(target, container, 'RunContainerError', started.error);
  node.event(pod, container.name, 'Normal', 'Started', 'Container started');
  return yield* postStart(target, container, id);
}

function failed({ pod, node }: StartTarget, container: Container, reason: string, error: CriError): StartFailure {
  if (error.code === Code.CANCELLED) return GIVEN_UP;
  node.event(pod, container.name, 'Warning', 'Failed', `Error: ${error.message}`);
  return { reason, message: error.message };
}

/** A container that ended waits longer every time (`doBackOff`). */
function backOffFailure({ pod, view, node, backOffs }: StartTarget, container: Container): StartFailure | undefined {
  const ended = view.latestExited(container.name);
  if (ended === undefined) return undefined;
  const { crashes } = backOffs();
  const endedMs = ended.finishedAt / NS_PER_MS;
  if (!crashes.isWaiting(container.name, endedMs)) {
    crashes.next(container.name, endedMs);
    return undefined;
  }
  const { name, namespace, uid } = pod.metadata ?? {};
  const fullName = `${name}_${namespace}(${uid})`;
  node.event(
    pod,
    container.name,
    'Warning',
    'BackOff',
    `Back-off restarting failed container ${container.name} in pod ${fullName}`,
  );
  const delayMs = crashes.delayMs(container.name);
  const message = `back-off ${goDuration(delayMs)} restarting failed container=${container.name} pod=${fullName}`;
  return { reason: 'CrashLoopBackOff', message, retryAtMs: endedMs + delayMs };
}

/** Whole seconds as Go writes a duration. */
function goDuration(ms: number): string {
  const seconds = ms / 1000;
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds % 60}s`;
}

/** The reference of the image, which is on the node then. */
function* ensureImage(target: StartTarget, container: Container): Steps<string | StartFailure> {
  const { pod, node, calls } = target;
  const { runtime, settings } = node;
  const name = container.image ?? '';
  const policy = container.imagePullPolicy || 'IfNotPresent';
  if (policy !== 'Always') {
    const found = yield* calls.call(settings.runtimeTimeoutMs, (answer: CriAnswer<{ id: string } | undefined>) =>
      runtime.imageStatus({ image: name }, answer),
    );
    if (found.error !== undefined) {
      const message = `Failed to inspect image "": ${found.error.text}`;
      node.event(pod, container.name, 'Warning', 'InspectFailed', message);
      return { reason: 'ImageInspectError', message };
    }
    if (found.value !== undefined) {
      const message = `Container image "${name}" already present on machine and can be accessed by the pod`;
      node.event(pod, container.name, 'Normal', 'Pulled', message);
      return found.value.id;
    }
    if (policy === 'Never') {
      const message = `Container image "${name}" is not present with pull policy of Never`;
      node.event(pod, container.name, 'Warning', 'ErrImageNeverPull', message);
      node.event(pod, container.name, 'Warning', 'Failed', 'Error: ErrImageNeverPull');
      return { reason: 'ErrImageNeverPull', message };
    }
  }
  return yield* pull(target, container, name);
}

function* pull(target: StartTarget, container: Container, name: string): Steps<string | StartFailure> {
  const { pod, node, calls, backOffs } = target;
  const { clock, runtime, pulls } = node;
  const { failedPulls, pullErrors } = backOffs();
  if (failedPulls.isWaitingSinceUpdate(name)) {
    const message = `Back-off pulling image "${name}"`;
    node.event(pod, container.name, 'Normal', 'BackOff', message);
    node.event(pod, container.name, 'Warning', 'Failed', 'Error: ImagePullBackOff');
    const last = pullErrors.get(name);
    return { reason: 'ImagePullBackOff', message: last === undefined ? message : `${message}: ${last}` };
  }
  node.event(pod, container.name, 'Normal', 'Pulling', `Pulling image "${name}"`);
  const askedMs = clock.nowMs;
  let beganMs = askedMs;
  const pulled = yield* calls.call(Number.POSITIVE_INFINITY, (answer: CriAnswer<string>) =>
    pulls.add((done) => {
      beganMs = clock.nowMs;
      const over: CriAnswer<string> = (error, ref) => {
        done();
        answer(error, ref);
      };
      if (pulls.mayPull()) runtime.pullImage({ image: name }, over);
      else over(PULL_QPS_EXCEEDED, '');
    }),
  );
  if (pulled.error?.code === Code.CANCELLED) return GIVEN_UP;
  if (pulled.error !== undefined) {
    failedPulls.next(name, clock.nowMs);
    const { message } = pulled.error;
    const text = pulled.error === PULL_QPS_EXCEEDED ? message : pulled.error.text;
    pullErrors.set(name, `ErrImagePull: ${text}`);
    node.event(pod, container.name, 'Warning', 'Failed', `Failed to pull image "${name}": ${text}`);
    node.event(pod, container.name, 'Warning', 'Failed', 'Error: ErrImagePull');
    return { reason: 'ErrImagePull', message: text };
  }
  node.imagesChanged();
  const image = yield* calls.call(node.settings.runtimeTimeoutMs, (answer: CriAnswer<{ size: number } | undefined>) =>
    runtime.imageStatus({ image: name }, answer),
  );
  const tookMs = clock.nowMs - beganMs;
  const allMs = clock.nowMs - askedMs;
  const size = image.value?.size ?? 0;
  const message = `Successfully pulled image "${name}" in ${shortDuration(tookMs)} (${shortDuration(allMs)} including waiting). Image size: ${size} bytes.`;
  node.event(pod, container.name, 'Normal', 'Pulled', message);
  return pulled.value;
}

const PULL_QPS_EXCEEDED = {
  name: 'CriError',
  code: 8,
  message: 'pull QPS exceeded',
  text: 'pull QPS exceeded',
} as CriError;

/** To the millisecond, as Go writes it. */
function shortDuration(ms: number): string {
  const whole = Math.floor(ms);
  if (whole < 1000) return `${whole}ms`;
  const minutes = Math.floor(whole / 60_000);
  const seconds = (whole % 60_000) / 1000;
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds}s`;
}

/** A hook that fails ends its container. */
function* postStart(target: StartTarget, container: Container, id: string): Steps<StartFailure | undefined> {
  const command = container.lifecycle?.postStart?.exec?.command;
  if (command === undefined) return undefined;
  const { pod, view, node, calls } = target;
  const { runtimeTimeoutMs } = node.settings;
  const ran = yield* calls.call(runtimeTimeoutMs, (answer: CriAnswer<{ exitCode: number }>) =>
    node.runtime.execSync(id, command, 0, answer),
  );
  if (ran.value?.exitCode === 0) return undefined;
  node.event(pod, container.name, 'Warning', 'FailedPostStartHook', 'PostStartHook failed');
  const status = view.latest(container.name);
  if (status !== undefined) {
    const graceS = graceOf(pod, container, 'unknown');
    yield* killAll(target, [{ status, container, message: 'FailedPostStartHook', graceS }]);
  }
  return {
    reason: 'PostStartHookError',
    message: ran.error?.text ?? `command '${command.join(' ')}' exited with ${ran.value?.exitCode}`,
  };
}
