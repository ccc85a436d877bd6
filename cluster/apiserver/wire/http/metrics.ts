/** What Prometheus reads, under upstream's names. Source: `apiserver/pkg/endpoints/metrics/metrics.go`, v0.37.2. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Target } from '../../client.ts';
import { CountedDurations, type CountedRequest, RequestCounts } from './request-counts.ts';

const SECONDS = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];

const REQUEST = ['verb', 'group', 'version', 'resource', 'subresource', 'scope'] as const;

export class ApiMetrics {
  /** Whoever else serves from this process registers here: `scheduler_*`, `etcd_*`. */
  readonly registry = new Registry();
  private readonly requests: RequestCounts;
  private readonly inFlight = new Gauge({
    name: 'apiserver_current_inflight_requests',
    help: 'Requests that run now.',
    labelNames: ['request_kind'],
    registers: [this.registry],
  });
  private readonly watchers = new Gauge({
    name: 'apiserver_longrunning_requests',
    help: 'Watches that are open now.',
    labelNames: ['verb', 'group', 'version', 'resource'],
    registers: [this.registry],
  });
  private readonly rejected = new Counter({
    name: 'apiserver_dropped_requests_total',
    help: 'Requests turned away because too many ran.',
    labelNames: ['request_kind'],
    registers: [this.registry],
  });

  /** @param isServed Whether a resource, or a subresource, is there at all. */
  constructor(isServed: (target: Target) => boolean) {
    const { registry } = this;
    const requests = new RequestCounts(SECONDS, isServed);
    this.requests = requests;
    const registers = [registry];
    new Counter({
      name: 'apiserver_request_total',
      help: 'Requests answered, by what they asked for and the HTTP status.',
      labelNames: [...REQUEST, 'code', 'dry_run'],
      registers,
      collect() {
        requests.fill(this);
      },
    });
    new CountedDurations(
      {
        name: 'apiserver_request_duration_seconds',
        help: 'Seconds until a request was answered; watches are not counted.',
        labelNames: [...REQUEST, 'dry_run'],
        buckets: SECONDS,
        registers,
      },
      requests,
    );
    collectDefaultMetrics({ register: registry });
  }

  answered(request: CountedRequest, code: number, seconds: number): void {
    this.requests.add(request, code, seconds);
  }

  running(reading: number, writing: number): void {
    this.inFlight.set({ request_kind: 'readOnly' }, reading);
    this.inFlight.set({ request_kind: 'mutating' }, writing);
  }

  /** @returns What to call when the watch ends. */
  watching({ group, version, resource }: Target): () => void {
    const labels = { verb: 'WATCH', group, version, resource };
    this.watchers.inc(labels);
    return () => this.watchers.dec(labels);
  }

  turnedAway(isRead: boolean): void {
    this.rejected.inc({ request_kind: isRead ? 'readOnly' : 'mutating' });
  }
}
