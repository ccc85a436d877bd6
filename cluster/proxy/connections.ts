/** Picks endpoints for connections as the rules would: at random, or the client's own under session affinity. */
import type { Answer } from './decide.ts';
import type { Endpoint } from './endpoints.ts';

export class Connections {
  /** By service port, client and endpoint: until when the client stays. */
  private readonly staysUntilMs = new Map<string, number>();

  /** @param random in [0, 1) */
  pick(answer: Extract<Answer, { action: 'dnat' }>, source: string, random: number, nowMs: number): Endpoint {
    const { endpoints, affinitySeconds, servicePort } = answer;
    const keyOf = ({ key }: Endpoint): string => `${servicePort} ${source} ${key}`;
    const isKept = (endpoint: Endpoint): boolean => (this.staysUntilMs.get(keyOf(endpoint)) ?? 0) > nowMs;
    const kept = affinitySeconds === undefined ? undefined : endpoints.find(isKept);
    const endpoint = kept ?? endpoints[Math.floor(random * endpoints.length)]!;
    // Each new connection starts the time anew.
    if (affinitySeconds !== undefined) this.staysUntilMs.set(keyOf(endpoint), nowMs + affinitySeconds * 1000);
    return endpoint;
  }
}
