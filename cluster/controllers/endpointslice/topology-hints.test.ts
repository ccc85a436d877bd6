/** Zones get endpoints by their share of the CPUs, or none get any. */
import { describe, expect, it } from 'vitest';
import type { Node } from '../../../api/index.ts';
import type { Draft, Endpoint } from './slice.ts';
import { TopologyHints } from './topology-hints.ts';
import { withCloseHints } from './traffic-distribution.ts';

const node = (zone: string, cpu: string): Node =>
  ({
    metadata: { name: `${zone}${cpu}`, labels: { 'topology.kubernetes.io/zone': zone } },
    status: { allocatable: { cpu }, conditions: [{ type: 'Ready', status: 'True' }] },
  }) as unknown as Node;

/** So many endpoints in each zone. */
function draftOf(zones: Readonly<Record<string, number>>): Draft {
  const endpoints = Object.entries(zones).flatMap(([zone, count]) =>
    Array.from(
      { length: count },
      (_, i): Endpoint => ({
        addresses: [`${zone}-${i}`],
        conditions: { ready: true },
        nodeName: `n-${zone}`,
        zone,
      }),
    ),
  );
  return { slice: { addressType: 'IPv4' } as Draft['slice'], endpoints };
}

function hinted(cpus: ReadonlyArray<readonly [zone: string, cpu: string]>, zones: Readonly<Record<string, number>>) {
  const hints = new TopologyHints();
  hints.setNodes(cpus.map(([zone, cpu]) => node(zone, cpu)));
  const draft = draftOf(zones);
  const { events } = hints.add('ns/web', 'IPv4', [draft], []);
  const counts: Record<string, number> = {};
  for (const { hints: given } of draft.endpoints) {
    for (const { name } of given?.forZones ?? []) counts[name] = (counts[name] ?? 0) + 1;
  }
  return { counts, reason: events[0]?.message.replace(/, addressType.*/, '') };
}

const EQUAL = [
  ['a', '4'],
  ['b', '4'],
  ['c', '4'],
] as const;

describe('topology hints', () => {
  it('keep every endpoint in its zone where the zones are even', () => {
    expect(hinted(EQUAL, { a: 2, b: 2, c: 2 }).counts).toEqual({ a: 2, b: 2, c: 2 });
  });

  it('move endpoints from zones that have too many', () => {
    expect(hinted(EQUAL, { a: 6, b: 0, c: 3 }).counts).toEqual({ a: 3, b: 3, c: 3 });
    expect(
      hinted(
        [
          ['a', '8'],
          ['b', '4'],
        ],
        { a: 3, b: 3 },
      ).counts,
    ).toEqual({ a: 4, b: 2 });
  });

  it.each([
    [EQUAL, { a: 1, b: 1 }, 'Insufficient number of endpoints (2 endpoints, 3 zones)'],
    [
      [['a', '4']] as const,
      { a: 2 },
      'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes',
    ],
    [
      [
        ['a', '4'],
        ['', '4'],
      ] as const,
      { a: 2 },
      'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes',
    ],
    [
      EQUAL,
      { a: 1, b: 1, c: 1, '': 1 },
      'Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (4 endpoints, 3 zones)',
    ],
  ])('give nothing where that would be unfair: %j %j', (cpus, zones, reason) => {
    expect(hinted(cpus, zones)).toEqual({ counts: {}, reason });
  });

  it('by traffic distribution name the zone, or the node as well', () => {
    const [endpoint] = draftOf({ a: 1 }).endpoints;
    expect(withCloseHints(endpoint!, 'PreferClose').hints).toEqual({ forZones: [{ name: 'a' }] });
    const byNode = withCloseHints(endpoint!, 'PreferSameNode');
    expect(byNode.hints).toEqual({ forZones: [{ name: 'a' }], forNodes: [{ name: 'n-a' }] });
    expect(withCloseHints(byNode, 'PreferSameNode')).toBe(byNode);
  });
});
