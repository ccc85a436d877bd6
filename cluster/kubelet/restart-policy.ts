/** Whether a container that ended is started again. Source: `ContainerShouldRestart` in `pkg/api/v1/pod/util.go`, v1.37.2. */
import type { Container, Pod, PodSpec } from '../../api/index.ts';
import { ContainerState } from '../cri/index.ts';
import type { RuntimeView } from './runtime-view.ts';

export const isSidecar = ({ restartPolicy }: Container): boolean => restartPolicy === 'Always';

export function restartsAfter(container: Container, spec: PodSpec, exitCode: number): boolean {
  const rule = container.restartPolicyRules?.find(({ exitCodes }) => {
    const isIn = exitCodes?.values?.includes(exitCode) ?? false;
    return exitCodes !== undefined && (exitCodes.operator === 'In' ? isIn : !isIn);
  });
  if (rule !== undefined) return rule.action === 'Restart';
  switch (container.restartPolicy ?? spec.restartPolicy ?? 'Always') {
    case 'Never':
      return false;
    case 'OnFailure':
      return exitCode !== 0;
    default:
      return true;
  }
}

/** `ShouldContainerBeRestarted` of `pkg/kubelet/container/helpers.go`. */
export function isToBeStarted(container: Container, pod: Pod, view: RuntimeView): boolean {
  if (pod.metadata?.deletionTimestamp !== undefined) return false;
  const status = view.latest(container.name);
  if (status === undefined) return true;
  if (status.state === ContainerState.RUNNING) return false;
  if (status.state !== ContainerState.EXITED) return true;
  return restartsAfter(container, pod.spec!, status.exitCode);
}
