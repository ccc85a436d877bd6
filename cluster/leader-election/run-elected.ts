/** A component of which one of several replicas is at work: it is begun anew in every term, and ended with it. */
import type { KubeObject } from '../../api/index.ts';
import { EventRecorder } from '../controllers/event-recorder.ts';
import { type ElectorOptions, LeaderElector } from './elector.ts';
import { Term } from './term.ts';

export interface ElectedOptions extends Omit<ElectorOptions, 'startedLeading' | 'stoppedLeading'> {
  /** Begins to act through the term's client and clock alone; answers how to end. */
  lead(term: Term): () => void;
  /** Told after the component has begun or ended. */
  changed?(isLeader: boolean): void;
}

/** Starts as a candidate. */
export function runElected(options: ElectedOptions): LeaderElector {
  const { client, clock, namespace, name, identity, lead, changed } = options;
  const recorder = new EventRecorder(client, clock, name);
  const record = (what: string): void => {
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace } } as KubeObject;
    recorder.record(lease, 'Normal', 'LeaderElection', `${identity} ${what}`);
  };
  let endTerm: () => void = () => {};
  const elector: LeaderElector = new LeaderElector({
    ...options,
    startedLeading: () => {
      const term = new Term(client, clock, () => elector.isLeader);
      const stop = lead(term);
      endTerm = () => {
        term.end();
        stop();
      };
      record('became leader');
      changed?.(true);
    },
    stoppedLeading: () => {
      endTerm();
      record('stopped leading');
      changed?.(false);
    },
  });
  elector.start();
  return elector;
}
