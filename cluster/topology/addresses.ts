/** Where the processes of a control plane listen: chosen once, and kept with their data, since etcd members know each other by address. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../api/index.ts';
import { freePorts } from '../free-ports.ts';

export interface Addresses {
  /** Of each member: for clients, for the other members. */
  readonly etcd: ReadonlyArray<{ readonly client: number; readonly peer: number }>;
  readonly servers: readonly number[];
}

/** Throws InputError for a folder of another control plane. */
export async function addressesIn(folder: string, replicas: number): Promise<Addresses> {
  const file = join(folder, 'addresses.json');
  if (existsSync(file)) {
    const known = JSON.parse(readFileSync(file, 'utf8')) as Addresses;
    if (known.servers.length === replicas) return known;
    throw new InputError(
      `--replicas ${replicas}: ${folder} holds a control plane of ${known.servers.length}; take that number or another --data`,
    );
  }
  const ports = await freePorts(replicas * 3);
  const addresses: Addresses = {
    etcd: Array.from({ length: replicas }, () => ({ client: ports.pop()!, peer: ports.pop()! })),
    servers: ports,
  };
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(file, `${JSON.stringify(addresses)}\n`);
  return addresses;
}
