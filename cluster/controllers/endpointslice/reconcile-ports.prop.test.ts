/** However slices were filled before: afterwards every endpoint is in one of them, and as few as can be were changed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reconcilePorts } from './reconcile-ports.ts';
import { type Draft, type Endpoint, type EndpointSlice, endpointKey, endpointsOf } from './slice.ts';

const MAX = 4;
const endpoint = (id: number, ready: boolean): Endpoint => ({
  addresses: [`10.0.0.${id}`],
  conditions: { ready },
  targetRef: { kind: 'Pod', namespace: 'ns', name: `p${id}`, uid: `u${id}` },
});
const slice = (name: string, endpoints: readonly Endpoint[]): EndpointSlice =>
  ({ metadata: { name, labels: {} }, addressType: 'IPv4', endpoints }) as EndpointSlice;

const ids = fc.uniqueArray(fc.nat(20), { maxLength: 18 });

describe('endpoints over slices', () => {
  it('are complete, never twice, and in slices that are not too large', () => {
    fc.assert(
      fc.property(ids, ids, fc.nat(3), fc.nat(20), (before, wanted, perSlice, flipped) => {
        const existing: EndpointSlice[] = [];
        for (let i = 0; i < before.length; i += perSlice + 1) {
          const part = before.slice(i, i + perSlice + 1).map((id) => endpoint(id, true));
          existing.push(slice(`s${i}`, part));
        }
        const desired = new Map(
          wanted.map((id) => {
            const made = endpoint(id, id !== flipped);
            return [endpointKey(made), made];
          }),
        );
        const newDraft = (): Draft => ({ slice: slice('', []), endpoints: [] });
        const labelsOf = () => ({ labels: {}, isChanged: false });
        const plan = reconcilePorts({ existing, desired, maxEndpoints: MAX, labelsOf, newDraft });
        const touched = new Set(
          [...plan.update.map((draft) => draft.slice), ...plan.remove].map((each) => each.metadata!.name),
        );
        const kept = existing.filter(({ metadata }) => !touched.has(metadata!.name));
        const after = [...kept.map(endpointsOf), ...[...plan.update, ...plan.create].map(({ endpoints }) => endpoints)];
        expect(
          after
            .flat()
            .map(({ addresses }) => addresses[0])
            .sort(),
        ).toEqual(wanted.map((id) => `10.0.0.${id}`).sort());
        for (const each of after.flat()) expect(each.conditions.ready).toBe(each.addresses[0] !== `10.0.0.${flipped}`);
        expect(Math.max(0, ...after.map(({ length }) => length))).toBeLessThanOrEqual(MAX);
        // What is as it should be is not written again, unless it takes somebody in.
        const isRight = (each: EndpointSlice): boolean =>
          endpointsOf(each).every((one) => desired.get(endpointKey(one))?.conditions.ready === true);
        const added = wanted.filter((id) => !before.includes(id)).length;
        if (added === 0) expect(kept).toEqual(existing.filter(isRight));
      }),
      { numRuns: 300, seed: 3 },
    );
  });
});
