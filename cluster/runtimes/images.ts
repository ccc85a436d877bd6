/**
 * Images of one node: what is there, what a pull has to fetch, and what goes when the disk is full. The registry is shared by
 * all nodes: its line, its rate limit, and whether it answers at all.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../../scheduler/clock.ts';
import { Code, CriError, type Image } from '../cri/index.ts';

export interface Layer {
  readonly digest: string;
  /** As sent. */
  readonly bytes: number;
}

export interface ImageModel {
  readonly name: string;
  readonly digest: string;
  readonly layers: readonly Layer[];
  /** On disk. */
  readonly unpackedBytes: number;
}

const MIB = 2 ** 20;

/** Compressed sizes of well-known images, to the order of magnitude; everything else is `OTHER_MIB`. */
const SIZES_MIB: Readonly<Record<string, number>> = {
  pause: 0.3,
  busybox: 2,
  alpine: 4,
  nginx: 70,
  httpd: 60,
  redis: 45,
  postgres: 150,
  mysql: 180,
  node: 380,
  python: 370,
};
const OTHER_MIB = 100;
/** Images unpack to about twice to three times what is sent. */
const UNPACK_FACTOR = 2.5;
/** How an image without a known structure is divided: a base, and less and less on top of it. */
const SHARES = [0.5, 0.25, 0.15, 0.07, 0.03];

export interface ImageSize {
  readonly bytes: number;
  /** Digests of layers that images share, largest first. @default layers of its own */
  readonly layers?: readonly Layer[];
}

export interface RegistryOptions {
  /** By name, with or without a tag. @default the sizes of well-known images */
  readonly sizes?: Readonly<Record<string, ImageSize>>;
  /** Of all nodes together. @default infinity */
  readonly bytesPerSecond?: number;
  /** How many pulls in a window before it refuses. @default infinity */
  readonly pullsPerWindow?: number;
  /** @default 6 h, as Docker Hub's */
  readonly windowMs?: number;
}

const WINDOW_MS = 6 * 3_600_000;

export class Registry {
  /** Names that do not exist. */
  readonly missing = new Set<string>();
  isDown = false;
  private readonly options: RegistryOptions;
  private readonly models = new Map<string, ImageModel>();
  private busyUntilMs = 0;
  private windowStartMs = Number.NEGATIVE_INFINITY;
  private pulls = 0;

  constructor(options: RegistryOptions = {}) {
    this.options = options;
  }

  model(name: string): ImageModel {
    let model = this.models.get(name);
    if (model === undefined) {
      model = this.make(name);
      this.models.set(name, model);
    }
    return model;
  }

  /** Why a pull fails at once; counts it when it does not. */
  refusal(name: string, nowMs: number): CriError | undefined {
    if (this.isDown) {
      return new CriError(
        Code.UNAVAILABLE,
        `failed to pull and unpack image "${name}": failed to do request: dial tcp: connect: connection refused`,
      );
    }
    if (this.missing.has(name) || this.missing.has(baseName(name))) {
      return new CriError(
        Code.NOT_FOUND,
        `failed to pull and unpack image "${name}": failed to resolve reference "${name}": ${name}: not found`,
      );
    }
    const { pullsPerWindow = Number.POSITIVE_INFINITY, windowMs = WINDOW_MS } = this.options;
    if (nowMs - this.windowStartMs >= windowMs) {
      this.windowStartMs = nowMs;
      this.pulls = 0;
    }
    if (this.pulls >= pullsPerWindow) {
      return new CriError(
        Code.RESOURCE_EXHAUSTED,
        `failed to pull and unpack image "${name}": 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit.`,
      );
    }
    this.pulls++;
    return undefined;
  }

  /** When so many bytes have left the registry: pulls take the common line one after another. */
  sentMs(bytes: number, nowMs: number): number {
    const { bytesPerSecond = Number.POSITIVE_INFINITY } = this.options;
    if (bytesPerSecond === Number.POSITIVE_INFINITY) return nowMs;
    this.busyUntilMs = Math.max(this.busyUntilMs, nowMs) + (bytes / bytesPerSecond) * 1000;
    return this.busyUntilMs;
  }

