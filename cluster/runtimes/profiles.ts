/**
 * What four runtimes cost, in one table. These are models: medians that we chose in the proportions that public comparisons
 * report, since published figures are few and never measured alike; whoever has figures of their own sets them.
 *
 * Sources of the proportions: the Kubernetes announcement of containerd 1.1 (2018), which puts the start of 105 pods with
 * containerd ahead of Docker 18.03 behind dockershim; container start of 151 ms with Docker 26 and 87 ms with containerd 2.0
 * (staticblock.tech, Graviton3, 2026); pod start of 340 ms with cri-dockerd and 180 ms with containerd (techplained.com);
 * frakti's notes of release v0.1 for the virtual machine of one vCPU and 64 MB.
 */
import { InputError } from '../../api/index.ts';

export const RUNTIMES = ['containerd', 'cri-o', 'docker', 'frakti', 'instant'] as const;
export type RuntimeName = (typeof RUNTIMES)[number];

/** Durations are medians of lognormal distributions that all have the same `sigma`. */
export interface RuntimeProfile {
  /** As the runtime reports itself. */
  readonly runtimeName: string;
  readonly runtimeVersion: string;
  /** Before `://` in a node's `containerRuntimeVersion` and in container ids. */
  readonly scheme: string;
  /** RunPodSandbox: namespaces, network, pause container; the virtual machine where there is one. */
  readonly sandboxMs: number;
  readonly createMs: number;
  readonly startMs: number;
  /** Beside what the container itself takes to end. */
  readonly stopMs: number;
  readonly removeMs: number;
  readonly execMs: number;
  readonly sigma: number;
  /** How many of these the daemon does at a time. */
  readonly parallel: number;
  /** What a sandbox costs beside its containers. */
  readonly sandboxMemoryBytes: number;
  readonly sandboxCpuMilli: number;
  readonly containerMemoryBytes: number;
  /** Resolving and authorising, before the first byte of an image. */
  readonly pullBaseMs: number;
  readonly pullBytesPerSecond: number;
  readonly unpackBytesPerSecond: number;
  /** 1 when containers end with their daemon, as Docker's do without live restore. */
  readonly daemonEndsContainers: number;
}

const MIB = 2 ** 20;

const CONTAINERD: RuntimeProfile = {
  runtimeName: 'containerd',
  runtimeVersion: '2.0.0',
  scheme: 'containerd',
  sandboxMs: 110,
  createMs: 30,
  startMs: 40,
  stopMs: 20,
  removeMs: 10,
  execMs: 25,
  sigma: 0.35,
  parallel: 8,
  sandboxMemoryBytes: 12 * MIB,
  sandboxCpuMilli: 0,
  containerMemoryBytes: 0,
  pullBaseMs: 400,
  pullBytesPerSecond: 60 * MIB,
  unpackBytesPerSecond: 120 * MIB,
  daemonEndsContainers: 0,
};

export const PROFILES: Readonly<Record<RuntimeName, RuntimeProfile>> = {
  containerd: CONTAINERD,
  'cri-o': {
    ...CONTAINERD,
    runtimeName: 'cri-o',
    runtimeVersion: '1.34.0',
    scheme: 'cri-o',
    sandboxMs: 115,
    // One conmon for every container instead of one shim for the pod.
    sandboxMemoryBytes: 3 * MIB,
    containerMemoryBytes: 2 * MIB,
  },
  docker: {
    ...CONTAINERD,
    runtimeName: 'docker',
    runtimeVersion: '26.0.0',
    scheme: 'docker',
    // Every step goes from the shim to dockerd and from there to containerd.
    sandboxMs: 190,
    createMs: 70,
    startMs: 80,
    stopMs: 45,
    removeMs: 25,
    execMs: 60,
    parallel: 4,
    sandboxMemoryBytes: 14 * MIB,
    daemonEndsContainers: 1,
  },
  frakti: {
    ...CONTAINERD,
    runtimeName: 'frakti',
    runtimeVersion: '1.12.0',
    scheme: 'frakti',
    // A virtual machine boots.
    sandboxMs: 900,
    createMs: 60,
    startMs: 60,
    stopMs: 80,
    removeMs: 40,
    execMs: 40,
    parallel: 4,
    sandboxMemoryBytes: 64 * MIB,
    sandboxCpuMilli: 1000,
  },
  // No model of anything: for tests, and for the speed of what is around it.
  instant: {
    ...CONTAINERD,
    runtimeName: 'instant',
    runtimeVersion: '1.0.0',
    scheme: 'instant',
    sandboxMs: 0,
    createMs: 0,
    startMs: 0,
    stopMs: 0,
    removeMs: 0,
    execMs: 0,
    sigma: 0,
    sandboxMemoryBytes: 0,
    pullBaseMs: 0,
    pullBytesPerSecond: Number.POSITIVE_INFINITY,
    unpackBytesPerSecond: Number.POSITIVE_INFINITY,
  },
};

/** The profile with some figures replaced, as `{ sandboxMs: 50 }`. Throws InputError. */
export function profileWith(name: RuntimeName, changes: Readonly<Record<string, unknown>>): RuntimeProfile {
  const profile: Record<string, unknown> = { ...PROFILES[name] };
  for (const [key, value] of Object.entries(changes)) {
    const known = profile[key];
    if (known === undefined) {
      throw new InputError(
        `runtime ${name}: no parameter ${JSON.stringify(key)}; there are ${Object.keys(profile).join(', ')}`,
      );
    }
    if (typeof value !== typeof known || (typeof value === 'number' && !(value >= 0))) {
      const wanted = typeof known === 'number' ? 'a number from 0' : 'a text';
      throw new InputError(`runtime ${name}: ${key}: ${JSON.stringify(value)} is not ${wanted}`);
    }
    profile[key] = value;
  }
  return profile as unknown as RuntimeProfile;
}
