/** Pods that a selector picks. Pods of one class have equal labels and namespace, so each class is judged once. */
import type { LabelMatcher } from '../../api/index.ts';
import type { PodInfo } from '../../scheduler/plugin.ts';

/** A yes or no per pod that depends on its class alone. Cost: one array read per pod. */
export function perClass(judge: (pod: PodInfo) => boolean): (pod: PodInfo) => boolean {
  const known: Array<boolean | undefined> = [];
  return (pod) => {
    const { classId } = pod;
    let answer = known[classId];
    if (answer === undefined) {
      answer = judge(pod);
      known[classId] = answer;
    }
    return answer;
  };
}

/** As `perClass`, for answers of any type. */
export function memoPerClass<T>(judge: (pod: PodInfo) => T): (pod: PodInfo) => T {
  const known = new Map<number, T>();
  return (pod) => {
    let answer = known.get(pod.classId);
    if (answer === undefined) {
      answer = judge(pod);
      known.set(pod.classId, answer);
    }
    return answer;
  };
}

/**
 * How many of the pods are in the namespace, not terminating, and picked by the selector; the selector `{}` counts
 * nothing. Source: `countPodsMatchSelector`, `plugins/podtopologyspread/common.go`, v1.37.2.
 */
export function podCounter(selector: LabelMatcher, namespace: string): (pods: readonly PodInfo[]) => number {
  if (selector.everything || selector.nothing) return () => 0;
  const picked = perClass((pod) => pod.namespace === namespace && selector.matches(pod.labels));
  return (pods) => {
    let count = 0;
    for (let i = 0; i < pods.length; i++) {
      const pod = pods[i]!;
      if (!pod.terminating && picked(pod)) count++;
    }
    return count;
  };
}
