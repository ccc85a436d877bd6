/** Rules and answers are made by different code from the same services; here they have to agree, whatever happened before. */
import { describe, expect, test } from 'vitest';
import { decide, type Packet, type ProxySettings } from './decide.ts';
import { type IpFamily, parseRange } from './ip-address.ts';
import { IptablesTables } from './iptables-tables.ts';
import { evaluateNftables, parseNftables } from './nftables-evaluator.ts';
import { NftablesTable } from './nftables-table.ts';
import { addressesOf, ProxyState } from './proxy-state.ts';
import { randomChange, seeded } from './random-services.fixture.ts';

const SERVICES = 6;

const SETTINGS: Readonly<Record<IpFamily, ProxySettings>> = {
  IPv4: {
    node: { name: 'n1', ip: '192.168.0.2', zone: 'za' },
    clusterRange: parseRange('10.244.0.0/16'),
    serviceRanges: [parseRange('10.96.0.0/16')!],
    masqueradeAll: false,
  },
  IPv6: {
    node: { name: 'n1', ip: 'fd00:1::2', zone: 'za' },
    clusterRange: parseRange('fd00:10:244::/48'),
    serviceRanges: [parseRange('fd00:10:96::/112')!],
    masqueradeAll: false,
  },
};

const SOURCES: Readonly<Record<IpFamily, readonly string[]>> = {
  IPv4: ['10.244.0.10', '10.244.0.21', '192.168.0.2', '198.51.100.9', '203.0.113.3'],
  IPv6: ['fd00:10:244:1::10', 'fd00:10:244:1::21', 'fd00:1::2', '2001:db8:9::9', '2001:db8:8::9'],
};

function* packets(state: ProxyState, family: IpFamily): Generator<Packet> {
  const { node } = SETTINGS[family];
  for (const key of state.keys()) {
    for (const { port } of state.view(key).ports) {
      for (const source of SOURCES[family]) {
        for (const ip of addressesOf(port)) yield { source, ip, port: port.port, protocol: port.protocol };
        yield { source, ip: port.clusterIP, port: 9999, protocol: port.protocol };
        if (port.nodePort !== 0) yield { source, ip: node.ip, port: port.nodePort, protocol: port.protocol };
      }
    }
  }
  const unused = family === 'IPv4' ? '10.96.0.200' : 'fd00:10:96::99';
  for (const source of SOURCES[family]) yield { source, ip: unused, port: 80, protocol: 'tcp' };
}

describe.each(['IPv4', 'IPv6'] as const)('%s, after random changes', (family) => {
  const settings = SETTINGS[family];

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('seed %i: rules kept up to date are the rules made afresh', (seed) => {
    const random = seeded(seed);
    const state = new ProxyState(family);
    const nftables = new NftablesTable(state, settings);
    const iptables = new IptablesTables(state, settings);
    for (let step = 0; step < 60; step++) {
      for (let i = 0; i <= random() * 4; i++) randomChange(random, state, SERVICES);
      nftables.sync();
      iptables.sync();
      const fresh = [new NftablesTable(state, settings), new IptablesTables(state, settings)] as const;
      for (const table of fresh) table.sync();
      expect(nftables.text()).toBe(fresh[0].text());
      expect(iptables.text()).toBe(fresh[1].text());
      for (const table of fresh) table.stop();
    }
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('seed %i: the rules do to every packet what the answer says', (seed) => {
    const random = seeded(seed * 1000);
    const state = new ProxyState(family);
    const table = new NftablesTable(state, settings);
    const seen = { dnat: 0, reject: 0, drop: 0, pass: 0 };
    for (let step = 0; step < 15; step++) {
      for (let i = 0; i < 6; i++) randomChange(random, state, SERVICES);
      table.sync();
      const rules = parseNftables(table.text());
      for (const packet of packets(state, family)) {
        const answer = decide(state, state.revision, settings, 'nftables', packet);
        const done = evaluateNftables(rules, packet, settings.node.ip);
        seen[answer.action]++;
        if (answer.action !== 'dnat') {
          expect({ packet, action: done.action }).toEqual({ packet, action: answer.action });
          continue;
        }
        const shares = Object.values(done.endpoints!);
        expect({ ...done, endpoints: Object.keys(done.endpoints!).sort(), packet }).toEqual({
          action: 'dnat',
          endpoints: answer.endpoints.map(({ key }) => key),
          masquerade: answer.masquerade,
          isSticky: answer.affinitySeconds !== undefined,
          packet,
        });
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
        for (const share of shares) expect(share).toBeCloseTo(1 / answer.endpoints.length, 9);
      }
    }
    expect(Math.min(seen.dnat, seen.reject, seen.drop)).toBeGreaterThan(20);
  });

  test('every ready endpoint is reached from a pod unless hints or policy Local keep to nearer ones', () => {
    const random = seeded(77);
    const state = new ProxyState(family);
    let checked = 0;
    for (let step = 0; step < 400; step++) {
      randomChange(random, state, SERVICES);
      for (const key of state.keys()) {
        for (const { port, endpoints } of state.view(key).ports) {
          const ready = endpoints.filter(({ isReady }) => isReady);
          const hasHints = ready.every(({ zoneHints }) => zoneHints.length > 0);
          if (ready.length === 0 || hasHints || port.isInternalPolicyLocal) continue;
          const packet = { source: SOURCES[family][0]!, ip: port.clusterIP, port: port.port, protocol: port.protocol };
          const answer = decide(state, state.revision, settings, 'iptables', packet);
          expect(answer).toMatchObject({ action: 'dnat', endpoints: ready });
          checked++;
        }
      }
    }
    expect(checked).toBeGreaterThan(100);
  });
});
