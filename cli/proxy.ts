/** `berth proxy`: the rules that kube-proxy would write on a node, and what they do to a connection. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { InputError, type KubeObject, type Node, type ObjectFile, readObjectFile, type Service } from '../api/index.ts';
import {
  type Answer,
  canonicalIp,
  decide,
  type EndpointSlice,
  type IpFamily,
  type IpRange,
  IptablesTables,
  NftablesTable,
  type Packet,
  PROXY_MODES,
  type Protocol,
  type ProxyMode,
  type ProxySettings,
  ProxyState,
  parseRange,
} from '../cluster/proxy/index.ts';
import { byteSource } from '../workloads/index.ts';

interface Options {
  readonly services: readonly string[];
  readonly slices: readonly string[];
  readonly node: string;
  readonly nodeIp?: string;
  readonly zone?: string;
  readonly mode: ProxyMode;
  readonly family: IpFamily;
  readonly clusterCidr?: IpRange;
  readonly serviceCidr?: IpRange;
  readonly masqueradeAll?: boolean;
}

interface ProbeOptions extends Options {
  readonly from: string;
  readonly to: { readonly ip: string; readonly port: number };
  readonly protocol: Protocol;
  readonly json?: boolean;
}

const HELP = `
Examples:
  kubectl get services,nodes -A -o yaml > services.yaml; kubectl get endpointslices -A -o yaml > slices.yaml
  berth proxy rules --services services.yaml --slices slices.yaml --node node-1 | nft -c -f -
  berth proxy probe --services services.yaml --slices slices.yaml --node node-1 --from pod --to 10.96.0.10:80`;

export function proxyCommand(): Command {
  return new Command('proxy')
    .description('What kube-proxy does on a node: its rules, and where a connection goes')
    .addCommand(rulesCommand())
    .addCommand(probeCommand())
    .addHelpText('after', HELP);
}

function rulesCommand(): Command {
  return withInput(new Command('rules').description('Print the rules that kube-proxy would write')).action(
    (options: Options) => {
      const { state, settings } = readInput(options);
      const table =
        options.mode === 'nftables' ? new NftablesTable(state, settings) : new IptablesTables(state, settings);
      table.sync();
      process.stdout.write(table.text());
    },
  );
}

function probeCommand(): Command {
  return withInput(
    new Command('probe').alias('trace').description('Say what happens to the first packet of a connection'),
  )
    .requiredOption('--from <who>', 'pod, node, external, or an address')
    .requiredOption('--to <ip:port>', 'where the connection is meant to go', parseTarget)
    .addOption(new Option('--protocol <name>').choices(['tcp', 'udp', 'sctp']).default('tcp'))
    .option('--json', 'one JSON object')
    .action((options: ProbeOptions) => {
      const { state, settings } = readInput(options);
      const packet: Packet = {
        source: sourceOf(options, settings),
        ip: addressOf(options.to.ip, options.family, '--to'),
        port: options.to.port,
        protocol: options.protocol,
      };
      const answer = decide(state, state.revision, settings, options.mode, packet);
      process.stdout.write(
        options.json ? `${JSON.stringify(answer)}\n` : answerText(answer, packet, settings, options.mode),
      );
    });
}

function withInput(command: Command): Command {
  const collect = (file: string, files: readonly string[] = []): string[] => [...files, file];
  return command
    .requiredOption('--services <file>', 'YAML or JSON with Services; may be given more than once', collect)
    .requiredOption('--slices <file>', 'YAML or JSON with EndpointSlices; may be given more than once', collect)
    .requiredOption('--node <name>', 'the node; its Node object, if one of the files has it, gives address and zone')
    .option('--node-ip <ip>', 'address of the node')
    .option('--zone <name>', 'zone of the node, for topology hints')
    .addOption(new Option('--mode <name>').choices(PROXY_MODES).default(PROXY_MODES[0]))
    .addOption(new Option('--family <name>').choices(['IPv4', 'IPv6']).default('IPv4'))
    .option('--cluster-cidr <range>', 'where pods are (default: 10.244.0.0/16, fd00:10:244::/56)', parseCidr)
    .option('--service-cidr <range>', 'where cluster IPs are (default: 10.96.0.0/12, fd00:10:96::/112)', parseCidr)
    .option('--masquerade-all', 'hide the source of all traffic to cluster IPs');
}

const DEFAULT_CLUSTER: Readonly<Record<IpFamily, string>> = { IPv4: '10.244.0.0/16', IPv6: 'fd00:10:244::/56' };
const DEFAULT_SERVICE: Readonly<Record<IpFamily, string>> = { IPv4: '10.96.0.0/12', IPv6: 'fd00:10:96::/112' };
/** Addresses kept for documentation (RFC 5737, RFC 3849). */
const ASSUMED_NODE: Readonly<Record<IpFamily, string>> = { IPv4: '192.0.2.1', IPv6: '2001:db8::1' };
const OUTSIDER: Readonly<Record<IpFamily, string>> = { IPv4: '198.51.100.9', IPv6: '2001:db8:9::9' };

interface Input {
  readonly state: ProxyState;
  readonly settings: ProxySettings;
}

