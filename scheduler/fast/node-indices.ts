/**
 * The indices in use, by what they say: classes of one profile that ask for the same amounts, and to which the nodes' own
 * objects and the pods on them mean the same, share one. Apps that differ in their labels only, spread over zones, need a
 * single index for all of them; so do pods whose labels differ in what nobody's terms look at.
 */
import type { Cluster } from '../cluster.ts';
import type { ClassProgram } from './class-program.ts';
import type { TopologyCounters } from './counters.ts';
import { FormScorer } from './form-scorer.ts';
import { type AllScores, KeptScores } from './kept-scores.ts';
import { type FormSource, NodeIndex } from './node-index.ts';
import { NodeRecords } from './node-records.ts';
import type { Promises } from './promises.ts';
import { type PodForm, podForm } from './resource-form.ts';
import { maskOf, ResourceScan } from './resource-scan.ts';
import type { StaticPart } from './static-part.ts';
import { StaticParts } from './static-parts.ts';

/** Below this a pass over all nodes saves nothing. */
const MIN_SCAN_NODES = 64;

interface Form {
  readonly scorer: FormScorer;
  readonly allScores: AllScores;
  kept: KeptScores | undefined;
  /** Indices that read what is kept. */
  readers: number;
  readonly shared: Entry[];
}

interface Entry {
  readonly part: StaticPart;
  readonly priority: number;
  readonly form: Form | undefined;
  /** What is counted of the pods on a node; '' for nothing, undefined where the index is the program's alone. */
  readonly counted: string | undefined;
  readonly keepsScores: boolean;
  readonly index: NodeIndex;
}

export class NodeIndices {
  private readonly cluster: Cluster;
  private readonly counters: TopologyCounters;
  private readonly promises: Promises;
  private readonly records: NodeRecords;
  readonly parts: StaticParts;
  readonly scan: ResourceScan;
  private layoutGeneration = -1;
  private everything: { nodeCount: number; mask: Int32Array } = { nodeCount: 0, mask: new Int32Array(0) };
  private readonly forms = new Map<string, Form>();
  private readonly entries = new Map<NodeIndex, Entry>();

  constructor(cluster: Cluster, counters: TopologyCounters, promises: Promises) {
    this.cluster = cluster;
    this.counters = counters;
    this.promises = promises;
    this.records = new NodeRecords(cluster);
    this.parts = new StaticParts(cluster);
    this.scan = new ResourceScan(cluster, this.records);
  }

  get bytes(): number {
    let bytes = this.parts.bytes;
    for (const { index } of this.entries.values()) bytes += index.bytes;
    for (const { kept } of this.forms.values()) bytes += kept?.values.byteLength ?? 0;
    return bytes;
  }

  /** The index of a program; `release` gives it back. Throws what a plugin throws, and ScoreOutOfRange. */
  get(program: ClassProgram, priority: number, part: StaticPart): NodeIndex {
    this.refresh();
    const pure = podForm(
      program.usageFilters.map(({ compiled }) => compiled),
      program.usageScores,
    );
    const form = pure && this.formOf(pure);
    const { usageFacts } = program;
    const counted = form && (usageFacts.length === 0 ? '' : this.counters.signatureOf(usageFacts));
    const known =
      counted === undefined
        ? undefined
        : form?.shared.find((entry) => entry.part === part && entry.priority === priority && entry.counted === counted);
    if (known !== undefined) {
      known.index.users++;
      return known.index;
    }
    const { cluster, counters, promises } = this;
    const keepsScores = form !== undefined && usageFacts.length > 0;
    const source = form && this.sourceOf(form, keepsScores);
    const index = new NodeIndex({ cluster, counters, promises, program, priority, part, source });
    index.users = 1;
    const entry = { part, priority, form, counted, keepsScores, index };
    this.entries.set(index, entry);
    if (counted !== undefined) form?.shared.push(entry);
    if (keepsScores) form.readers++;
    return index;
  }

  release(index: NodeIndex): void {
    const entry = this.entries.get(index);
    // Undefined when the nodes have changed since.
    if (entry === undefined || --index.users > 0) return;
    this.entries.delete(index);
    const { form, part, counted, keepsScores } = entry;
    if (counted !== undefined) form?.shared.splice(form.shared.indexOf(entry), 1);
    if (keepsScores && form !== undefined && --form.readers === 0) form.kept = undefined;
    for (const other of this.entries.values()) if (other.part === part) return;
    this.parts.forget(part);
  }

  private refresh(): void {
    if (this.layoutGeneration === this.cluster.layoutGeneration) return;
    this.layoutGeneration = this.cluster.layoutGeneration;
    this.forms.clear();
    this.entries.clear();
  }

  private formOf(form: PodForm): Form {
    const key = JSON.stringify(form);
    let known = this.forms.get(key);
    if (known === undefined) {
      const allScores = () => this.scoreAll(form);
      known = { scorer: new FormScorer(form, this.records), allScores, kept: undefined, readers: 0, shared: [] };
      this.forms.set(key, known);
    }
    return known;
  }

  private scoreAll(form: PodForm): Uint8Array | undefined {
    const { nodeCount } = this.cluster;
    if (!this.scan.isAvailable || nodeCount < MIN_SCAN_NODES) return undefined;
    if (this.everything.nodeCount !== nodeCount)
      this.everything = { nodeCount, mask: maskOf({ nodeCount, rejected: undefined }) };
    return this.scan.scoreAll(form, this.everything.mask);
  }

  private sourceOf(form: Form, isKept: boolean): FormSource {
    const { records, cluster } = this;
    records.catchUp();
    if (isKept) form.kept ??= new KeptScores(form.scorer, form.allScores, cluster);
    return { records, scorer: form.scorer, allScores: form.allScores, kept: isKept ? form.kept : undefined };
  }
}
