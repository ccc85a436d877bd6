/** Where services get addresses from, as an administrator writes it. */
import { InputError } from '../../../api/index.ts';
import { parseRange } from '../../proxy/ip-address.ts';
import { familyOfRange, type ServiceRanges } from './address-pool.ts';

/** kubeadm's range: that of kube-apiserver itself holds 254 services. */
const CLUSTER_IPS = '10.96.0.0/12';
const NODE_PORTS = '30000-32767';

/** `10.96.0.0/12`, or two of different families with a comma between. Throws InputError. */
export function serviceRanges(clusterIps = CLUSTER_IPS, nodePorts = NODE_PORTS): ServiceRanges {
  const ranges = clusterIps.split(',').map((text) => {
    const range = parseRange(text);
    if (range !== undefined && range.prefixLength <= range.bytes.length * 8 - 3) return range;
    throw new InputError(`service range ${text}: a range such as ${CLUSTER_IPS} with room for 8 addresses is expected`);
  });
  if (ranges.length > 2 || new Set(ranges.map(familyOfRange)).size < ranges.length) {
    throw new InputError(`service ranges ${clusterIps}: one, or one of IPv4 and one of IPv6, is expected`);
  }
  const [, first = '', last = ''] = /^(\d{1,5})-(\d{1,5})$/.exec(nodePorts) ?? [];
  if (first === '' || Number(first) < 1 || Number(last) > 65_535 || Number(first) > Number(last)) {
    throw new InputError(`node ports ${nodePorts}: a range such as ${NODE_PORTS} is expected`);
  }
  return { clusterIps: ranges, nodePorts: { first: Number(first), last: Number(last) } };
}

export const DEFAULT_RANGES: ServiceRanges = serviceRanges();
