/** CPU and wall seconds between two moments of this process. */
export interface Spent {
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

export function startMeter(): () => Spent {
  const cpu = process.cpuUsage();
  const wallMs = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { cpuSeconds: (user + system) / 1e6, wallSeconds: (performance.now() - wallMs) / 1000 };
  };
}
