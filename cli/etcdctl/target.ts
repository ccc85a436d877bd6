/** Which store a command of `berth etcdctl` is about, and how its answers look. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { InputError } from '../../api/index.ts';
import { RealClock } from '../../cluster/clock.ts';
import { nodeHost } from '../../cluster/node-host.ts';
import { ask, EtcdStore, openEmbeddedStore, type Store, StoreError } from '../../cluster/store/index.ts';
import { etcdTls } from '../etcd-tls.ts';
import { SERVE_STORE } from '../serve-store.ts';

export const FORMATS = ['simple', 'json', 'fields', 'table'] as const;
export type Format = (typeof FORMATS)[number];

export interface TargetOptions {
  readonly data?: string;
  readonly endpoints?: string;
  readonly cacert?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly commandTimeout: string;
  readonly writeOut: Format;
}

export function withTarget(command: Command): Command {
  return command
    .option('--data <folder>', 'the embedded store in this folder, which may be that of berth serve')
    .option('--endpoints <urls>', 'a real etcd: its members, separated by commas')
    .option('--cacert <file>', "the CA that signed etcd's certificate")
    .option('--cert <file>', 'certificate of this client')
    .option('--key <file>', 'key of this client')
    .option('--command-timeout <seconds>', 'of every call of etcd', '5')
    .addOption(new Option('-w, --write-out <format>', 'how answers look').choices(FORMATS).default('simple'));
}

/** Opens the store, lets the work be done, and closes it, whatever happens. */
export async function onStore(options: TargetOptions, work: (store: Store) => Promise<void>): Promise<void> {
  const { store, close } = open(options);
  try {
    await work(store);
  } catch (error) {
    throw error instanceof StoreError && error.code === 'InvalidArgument' ? new InputError(error.message) : error;
  } finally {
    await close();
  }
}

/** `berth serve` keeps its store beside other things. */
function storeFolder(data: string): string {
  const within = join(data, SERVE_STORE);
  return existsSync(within) ? within : data;
}

export const endpointOf = ({ endpoints, data }: TargetOptions): string => endpoints ?? data ?? '';

function open(options: TargetOptions): { store: Store; close: () => Promise<void> } {
  const { data, endpoints } = options;
  if ((data === undefined) === (endpoints === undefined)) {
    throw new InputError('say which store: either --data FOLDER or --endpoints URL[,URL]');
  }
  const clock = new RealClock(nodeHost);
  const store =
    data === undefined ? openEtcd(endpoints!, options) : openEmbeddedStore({ folder: storeFolder(data), clock });
  const close = async (): Promise<void> => {
    await ask<void>((answer) => store.close(answer));
    clock.stop();
  };
  return { store, close };
}

function openEtcd(endpoints: string, { cacert, cert, key, commandTimeout }: TargetOptions): Store {
  const timeoutMs = Number.parseFloat(commandTimeout) * 1000;
  if (!(timeoutMs > 0)) throw new InputError(`--command-timeout ${commandTimeout}: a number of seconds is expected`);
  const tls = etcdTls(['--cacert', cacert], ['--cert', cert], ['--key', key]);
  return new EtcdStore({ endpoints: endpoints.split(','), tls, timeoutMs });
}
