/**
 * Endpoints of one list of ports over slices, with as few slices changed as can be. Source: `endpointslice/reconciler.go`
 * (`reconcileByPortMapping`), v0.37.2.
 */
import { type Draft, type Endpoint, type EndpointSlice, endpointKey, endpointsOf, isSameState } from './slice.ts';

export interface Plan {
  readonly create: Draft[];
  readonly update: Draft[];
  readonly remove: EndpointSlice[];
}

export interface Labelled {
  readonly labels: Readonly<Record<string, string>>;
  /** The labels of the Service have changed. */
  readonly isChanged: boolean;
}

export interface PortsOptions {
  readonly existing: readonly EndpointSlice[];
  readonly desired: ReadonlyMap<string, Endpoint>;
  readonly maxEndpoints: number;
  labelsOf(slice: EndpointSlice): Labelled;
  newDraft(): Draft;
}

export function reconcilePorts({ existing, desired, maxEndpoints, labelsOf, newDraft }: PortsOptions): Plan {
  const left = new Map(desired);
  const plan: Plan = { create: [], update: [], remove: [] };
  const unchanged: Draft[] = [];
  for (const slice of existing) {
    const before = endpointsOf(slice);
    const endpoints: Endpoint[] = [];
    let isChanged = false;
    for (const endpoint of before) {
      const key = endpointKey(endpoint);
      const wanted = left.get(key);
      if (wanted === undefined) continue;
      endpoints.push(wanted);
      if (!isSameState(wanted, endpoint)) isChanged = true;
      left.delete(key);
    }
    const { labels, isChanged: isRelabelled } = labelsOf(slice);
    const isTouched = isChanged || before.length !== endpoints.length;
    if (isTouched && endpoints.length === 0) plan.remove.push(slice);
    else if (!isTouched && !isRelabelled) unchanged.push({ slice, endpoints: [...before] });
    else {
      const relabelled = { ...slice, metadata: { ...slice.metadata, labels: { ...labels } } };
      plan.update.push({ slice: relabelled, endpoints: isTouched ? endpoints : [...before] });
    }
  }
  plan.update.sort((a, b) => b.endpoints.length - a.endpoints.length);
  for (const draft of plan.update) fill(draft, left, maxEndpoints);
  while (left.size > 0) {
    const fitting = left.size < maxEndpoints ? fullest(unchanged, left.size, maxEndpoints) : undefined;
    const draft = fitting ?? newDraft();
    fill(draft, left, maxEndpoints);
    if (fitting === undefined) plan.create.push(draft);
    else {
      unchanged.splice(unchanged.indexOf(fitting), 1);
      plan.update.push(fitting);
    }
  }
  return plan;
}

function fill(draft: Draft, left: Map<string, Endpoint>, maxEndpoints: number): void {
  for (const [key, endpoint] of left) {
    if (draft.endpoints.length >= maxEndpoints) return;
    draft.endpoints.push(endpoint);
    left.delete(key);
  }
}

/** The slice that has the least room left when all of them are in it. */
function fullest(drafts: readonly Draft[], count: number, maxEndpoints: number): Draft | undefined {
  let best: Draft | undefined;
  let bestRoom = maxEndpoints;
  for (const draft of drafts) {
    const room = maxEndpoints - count - draft.endpoints.length;
    if (room < 0 || room >= bestRoom) continue;
    bestRoom = room;
    best = draft;
  }
  return best;
}