  private make(name: string): ImageModel {
    const { sizes = {} } = this.options;
    const known = sizes[name] ?? sizes[baseName(name)];
    const bytes = known?.bytes ?? (SIZES_MIB[baseName(name)] ?? OTHER_MIB) * MIB;
    const layers =
      known?.layers ??
      SHARES.map((share, i) => ({ digest: digestOf(`${name}#${i}`), bytes: Math.round(bytes * share) }));
    return { name, digest: digestOf(name), layers, unpackedBytes: Math.round(bytes * UNPACK_FACTOR) };
  }
}

interface Stored {
  readonly model: ImageModel;
  readonly image: Image;
  usedMs: number;
}

export interface PullCost {
  readonly bytes: number;
  readonly unpackedBytes: number;
}

export class ImageStore {
  private readonly images = new Map<string, Stored>();
  private readonly layers = new Map<string, number>();
  private readonly clock: Clock;
  usedBytes = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  get(name: string): Image | undefined {
    const stored = this.images.get(fullName(name)) ?? this.byDigest(name);
    if (stored === undefined) return undefined;
    stored.usedMs = this.clock.nowMs;
    return stored.image;
  }

  all(): Image[] {
    return [...this.images.values()].map(({ image }) => image);
  }

  /** What a pull has to fetch of it. */
  missing(model: ImageModel): PullCost {
    const bytes = model.layers.reduce((sum, { digest, bytes }) => sum + (this.layers.has(digest) ? 0 : bytes), 0);
    const all = model.layers.reduce((sum, layer) => sum + layer.bytes, 0);
    return { bytes, unpackedBytes: all === 0 ? 0 : (model.unpackedBytes * bytes) / all };
  }

  add(model: ImageModel): Image {
    const name = fullName(model.name);
    const known = this.images.get(name);
    if (known !== undefined) return known.image;
    const [repository = ''] = name.split(/[@]|:(?=[^/]*$)/);
    const image: Image = {
      id: `sha256:${model.digest}`,
      repoTags: name.includes('@') ? [] : [name],
      repoDigests: [`${repository}@sha256:${model.digest}`],
      size: model.unpackedBytes,
      spec: { image: name },
    };
    this.images.set(name, { model, image, usedMs: this.clock.nowMs });
    for (const { digest } of model.layers) this.layers.set(digest, (this.layers.get(digest) ?? 0) + 1);
    this.usedBytes += model.unpackedBytes;
    return image;
  }

  remove(name: string): void {
    const stored = this.images.get(fullName(name)) ?? this.byDigest(name);
    if (stored === undefined) return;
    this.images.delete(fullName(stored.model.name));
    this.usedBytes -= stored.model.unpackedBytes;
    for (const { digest } of stored.model.layers) {
      const left = this.layers.get(digest)! - 1;
      if (left === 0) this.layers.delete(digest);
      else this.layers.set(digest, left);
    }
  }

  /** Names from the one used longest ago. */
  leastRecentlyUsed(): string[] {
    return [...this.images.values()].sort((a, b) => a.usedMs - b.usedMs).map(({ model }) => model.name);
  }

  private byDigest(name: string): Stored | undefined {
    if (!name.startsWith('sha256:') && !name.includes('@sha256:')) return undefined;
    for (const stored of this.images.values()) {
      if (stored.image.id === name || stored.image.repoDigests.includes(name)) return stored;
    }
    return undefined;
  }
}

/** `nginx` is `docker.io/library/nginx:latest`. */
export function fullName(name: string): string {
  const slash = name.indexOf('/');
  const host = slash < 0 ? '' : name.slice(0, slash);
  const hasHost = host.includes('.') || host.includes(':') || host === 'localhost';
  const path = hasHost ? name : `docker.io/${slash < 0 ? `library/${name}` : name}`;
  const last = path.slice(path.lastIndexOf('/') + 1);
  return last.includes(':') || last.includes('@') ? path : `${path}:latest`;
}

/** Without registry, path and tag. */
const baseName = (name: string): string => /([^/:@]+)(?:[:@][^/]*)?$/.exec(name)?.[1] ?? name;

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
