/** Claims written to the API, tried again when somebody else was faster. Source: `dynamicresources.go`, v1.37.2. */
import type { ResourceClaim } from '../../api/index.ts';
import type { PluginApi } from '../../scheduler/plugin.ts';

/** `retry.DefaultRetry`. */
const TRIES = 5;

/** The claim as stored, or why not. */
export type ClaimAnswer = (stored: ResourceClaim | undefined, problem: string | undefined) => void;

const asObject = (claim: ResourceClaim): ResourceClaim => ({
  ...claim,
  apiVersion: claim.apiVersion ?? 'resource.k8s.io/v1',
  kind: 'ResourceClaim',
});

export interface ClaimChange {
  /** What to write, step by step, each made from what the step before has stored. A text says why not. */
  readonly steps: ReadonlyArray<(claim: ResourceClaim) => ResourceClaim | undefined | string>;
  /** Words a failure of the n-th step. */
  readonly explain: (step: number, error: string) => string;
  readonly isStopped?: () => boolean;
}

/** Runs the steps; on a conflict all of them anew, with the latest version. */
export function changeClaim(claim: ResourceClaim, change: ClaimChange, api: PluginApi, answer: ClaimAnswer): void {
  const { steps, explain, isStopped = () => false } = change;
  const name = `${claim.metadata?.namespace ?? 'default'}/${claim.metadata?.name ?? ''}`;
  const attempt = (current: ResourceClaim, triesLeft: number): void => {
    const run = (index: number, now: ResourceClaim): void => {
      if (isStopped()) return;
      const step = steps[index];
      if (step === undefined) {
        answer(now, undefined);
        return;
      }
      const next = step(now);
      if (typeof next === 'string') {
        answer(undefined, next);
        return;
      }
      if (next === undefined) {
        run(index + 1, now);
        return;
      }
      api.update(asObject(next), (stored, error) => {
        if (stored !== undefined) run(index + 1, stored as ResourceClaim);
        else if (error?.reason !== 'Conflict' || triesLeft === 0)
          answer(undefined, explain(index, error?.message ?? ''));
        else refresh(triesLeft - 1);
      });
    };
    run(0, current);
  };
  const refresh = (triesLeft: number): void =>
    api.get(asObject(claim), (stored, error) => {
      if (stored !== undefined) attempt(stored as ResourceClaim, triesLeft);
      else answer(undefined, `get updated claim ${name} after conflict: ${error?.message ?? ''}`);
    });
  attempt(claim, TRIES - 1);
}

/** Takes the protection off, then the claim itself. One that is gone already is fine. */
export function deleteClaim(claim: ResourceClaim, api: PluginApi, done: (problem: string | undefined) => void): void {
  const isProtection = (finalizer: string): boolean => finalizer === 'resource.kubernetes.io/delete-protection';
  const name = `${claim.metadata?.namespace ?? 'default'}/${claim.metadata?.name ?? ''}`;
  const change: ClaimChange = {
    steps: [
      (now) => {
        const finalizers = (now.metadata?.finalizers ?? []).filter((finalizer) => !isProtection(finalizer));
        return { ...now, metadata: { ...now.metadata, finalizers } };
      },
    ],
    explain: (_step, error) => `update resourceclaim ${name}: ${error}`,
  };
  changeClaim(claim, change, api, (stored, problem) => {
    if (stored === undefined) {
      done(problem);
      return;
    }
    api.delete(asObject(stored), (_, error) =>
      done(error === undefined || error.reason === 'NotFound' ? undefined : error.message),
    );
  });
}
