/**
 * The slices that a controller has written, so that it knows its own changes from those of others, and does not work on a
 * picture older than what it wrote. Source: `endpointslice/util/endpointslice_tracker.go`, v0.37.2.
 */
import type { KubeObject } from '../../../api/index.ts';
import type { Informer } from '../informer.ts';
import { OwnWrites } from '../own-writes.ts';
import { isTerminating } from '../owners.ts';
import { type EndpointSlice, MANAGED_BY, SERVICE_NAME, serviceKeyOf } from './slice.ts';

const uidOf = ({ metadata }: KubeObject): string => metadata?.uid ?? '';
const generationOf = ({ metadata }: KubeObject): number => metadata?.generation ?? 0;

export class OwnSlices {
  private readonly manager: string;
  private readonly informer: Informer<EndpointSlice>;
  private readonly writes = new OwnWrites();
  private readonly generations = new Map<string, number>();
  private readonly deleted = new Set<string>();

  /** @param changedByOthers Somebody else has changed or deleted a slice that is this controller's. */
  constructor(manager: string, informer: Informer<EndpointSlice>, changedByOthers: (serviceKey: string) => void) {
    this.manager = manager;
    this.informer = informer;
    const tell = (slice: EndpointSlice): void => {
      const key = serviceKeyOf(slice);
      if (key !== undefined) changedByOthers(key);
    };
    informer.onChange((before, now) => {
      if (now === undefined) {
        if (before !== undefined && this.isOurs(before) && this.isDeletedByOthers(before)) tell(before);
      } else if (before !== undefined && serviceKeyOf(before) !== serviceKeyOf(now)) {
        tell(now);
        tell(before);
      } else if (before !== undefined && this.isOurs(before) !== this.isOurs(now)) tell(now);
      else if (this.isOurs(now) && generationOf(now) > (this.generations.get(uidOf(now)) ?? 0)) tell(now);
    });
  }

  /** Those of a Service. Throws Refusal while own writes are not seen yet. */
  of(namespace: string, service: string): EndpointSlice[] {
    this.writes.mustBeSeen(`${namespace}/${service}`);
    return [...this.informer.inNamespace(namespace)].filter(
      (slice) =>
        this.isOurs(slice) &&
        slice.metadata?.labels?.[SERVICE_NAME] === service &&
        !isTerminating(slice) &&
        !this.deleted.has(uidOf(slice)),
    );
  }

  wrote(serviceKey: string, slice: KubeObject): void {
    this.writes.wrote(serviceKey, this.informer, slice);
    this.generations.set(uidOf(slice), generationOf(slice));
  }

  removed(slice: KubeObject): void {
    this.deleted.add(uidOf(slice));
  }

  private isOurs({ metadata }: EndpointSlice): boolean {
    return metadata?.labels?.[MANAGED_BY] === this.manager;
  }

  private isDeletedByOthers(slice: EndpointSlice): boolean {
    const isKnown = this.generations.delete(uidOf(slice));
    return !this.deleted.delete(uidOf(slice)) && isKnown;
  }
}
