/** Opens the store that a command names. */
import path from 'node:path';
import { InputError } from '../api/index.ts';
import type { Clock } from '../cluster/clock.ts';
import { EtcdStore, MemoryStore, openEmbeddedStore, type Store } from '../cluster/store/index.ts';
import { etcdTls } from './etcd-tls.ts';

/** Where in `--data` the embedded store lies. */
export const SERVE_STORE = 'store';

/** The first is taken when nobody says. */
export const STORES = ['embedded', 'memory', 'etcd'] as const;
export type StoreName = (typeof STORES)[number];

export interface StoreSettings {
  readonly clock: Clock;
  /** Folder of the embedded store. */
  readonly data: string | undefined;
  readonly etcdServers?: readonly string[];
  readonly etcdCafile?: string;
  readonly etcdCertfile?: string;
  readonly etcdKeyfile?: string;
}

export async function openStore(name: StoreName, settings: StoreSettings): Promise<Store> {
  switch (name) {
    case 'embedded':
      return openEmbeddedStore({ clock: settings.clock, folder: path.join(settings.data ?? '.', SERVE_STORE) });
    case 'memory':
      return new MemoryStore({ clock: settings.clock });
    case 'etcd':
      return openEtcd(settings);
  }
}

function openEtcd({ etcdServers, etcdCafile, etcdCertfile, etcdKeyfile }: StoreSettings): Store {
  if (etcdServers === undefined) throw new InputError('--store etcd: --etcd-servers must say where it is');
  const tls = etcdTls(
    ['--etcd-cafile', etcdCafile],
    ['--etcd-certfile', etcdCertfile],
    ['--etcd-keyfile', etcdKeyfile],
  );
  return new EtcdStore({ endpoints: etcdServers, tls });
}
