/**
 * A trace as Kubernetes objects in YAML: `nodes.yaml`, `pods.yaml`, and `events.yaml` with the pods at their times, which `berth
 * simulate` takes. Gangs become PodGroups (scheduling.k8s.io/v1beta1).
 */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import type { Pod, PodSpec } from '../../api/index.ts';
import { type NodePool, nodeMaker } from '../trace-folder.ts';
import type { PodShape } from '../workload.ts';
import { Interning } from './interning.ts';
import type { TraceSink } from './model.ts';

const NAMESPACE = 'default';
const SCHEDULING_API = 'scheduling.k8s.io/v1beta1';

interface Row {
  readonly name: string;
  readonly shape: number;
  readonly arrivalSeconds: number;
  readonly lifetimeSeconds: number;
  readonly owner: string;
  readonly gang: number;
}

/** Holds the pods, since events are in order of time. */
export class KubernetesSink implements TraceSink {
  private readonly names = new Interning();
  private readonly nodeRows: { readonly name: string; readonly pool: number }[] = [];
  private readonly rows: Row[] = [];

  pool(pool: NodePool): number {
    return this.names.pool(pool);
  }

  node(name: string, pool: number): void {
    this.nodeRows.push({ name, pool });
  }

  shape(shape: PodShape): number {
    return this.names.shape(shape);
  }

  pod(name: string, shape: number, arrivalSeconds: number, lifetimeSeconds: number, owner: string, gang: number): void {
    this.rows.push({ name, shape, arrivalSeconds, lifetimeSeconds, owner, gang });
  }

  /** Writes the three files and says how many objects are in each. */
  write(dir: string): Readonly<Record<string, number>> {
    mkdirSync(dir, { recursive: true });
    const makers = this.names.pools.map(nodeMaker);
    const nodes = writeDocuments(path.join(dir, 'nodes.yaml'), this.nodeRows, ({ name, pool }) => makers[pool]!(name));
    const pods = writeDocuments(path.join(dir, 'pods.yaml'), this.rows, (row) => this.podOf(row));
    const events = this.writeEvents(path.join(dir, 'events.yaml'));
    return { 'nodes.yaml': nodes, 'pods.yaml': pods, 'events.yaml': events };
  }

  private podOf({ name, shape, owner, gang }: Row): Pod {
    const { labels, spec } = this.names.shapes[shape]!;
    const grouped = gang > 0 ? ({ ...spec, schedulingGroup: { podGroupName: owner } } as PodSpec) : spec;
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: NAMESPACE, ...(labels === undefined ? {} : { labels }) },
      spec: grouped,
    };
  }

  private writeEvents(file: string): number {
    const order = this.rows
      .map((_, i) => i)
      .sort((a, b) => this.rows[a]!.arrivalSeconds - this.rows[b]!.arrivalSeconds || a - b);
    const handle = openSync(file, 'w');
    const groups = new Set<string>();
    let count = 0;
    let lines: string[] = [];
    const put = (event: object) => {
      // JSON is YAML, and a line per event keeps large files easy to look through.
      lines.push(`- ${JSON.stringify(event)}\n`);
      count++;
      if (lines.length >= 1000) writeSync(handle, lines.splice(0).join(''));
    };
    for (const i of order) {
      const row = this.rows[i]!;
      const ms = Math.round(row.arrivalSeconds * 1000);
      if (row.gang > 0 && !groups.has(row.owner)) {
        groups.add(row.owner);
        put({ ms, op: 'create', object: podGroup(row.owner, row.gang) });
      }
      const lifetime = Number.isFinite(row.lifetimeSeconds)
        ? { lifetime: `${Math.round(row.lifetimeSeconds * 1000)}ms` }
        : {};
      put({ ms, op: 'create', ...lifetime, object: this.podOf(row) });
    }
    if (lines.length > 0) writeSync(handle, lines.join(''));
    if (count === 0) writeSync(handle, '[]\n');
    lines = [];
    closeSync(handle);
    return count;
  }
}

function podGroup(name: string, minCount: number): object {
  return {
    apiVersion: SCHEDULING_API,
    kind: 'PodGroup',
    metadata: { name, namespace: NAMESPACE },
    spec: { schedulingPolicy: { gang: { minCount } } },
  };
}

function writeDocuments<T>(file: string, items: readonly T[], object: (item: T) => object): number {
  const handle = openSync(file, 'w');
  for (const [i, item] of items.entries())
    writeSync(handle, `${i === 0 ? '' : '---\n'}${stringify(JSON.parse(JSON.stringify(object(item))))}`);
  closeSync(handle);
  return items.length;
}
