/**
 * Our nftables text against a real kernel, in a network namespace of its own. Needs root, Linux, `nft` and `ip`; skipped
 * with a line elsewhere.
 */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { Service } from '../../api/index.ts';
import { decide, type ProxySettings } from './decide.ts';
import type { EndpointSlice } from './endpoints.ts';
import { type IpFamily, parseRange } from './ip-address.ts';
import { NftablesTable } from './nftables-table.ts';
import { ProxyState } from './proxy-state.ts';
import { randomChange, seeded } from './random-services.fixture.ts';

const run = (program: string, args: readonly string[], input?: string, env: object = {}): string =>
  execFileSync(program, args, {
    input,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });

/** Where nobody else's rules are. */
const inNamespace = (script: string): string => run('unshare', ['--net', 'sh', '-c', script]);

function hasKernel(): boolean {
  try {
    inNamespace(
      'nft add table ip berth-check && ip link add eth0 type veth peer name eth1 && echo 0 > /proc/sys/net/ipv4/icmp_ratelimit',
    );
    return true;
  } catch {
    process.stderr.write(
      'kernel.test.ts skipped: it needs root, unshare, ip, nft, and a kernel with nftables and veth\n',
    );
    return false;
  }
}

const SETTINGS: Readonly<Record<IpFamily, ProxySettings>> = {
  IPv4: {
    node: { name: 'n1', ip: '192.168.0.2' },
    clusterRange: parseRange('10.244.0.0/16'),
    serviceRanges: [parseRange('10.96.0.0/16')!],
    masqueradeAll: false,
  },
  IPv6: {
    node: { name: 'n1', ip: 'fd00:1::2' },
    clusterRange: parseRange('fd00:10:244::/48'),
    serviceRanges: [parseRange('fd00:10:96::/112')!],
    masqueradeAll: false,
  },
};

/** Sets come in the kernel's order; blocks are compared as sets of lines. */
const linesOf = (text: string): string[] =>
  text
    .replace(/elements = \{([^}]*)\}/g, (_, body: string) =>
      body.replaceAll(/,\s*\n?\s*(?=[\da-f]|tcp|udp|sctp)/g, '\n'),
    )
    .split('\n')
    .map((line) => line.trim().replace(/,$/, ''))
    .filter((line) => line !== '' && line !== 'elements = {' && line !== '}')
    .sort();

const CONNECTIONS = 60;

/** Runs inside the namespace: servers at the endpoints, then connections to each target; prints who answered. */
const CLIENT = `
const net = require('node:net');
const { endpoints, targets } = JSON.parse(process.env.PLAN);
const servers = endpoints.map((ip) => new Promise((ready) => {
  net.createServer((socket) => socket.end(ip)).listen(8080, ip, ready);
}));
const connect = (ip, port) => new Promise((done) => {
  const socket = net.connect({ host: ip, port, localAddress: '192.168.0.2' });
  socket.setTimeout(2000, () => { socket.destroy(); done('drop'); });
  socket.on('error', (error) => done(error.code === 'ECONNREFUSED' ? 'reject' : error.code));
  socket.on('data', (text) => done(String(text)));
});
(async () => {
  await Promise.all(servers);
  const counts = [];
  for (const { ip, port, count } of targets) {
    const seen = {};
    for (let i = 0; i < count; i++) {
      const who = await connect(ip, port);
      seen[who] = (seen[who] ?? 0) + 1;
    }
    counts.push(seen);
  }
  console.log(JSON.stringify(counts));
  process.exit(0);
})();
`;

const ENDPOINTS = ['10.244.0.21', '10.244.0.22', '10.244.0.23'];

/** Three endpoints; a sticky service; one without endpoints. */
function threeServices(): ProxyState {
  const state = new ProxyState('IPv4');
  const ports = [{ name: 'p', port: 80, protocol: 'TCP', nodePort: 30_080 }];
  const add = (name: string, spec: object, addresses: readonly string[]): void => {
    const metadata = { name, namespace: 'ns', labels: { 'kubernetes.io/service-name': name } };
    state.setService({ metadata, spec: { ports: [{ ...ports[0], nodePort: 0 }], ...spec } } as Service);
    const endpoints = addresses.map((address) => ({ addresses: [address], nodeName: 'n1' }));
    const slicePorts = [{ name: 'p', port: 8080, protocol: 'TCP' }];
    state.setSlice({ metadata, addressType: 'IPv4', ports: slicePorts, endpoints } as EndpointSlice);
  };
  add('web', { type: 'NodePort', clusterIP: '10.96.0.10', ports }, ENDPOINTS);
  add('sticky', { clusterIP: '10.96.0.11', sessionAffinity: 'ClientIP' }, ENDPOINTS);
  add('empty', { clusterIP: '10.96.0.12' }, []);
  return state;
}

