/**
 * One address in front of several API servers, as highly available clusters have: connections go in turn to servers that
 * answer, and those to a server that answers no more are cut, so that clients come again elsewhere. TLS passes through.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';

const PROBE_MS = 500;
/** So many probes in a row have to fail. */
const FAILURES_MAX = 2;

export interface Backend {
  readonly port: number;
  /** Whether it serves, from its store too. Answers within a time limit of its own. */
  probe(): Promise<boolean>;
}

interface Known {
  readonly backend: Backend;
  readonly sockets: Set<Socket>;
  isUp: boolean;
  failures: number;
}

export class LoadBalancer {
  private readonly known: readonly Known[];
  private readonly server: Server;
  private readonly changed: (backend: Backend, isUp: boolean) => void;
  private next = 0;
  private isClosed = false;

  /** All begin as servers that answer. */
  constructor(backends: readonly Backend[], changed: (backend: Backend, isUp: boolean) => void = () => {}) {
    this.known = backends.map((backend) => ({ backend, sockets: new Set<Socket>(), isUp: true, failures: 0 }));
    this.changed = changed;
    this.server = createServer({ pauseOnConnect: true }, (socket) => this.forward(socket, this.known.length));
  }

  /** Rejects when the address is not to be had. */
  async listen(host: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, resolve);
    });
    for (const known of this.known) void this.watch(known);
    return (this.server.address() as { port: number }).port;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const { sockets } of this.known) for (const socket of sockets) socket.destroy();
    await closed;
  }

  private async watch(known: Known): Promise<void> {
    while (!this.isClosed) {
      const isGood = await known.backend.probe();
      known.failures = isGood ? 0 : known.failures + 1;
      const isUp = known.failures < FAILURES_MAX;
      if (isUp !== known.isUp && !this.isClosed) {
        known.isUp = isUp;
        if (!isUp) for (const socket of known.sockets) socket.destroy();
        this.changed(known.backend, isUp);
      }
      await new Promise((resolve) => setTimeout(resolve, PROBE_MS));
    }
  }

  private forward(client: Socket, triesLeft: number): void {
    const known = this.pick();
    client.on('error', () => client.destroy());
    if (known === undefined || triesLeft === 0) {
      client.destroy();
      return;
    }
    const upstream = connect(known.backend.port, '127.0.0.1');
    known.sockets.add(upstream);
    let isConnected = false;
    upstream.once('connect', () => {
      isConnected = true;
      client.pipe(upstream).pipe(client);
      client.resume();
    });
    upstream.on('error', () => {});
    upstream.once('close', () => {
      known.sockets.delete(upstream);
      if (isConnected || this.isClosed) client.destroy();
      else this.forward(client, triesLeft - 1);
    });
    client.once('close', () => upstream.destroy());
  }

  /** Any at all when none is known to answer: it may by now. */
  private pick(): Known | undefined {
    const count = this.known.length;
    for (let step = 0; step < count; step++) {
      const known = this.known[(this.next + step) % count]!;
      if (!known.isUp) continue;
      this.next = (this.next + step + 1) % count;
      return known;
    }
    return this.known[this.next++ % count];
  }
}
