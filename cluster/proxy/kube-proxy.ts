/**
 * The proxy of one node: it works by the services and endpoints as of its last synchronisation. It holds rules only when
 * somebody wants to see them, so that a node costs a few numbers and a timer.
 */
import type { Clock } from '../../scheduler/clock.ts';
import { BoundedRunner, type RunBounds, SYNC_BOUNDS } from './bounded-runner.ts';
import { Connections } from './connections.ts';
import { type Answer, decide, type Packet, type ProxyMode, type ProxySettings } from './decide.ts';
import type { Endpoint } from './endpoints.ts';
import { IptablesTables } from './iptables-tables.ts';
import { NftablesTable } from './nftables-table.ts';
import type { ProxyState, Reader } from './proxy-state.ts';

export interface KubeProxyOptions {
  readonly state: ProxyState;
  readonly settings: ProxySettings;
  readonly mode: ProxyMode;
  readonly clock: Clock;
  /** @default SYNC_BOUNDS */
  readonly bounds?: RunBounds;
  /** What a synchronisation would send to the kernel; `''` when nothing changed. Rules are kept while this is given. */
  readonly written?: (text: string) => void;
}

export class KubeProxy implements Reader {
  /** Up to which changes count. */
  revision = 0;
  syncCount = 0;
  private readonly options: KubeProxyOptions;
  private settings: ProxySettings;
  /** Taken over by the next synchronisation. */
  private nextSettings: ProxySettings;
  private readonly runner: BoundedRunner;
  private table: NftablesTable | IptablesTables | undefined;
  private connections: Connections | undefined;
  private isSynced = false;

  constructor(options: KubeProxyOptions) {
    this.options = options;
    this.settings = options.settings;
    this.nextSettings = options.settings;
    options.state.addReader(this);
    this.revision = options.state.revision;
    this.runner = new BoundedRunner(options.clock, options.bounds ?? SYNC_BOUNDS, () => this.sync());
  }

  /** All services and endpoints have been heard of; before that, no rules are written. */
  synced(): void {
    this.isSynced = true;
    this.runner.ask();
  }

  /** Something has changed in the state. */
  changed(): void {
    if (this.isSynced) this.runner.ask();
  }

  /** The node's zone decides about topology hints; all rules are made anew. */
  setZone(zone: string | undefined): void {
    const { node } = this.nextSettings;
    if (zone === node.zone) return;
    this.nextSettings = { ...this.nextSettings, node: { ...node, zone } };
    this.changed();
  }

  stop(): void {
    this.runner.stop();
    this.table?.stop();
    this.options.state.removeReader(this);
  }

  /** Of the first packet of a connection; undefined before the first synchronisation. */
  decide(packet: Packet): Answer | undefined {
    if (this.syncCount === 0) return undefined;
    return decide(this.options.state, this.revision, this.settings, this.options.mode, packet);
  }

  /** The endpoint that a connection goes to; undefined when it goes to none. @param random in [0, 1) */
  connect(packet: Packet, random: number): Endpoint | undefined {
    const answer = this.decide(packet);
    if (answer?.action !== 'dnat') return undefined;
    if (answer.affinitySeconds === undefined) return answer.endpoints[Math.floor(random * answer.endpoints.length)];
    this.connections ??= new Connections();
    return this.connections.pick(answer, packet.source, random, this.options.clock.nowMs);
  }

  /** The rules as of the last synchronisation. */
  rules(): string {
    return this.rulesTable().text();
  }

  private sync(): boolean {
    if (!this.isSynced) return true;
    const { state, written, clock } = this.options;
    if (this.settings !== this.nextSettings) {
      this.settings = this.nextSettings;
      this.table?.stop();
      this.table = undefined;
    }
    this.revision = state.revision;
    this.syncCount++;
    if (written !== undefined) this.table ??= this.newTable();
    const text = this.table?.sync(this.revision, clock.nowMs) ?? '';
    written?.(text);
    return true;
  }

  private rulesTable(): NftablesTable | IptablesTables {
    if (this.table === undefined) {
      this.table = this.newTable();
      this.table.sync(this.revision, this.options.clock.nowMs);
    }
    return this.table;
  }

  private newTable(): NftablesTable | IptablesTables {
    const { mode, state } = this.options;
    const Table = mode === 'nftables' ? NftablesTable : IptablesTables;
    return new Table(state, this.settings, this.revision);
  }
}
