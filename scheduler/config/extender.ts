/** An extender as it was configured, ready to be called. Source: `pkg/scheduler/extender.go`, v1.37.2. */
import { BuildError } from './expand.ts';
import type { ExtenderV1 } from './schema/configuration.ts';
import type { ExtenderConfig } from './types.ts';

const TIMEOUT_DEFAULT_MS = 5_000;
const NANOSECONDS_PER_MS = 1_000_000;

/** Throws BuildError when its TLS settings contradict each other. */
export function extenderOf(given: ExtenderV1): ExtenderConfig {
  const { tlsConfig: tls } = given;
  const hasAuthority = tls !== undefined && (tls.caFile !== '' || tls.caData !== '');
  // HTTPS without an authority is not verified.
  const insecure = tls?.insecure === true || (given.enableHTTPS && !hasAuthority);
  if (insecure && hasAuthority) {
    throw new BuildError('specifying a root certificates file with the insecure flag is not allowed');
  }
  return {
    urlPrefix: given.urlPrefix,
    filterVerb: given.filterVerb,
    preemptVerb: given.preemptVerb,
    prioritizeVerb: given.prioritizeVerb,
    weight: Number(given.weight),
    bindVerb: given.bindVerb,
    enableHTTPS: given.enableHTTPS,
    tlsConfig: tls === undefined && !insecure ? undefined : { ...tls, insecure },
    httpTimeoutMs: given.httpTimeout === 0n ? TIMEOUT_DEFAULT_MS : Number(given.httpTimeout) / NANOSECONDS_PER_MS,
    nodeCacheCapable: given.nodeCacheCapable,
    managedResources: given.managedResources ?? [],
    ignorable: given.ignorable,
  };
}