describe.runIf(hasKernel())('the kernel', () => {
  test('sends real connections where the answers say', () => {
    const state = threeServices();
    const settings = SETTINGS.IPv4;
    const targets = [
      { ip: '10.96.0.10', port: 80, count: CONNECTIONS },
      { ip: '192.168.0.2', port: 30_080, count: CONNECTIONS },
      { ip: '10.96.0.11', port: 80, count: CONNECTIONS },
      { ip: '10.96.0.12', port: 80, count: 3 },
      { ip: '10.96.0.10', port: 81, count: 3 },
      { ip: '10.96.9.9', port: 80, count: 1 },
    ];
    const setup = [
      'ip link set lo up',
      ...ENDPOINTS.map((ip) => `ip addr add ${ip}/32 dev lo`),
      'ip link add eth0 type veth peer name eth1',
      'ip addr add 192.168.0.2/24 dev eth0',
      'ip link set eth0 up',
      'ip link set eth1 up',
      'ip route add default via 192.168.0.9',
      // Rejections are ICMP messages; all of them have to come.
      'echo 0 > /proc/sys/net/ipv4/icmp_ratelimit',
      'nft -f -',
      'exec "$0" -e "$CLIENT"',
    ].join(' && ');
    const out = run(
      'unshare',
      ['--net', 'sh', '-c', setup, process.execPath],
      new NftablesTable(state, settings).sync(),
      { CLIENT, PLAN: JSON.stringify({ endpoints: ENDPOINTS, targets }) },
    );
    const counts = JSON.parse(out) as ReadonlyArray<Readonly<Record<string, number>>>;
    const seen = counts.map((each) => Object.keys(each).sort());
    const answers = targets.map(({ ip, port }) => {
      const packet = { source: '192.168.0.2', ip, port, protocol: 'tcp' } as const;
      return decide(state, state.revision, settings, 'nftables', packet);
    });
    for (const [i, answer] of answers.entries()) {
      if (answer.action !== 'dnat') expect(seen[i]).toEqual([answer.action]);
      else if (answer.affinitySeconds === undefined) expect(seen[i]).toEqual(answer.endpoints.map(({ ip }) => ip));
      else expect(answer.endpoints.map(({ ip }) => [ip])).toContainEqual(seen[i]);
    }
    expect(answers.map(({ action }) => action)).toEqual(['dnat', 'dnat', 'dnat', 'reject', 'reject', 'drop']);
  });

  test.each(['IPv4', 'IPv6'] as const)('%s: takes the table, and every transaction, to the same rules', (family) => {
    const random = seeded(11);
    const state = new ProxyState(family);
    for (let i = 0; i < 12; i++) randomChange(random, state, 6);
    const table = new NftablesTable(state, SETTINGS[family]);
    const texts = [table.sync()];
    for (let step = 1; step <= 20; step++) {
      for (let i = 0; i < 3; i++) randomChange(random, state, 6);
      texts.push(table.sync(state.revision, step * 2000));
    }
    // Out of use since the step before, and gone now.
    texts.push(table.sync(state.revision, 60_000));
    const name = `${family === 'IPv4' ? 'ip' : 'ip6'} kube-proxy`;
    const script = texts.map((text, i) => `nft -f - <<'END_${i}' || exit 1\n${text}\nEND_${i}\n`).join('');
    const listed = inNamespace(`${script}nft -s list table ${name}`);
    const wanted = inNamespace(`nft -f - <<'END'\n${table.text()}END\nnft -s list table ${name}`);
    expect(linesOf(listed)).toEqual(linesOf(wanted));
    expect(linesOf(listed)).toEqual(linesOf(table.text()));
  });
});
