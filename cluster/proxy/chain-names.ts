/**
 * Names of chains, which carry a hash so that they stay apart when cut. Source: `portProtoHash` in
 * `pkg/proxy/iptables/proxier.go`, `hashAndTruncate` in `pkg/proxy/nftables/proxier.go`, v1.37.2.
 */
import { createHash } from 'node:crypto';
import type { Endpoint } from './endpoints.ts';
import type { ServicePort } from './service-port.ts';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The first characters of the base32 form of the text's SHA-256. */
function hashText(text: string, characters: number): string {
  const bytes = createHash('sha256').update(text).digest();
  let out = '';
  for (let bit = 0; out.length < characters; bit += 5) {
    const word = bytes[bit >> 3]! * 256 + bytes[(bit >> 3) + 1]!;
    out += BASE32[(word >> (11 - (bit & 7))) & 31];
  }
  return out;
}

const IPTABLES_HASH_LENGTH = 16;

export const iptablesPortHash = ({ name, protocol }: ServicePort): string =>
  hashText(name + protocol, IPTABLES_HASH_LENGTH);

export const iptablesEndpointChain = ({ name, protocol }: ServicePort, { key }: Endpoint): string =>
  `KUBE-SEP-${hashText(name + protocol + key, IPTABLES_HASH_LENGTH)}`;

const NFTABLES_HASH_LENGTH = 8;
/** nftables allows 256; the longest prefix takes 16 of them. */
const NFTABLES_NAME_LENGTH = 240;

const withHash = (text: string): string => {
  const name = `${hashText(text, NFTABLES_HASH_LENGTH)}-${text}`;
  return name.length > NFTABLES_NAME_LENGTH ? `${name.slice(0, NFTABLES_NAME_LENGTH - 3)}...` : name;
};

const portPath = ({ namespace, service, protocol, portName }: ServicePort): string =>
  `${namespace}/${service}/${protocol}/${portName}`;

/** What comes behind `service-`, `local-`, `external-` and `firewall-`. */
export const nftablesPortBase = (port: ServicePort): string => withHash(portPath(port));

/** What comes behind `endpoint-` and `affinity-`; colons are not allowed in names. */
export const nftablesEndpointBase = (port: ServicePort, endpoint: Endpoint): string =>
  withHash(`${portPath(port)}__${endpoint.ip.replaceAll(':', '.')}/${endpoint.port}`);
