/** `berth etcdctl`: etcd's client commands on the embedded store of a folder, or on a real etcd. */
import { Command } from 'commander';
import { compactCommand, delCommand, getCommand, putCommand } from './etcdctl/kv.ts';
import { leaseCommand } from './etcdctl/lease.ts';
import { defragCommand, endpointCommand, snapshotCommand } from './etcdctl/maintenance.ts';
import { txnCommand } from './etcdctl/txn.ts';
import { watchCommand } from './etcdctl/watch.ts';

export function etcdctlCommand(): Command {
  return new Command('etcdctl')
    .description('read, write, watch and save a store: --data FOLDER, or --endpoints URL[,URL] of a real etcd')
    .addCommand(getCommand())
    .addCommand(putCommand())
    .addCommand(delCommand())
    .addCommand(txnCommand())
    .addCommand(watchCommand())
    .addCommand(leaseCommand())
    .addCommand(compactCommand())
    .addCommand(snapshotCommand())
    .addCommand(defragCommand())
    .addCommand(endpointCommand());
}
