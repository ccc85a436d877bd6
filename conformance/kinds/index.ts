/** The kinds of golden files that berth runs. A new kind is one file in this folder and one line here. */
import type { Document } from '../golden-file.ts';
import { configKind } from './config.ts';
import { controllerKind } from './controller/index.ts';
import { decisionKind } from './decision.ts';
import type { Golden, GoldenKind } from './kind.ts';
import { proxyKind } from './proxy.ts';
import { statisticsKind } from './statistics/index.ts';
import { timelineKind } from './timeline.ts';

const KINDS = [
  proxyKind,
  controllerKind,
  configKind,
  timelineKind,
  statisticsKind,
  decisionKind,
] as unknown as readonly GoldenKind[];

export interface Recognised {
  readonly kind: GoldenKind;
  readonly golden: Golden;
}

/** Undefined when no kind knows the document. Throws an Error with the reason when one does, but the document is broken. */
export function recognise(document: Document): Recognised | undefined {
  for (const kind of KINDS) {
    const golden = kind.read(document);
    if (golden !== undefined) return { kind, golden };
  }
  return undefined;
}
