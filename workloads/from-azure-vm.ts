/**
 * Azure's VM traces of 2017 (V1) and 2019 (V2): the raw `vmtable` without header, and the reduction of V1 to flavors and
 * binned lifetimes that huaweicloud/trace_generation_rnn publishes.
 *
 * Raw times lie on a grid of 300 s; 0 means there before the trace, and the last instant means still there after it. V2 has buckets for
 * cores and memory: `>24` stands for more than 24, read as the next size up.
 */
import { InputError } from '../api/index.ts';
import { readReduced } from './trace/azure-reduced.ts';
import { COMMA, type Fields, type Layout, readFields } from './trace/fields.ts';
import type { FileHead, ImportContext, TraceFamily } from './trace/model.ts';
import { ShapeCache } from './trace/shapes.ts';

/** VMs deleted at the last instant of the trace were still there when recording ended. */
const END_SECONDS = 2_591_700;
const MIB_PER_GIB = 1024;
const VMTABLE: Layout = {
  table: 'vmtable',
  columns: [
    'vm_id',
    'subscription_id',
    'deployment_id',
    'created',
    'deleted',
    'max_cpu',
    'avg_cpu',
    'p95_max_cpu',
    'category',
    'cores',
    'memory_gib',
  ],
  fieldsMax: 11,
  separator: COMMA,
};
/** The sizes above the largest bounded buckets of V2: cores 2, 4, 8, 24, memory 2, 4, 8, 32, 64 GiB. */
const ABOVE_CORES = new Map([[24, 30]]);
const ABOVE_GIB = new Map([[64, 70]]);
const INTERACTIVE_PRIORITY = 1000;
/** `>` */
const ABOVE = 62;

const isRaw = ({ lines, name }: FileHead): boolean =>
  (lines[0] ?? '').split(',').length === VMTABLE.columns.length &&
  (/vmtable/i.test(name) || /,(Delay-insensitive|Interactive|Unknown|Unkown),/.test(lines[0] ?? ''));

export const azureVmFamily: TraceFamily = {
  name: 'azure-vm',
  title: 'Azure VM traces V1 and V2',
  tables: [
    { name: 'vmtable', looks: 'vmtable.csv: 11 columns without header, VM id to memory', is: isRaw },
    {
      name: 'durations',
      looks: 'lines of `seconds U3,C38,|,…` (ended in bin 3, still there in bin 38, end of batch)',
      is: ({ lines }) => /^\d+ ([UC]\d+,|\|,)/.test(lines[0] ?? ''),
    },
    {
      name: 'flavors',
      looks: 'lines of `seconds g,g,|,…` (letters of flavors, end of batch)',
      is: ({ lines }) => /^\d+ ([a-z],|\|,)/.test(lines[0] ?? ''),
    },
    {
      name: 'flavor_map',
      looks: 'flav_map.txt: lines of `cores,GiB letter`',
      is: ({ lines }) => /^\d+,[\d.]+ [a-z]$/.test(lines[0] ?? ''),
    },
    {
      name: 'interval_map',
      looks: 'v1.interval_map.txt: lines of `seconds bin`',
      is: ({ name, lines }) => /interval_map/.test(name) && /^\d+ \d+$/.test(lines[0] ?? ''),
    },
  ],
  mapping:
    'VM → pod with its cores and memory; raw: owner = deployment, Interactive → priority 1000; reduced: arrivals spread evenly over their 300 s, owner = batch of one tenant, lifetime spread evenly over its bin, C bins and missing duration files → outlives the trace; nodes are not in the files',
  sources: [
    {
      what: 'vmtable.csv (V1: 2,013,767 VMs; V2: 2,695,548)',
      where: 'github.com/Azure/AzurePublicDataset, AzurePublicDatasetV1.md and V2.md',
      licence: 'CC-BY 4.0',
    },
    {
      what: 'reduced V1: v1.{train,dev,test}.txt, v1.{dev,test}.c*.txt, flav_map.txt, v1.interval_map.txt',
      where: 'github.com/huaweicloud/trace_generation_rnn, resources',
      licence: 'CC-BY 4.0',
      checksums: {
        'v1.test.txt.gz': '4c77e1da6cd00d58aa711490394c757de6052624a72e957ef07811f637e61d65',
        'v1.test.c2591400.txt.gz': 'd1e685baafa0c1ef83c6bb70f82155e6935537a5f0bf69afd4d1f08aa50305b9',
        'v1.train.txt.gz': '3f7961c7b6ccea6ec78cc56e74a7091e7603e228492a35691ab7a06329cf2992',
      },
    },
  ],
  hasOwners: true,
  read,
};

async function read(context: ImportContext): Promise<void> {
  await readRaw(context);
  if (context.of('flavors').length > 0) await readReduced(context);
  else if (context.of('durations').length > 0)
    throw new InputError('azure-vm: durations without flavors; give the file of the same period without .c<seconds>');
}

async function readRaw({ of, sink, tally }: ImportContext): Promise<void> {
  const shapes = new ShapeCache(sink);
  const owners = new Map<number, string>();
  let number = 0;
  for (const file of of('vmtable')) {
    await readFields(file, VMTABLE, tally, (row) => {
      const created = row.whole(3);
      const deleted = row.whole(4);
      if (deleted < created) throw row.fail(4, `${deleted} is before the creation at ${created}`);
      const cpuMilli = Math.round(bucket(row, 9, ABOVE_CORES) * 1000);
      const memoryMib = Math.round(bucket(row, 10, ABOVE_GIB) * MIB_PER_GIB);
      const priority = row.is(8, 'Interactive') ? INTERACTIVE_PRIORITY : 0;
      const lifetime = deleted >= END_SECONDS ? Number.POSITIVE_INFINITY : deleted - created;
      const owner = ownerOf(row.hash(2), owners);
      sink.pod(`vm-${number++}`, shapes.of(cpuMilli, memoryMib, priority), created, lifetime, owner, 0);
    });
  }
}

/** Deployments are hashes of 88 letters: numbered in the order they come. */
function ownerOf(deployment: number, owners: Map<number, string>): string {
  let owner = owners.get(deployment);
  if (owner === undefined) {
    owner = `deployment-${owners.size}`;
    owners.set(deployment, owner);
  }
  return owner;
}

function bucket(row: Fields, field: number, above: ReadonlyMap<number, number>): number {
  if (row.byte(field) !== ABOVE) return row.amount(field);
  const text = row.text(field);
  const size = above.get(Number(text.slice(1)));
  if (size === undefined)
    throw row.fail(
      field,
      `${JSON.stringify(text)} is not one of the open buckets ${[...above.keys()].map((most) => `>${most}`).join(', ')}`,
    );
  return size;
}
