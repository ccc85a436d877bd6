/** Which nodes a DaemonSet wants a pod on. Source: `pkg/controller/daemon/daemon_controller.go` (`NodeShouldRunDaemonPod`), v1.37.2. */
import {
  compileRequiredNodeAffinity,
  firstUntoleratedTaint,
  isDoNotScheduleTaint,
  type Node,
  type Taint,
} from '../../../api/index.ts';
import type { DaemonSet } from '../types.ts';
import { podSpecOf, tolerationsOf } from './daemon-pods.ts';

export interface Fit {
  readonly shouldRun: boolean;
  /** A pod that is there may stay. */
  readonly mayStay: boolean;
}

const isNoExecute = ({ effect }: Taint): boolean => effect === 'NoExecute';

/** Answers for one node after the other. */
export function fitsOf(set: DaemonSet): (node: Node) => Fit {
  const spec = podSpecOf(set);
  const tolerations = tolerationsOf(set);
  const affinity = compileRequiredNodeAffinity(spec);
  return (node) => {
    const isOther = spec.nodeName && spec.nodeName !== node.metadata?.name;
    if (isOther || affinity?.matches(node) === false) return { shouldRun: false, mayStay: false };
    const taints = node.spec?.taints ?? [];
    if (firstUntoleratedTaint(taints, tolerations, isDoNotScheduleTaint) === undefined) {
      return { shouldRun: true, mayStay: true };
    }
    return { shouldRun: false, mayStay: firstUntoleratedTaint(taints, tolerations, isNoExecute) === undefined };
  };
}
