/** A server to put recordings to, which can be started anew on what its store holds. */
import { randomBytes } from 'node:crypto';
import { WordIds } from '../../cluster/apiserver/index.ts';
import { startWire, type Wire } from '../../cluster/apiserver/wire/index.ts';
import { RealClock } from '../../cluster/clock.ts';
import { nodeHost } from '../../cluster/node-host.ts';
import { MemoryStore } from '../../cluster/store/index.ts';

export class TestServer {
  private readonly clock = new RealClock(nodeHost);
  private readonly store = new MemoryStore({ clock: this.clock });
  private readonly ids = new WordIds(() => randomBytes(4).readUInt32LE());
  wire!: Wire;

  async start(): Promise<void> {
    const { store, clock, ids } = this;
    // Open to anonymous requests, as the recorded server was.
    this.wire = await startWire({ store, clock, ids, host: '127.0.0.1', port: 0, isTls: false, anonymous: true });
  }

  /** What was before is forgotten, by the store and by the server. */
  async restart(): Promise<void> {
    await this.wire.close();
    const { revision } = this.wire.api;
    await new Promise<void>((resolve) => this.store.compact(revision, () => resolve()));
    await this.start();
  }

  async stop(): Promise<void> {
    await this.wire.close();
    this.clock.stop();
  }
}

export async function withServer<T>(run: (server: TestServer) => Promise<T>): Promise<T> {
  const server = new TestServer();
  await server.start();
  try {
    return await run(server);
  } finally {
    await server.stop();
  }
}