function readInput(options: Options): Input {
  const state = new ProxyState(options.family);
  let node: Node | undefined;
  const counts = { Service: 0, EndpointSlice: 0 };
  for (const file of new Set([...options.services, ...options.slices])) {
    const { objects, locate } = readObjects(file);
    for (const [index, object] of objects.entries()) {
      if (object.kind === 'Node' && object.metadata?.name === options.node) node = object as Node;
      if (!isCounted(object)) continue;
      counts[object.kind]++;
      try {
        if (object.kind === 'Service') state.setService(object as Service);
        else state.setSlice(object as EndpointSlice);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        throw new InputError(`this is not the form of a ${object.kind}: ${error.message}`, locate(index, ''));
      }
    }
  }
  if (counts.Service === 0) throw new InputError(`${options.services.join(', ')}: no Service in it`);
  if (counts.EndpointSlice === 0)
    process.stderr.write(`note: ${options.slices.join(', ')}: no EndpointSlice in it, so no service has endpoints\n`);
  return { state, settings: settingsOf(options, node) };
}

type Counted = KubeObject & { readonly kind: 'Service' | 'EndpointSlice' };

const isCounted = (object: KubeObject): object is Counted =>
  (object.kind === 'Service' && object.apiVersion === 'v1') || object.kind === 'EndpointSlice';

function readObjects(file: string): ObjectFile {
  try {
    return readObjectFile(byteSource(file), file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new InputError(`file "${file}" not found`);
    if (code === 'EISDIR') throw new InputError(`"${file}" is a folder; name the files in it`);
    throw error;
  }
}

function settingsOf(options: Options, node: Node | undefined): ProxySettings {
  const { family, nodeIp, zone, masqueradeAll = false } = options;
  const known = node?.status?.addresses?.find(
    ({ type, address }) => type === 'InternalIP' && canonicalIp(address, family) !== undefined,
  )?.address;
  const ip = nodeIp ?? known ?? ASSUMED_NODE[family];
  if (nodeIp === undefined && known === undefined)
    process.stderr.write(`note: no address of node ${options.node} is known, ${ip} is assumed (--node-ip)\n`);
  return {
    node: {
      name: options.node,
      ip: addressOf(ip, family, '--node-ip'),
      zone: zone ?? node?.metadata?.labels?.['topology.kubernetes.io/zone'],
    },
    clusterRange: rangeOf(options.clusterCidr, DEFAULT_CLUSTER, family, '--cluster-cidr'),
    serviceRanges: [rangeOf(options.serviceCidr, DEFAULT_SERVICE, family, '--service-cidr')],
    masqueradeAll,
  };
}

function rangeOf(
  given: IpRange | undefined,
  defaults: Readonly<Record<IpFamily, string>>,
  family: IpFamily,
  option: string,
): IpRange {
  const range = given ?? parseRange(defaults[family])!;
  if (range.bytes.length !== (family === 'IPv4' ? 4 : 16))
    throw new InputError(`${option}: a range of ${family} is expected, as in ${defaults[family]}`);
  return range;
}

function addressOf(text: string, family: IpFamily, option: string): string {
  const ip = canonicalIp(text, family);
  if (ip === undefined) throw new InputError(`${option}: "${text}" is no ${family} address`);
  return ip;
}

/** A pod is any that is no endpoint: the last address but one of the pods' range. */
function sourceOf({ from, family }: ProbeOptions, { node, clusterRange }: ProxySettings): string {
  if (from === 'node') return node.ip;
  if (from === 'external') return OUTSIDER[family];
  if (from !== 'pod') return addressOf(from, family, '--from');
  const { bytes, prefixLength } = clusterRange!;
  const last = bytes.map((byte, i) => byte | (255 >> Math.min(8, Math.max(0, prefixLength - 8 * i))));
  last[last.length - 1]! -= 1;
  const text = family === 'IPv4' ? last.join('.') : hexGroups(last);
  return addressOf(text, family, '--from');
}

const hexGroups = (bytes: readonly number[]): string =>
  Array.from({ length: 8 }, (_, i) => (bytes[2 * i]! * 256 + bytes[2 * i + 1]!).toString(16)).join(':');

function parseTarget(text: string): ProbeOptions['to'] {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65_535)
    throw new InvalidArgumentError('An address and a port are expected, as in 10.96.0.10:80 or [fd00::a]:80.');
  return { ip: (match[1] ?? match[2])!, port };
}

function parseCidr(text: string): IpRange {
  const range = parseRange(text);
  if (range === undefined) throw new InvalidArgumentError('A range is expected, as in 10.244.0.0/16.');
  return range;
}

function answerText(answer: Answer, packet: Packet, { node }: ProxySettings, mode: ProxyMode): string {
  const target = packet.ip.includes(':') ? `[${packet.ip}]` : packet.ip;
  const lines = [`${packet.source} to ${target}:${packet.port}/${packet.protocol} on ${node.name}, ${mode} mode`];
  if (answer.action !== 'dnat') {
    lines.push(`${answer.action}: ${answer.why}`);
  } else {
    const { endpoints, masquerade, hairpin, affinitySeconds } = answer;
    lines.push(`dnat: ${answer.servicePort} at its ${answer.via}`);
    const width = Math.max(...endpoints.map(({ key }) => key.length));
    const share = (1 / endpoints.length).toFixed(6);
    for (const { key, nodeName } of endpoints) {
      const where = nodeName === node.name ? 'this node' : (nodeName ?? 'unknown node');
      lines.push(`  ${key.padEnd(width)}  ${share}  ${where}`);
    }
    const only = !masquerade && hairpin !== undefined ? `only to ${hairpin.key}, the source itself` : 'no';
    lines.push(`masquerade: ${masquerade ? 'yes' : only}`);
    lines.push(
      `session affinity: ${affinitySeconds === undefined ? 'none' : `${affinitySeconds} s by client address`}`,
    );
  }
  return `${lines.join('\n')}\n`;
}
