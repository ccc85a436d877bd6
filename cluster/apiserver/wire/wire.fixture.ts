/** A served cluster for tests: in memory, on a free port, by the time of day. */
import { randomBytes } from 'node:crypto';
import { RealClock } from '../../clock.ts';
import { nodeHost } from '../../node-host.ts';
import { MemoryStore } from '../../store/index.ts';
import { WordIds } from '../ids.ts';
import { startWire, type Wire, type WireOptions } from './index.ts';

export interface Served extends Wire {
  readonly clock: RealClock;
  stop(): Promise<void>;
}

export async function serveForTest(options: Partial<WireOptions> = {}): Promise<Served> {
  const clock = new RealClock(nodeHost);
  const store = new MemoryStore({ clock });
  const ids = new WordIds(() => randomBytes(4).readUInt32LE());
  const wire = await startWire({ store, clock, ids, host: '127.0.0.1', port: 0, ...options });
  const stop = async (): Promise<void> => {
    await wire.close();
    clock.stop();
  };
  return { ...wire, clock, stop };
}
