/**
 * Which pods belong together when nobody says so: those of the same Services and of the same controller.
 * Source: `DefaultSelector`, `plugins/helper/spread.go`, v1.37.2.
 */
import {
  bothMatch,
  compileLabelSelector,
  EVERYTHING,
  type LabelMatcher,
  type LabelSelector,
  matcherOfLabels,
} from '../../api/index.ts';
import type { ObjectListers, PodInfo } from '../../scheduler/plugin.ts';

export interface DefaultSelector {
  readonly selector: LabelMatcher;
  /** Equal texts, equal selectors. */
  readonly text: string;
}

/** Everything (the selector `{}`) when no Service and no controller claims the pod. */
export function defaultSelector(pod: PodInfo, objects: ObjectListers): DefaultSelector {
  const labels = serviceLabels(pod, objects);
  const owner = pod.pod.metadata?.ownerReferences?.find(({ controller }) => controller === true);
  const ofLabels = (all: Readonly<Record<string, string>>): DefaultSelector => ({
    selector: matcherOfLabels(all),
    text: JSON.stringify([all]),
  });
  const ofController = (controller: LabelSelector | undefined): DefaultSelector => ({
    selector: bothMatch(matcherOfLabels(labels), requirementsOf(controller)),
    text: JSON.stringify([labels, controller]),
  });
  if (owner === undefined) return ofLabels(labels);
  const key = `${pod.namespace}/${owner.name}`;
  switch (`${owner.apiVersion} ${owner.kind}`) {
    case 'v1 ReplicationController':
      return ofLabels({ ...labels, ...objects.replicationControllers.get(key)?.spec?.selector });
    case 'apps/v1 ReplicaSet':
      return ofController(objects.replicaSets.get(key)?.spec?.selector);
    case 'apps/v1 StatefulSet':
      return ofController(objects.statefulSets.get(key)?.spec?.selector);
    default:
      return ofLabels(labels);
  }
}

/** The selectors of all Services that pick the pod, later ones first in case of doubt. */
function serviceLabels(pod: PodInfo, objects: ObjectListers): Readonly<Record<string, string>> {
  let labels: Readonly<Record<string, string>> = {};
  for (const service of objects.services.list()) {
    const selector = service.spec?.selector;
    // A Service without a selector picks nothing, not everything.
    if (!selector || (service.metadata?.namespace ?? 'default') !== pod.namespace) continue;
    if (matcherOfLabels(selector).matches(pod.labels)) labels = { ...labels, ...selector };
  }
  return labels;
}

/** A selector that cannot be read, or that matches nothing, adds no requirement. */
function requirementsOf(selector: LabelSelector | undefined): LabelMatcher {
  try {
    const matcher = compileLabelSelector(selector);
    return matcher.nothing ? EVERYTHING : matcher;
  } catch {
    return EVERYTHING;
  }
}
