/** Selectors are asked about every pod that changes: each is compiled once. */
import { compileLabelSelector, type LabelMatcher, type LabelSelector } from '../../api/index.ts';

const compiled = new WeakMap<object, LabelMatcher>();
const NOTHING = compileLabelSelector(undefined);

export function matcherOf(selector: LabelSelector | undefined): LabelMatcher {
  if (selector === undefined) return NOTHING;
  let matcher = compiled.get(selector);
  if (matcher === undefined) {
    matcher = compileLabelSelector(selector);
    compiled.set(selector, matcher);
  }
  return matcher;
}

/** A selector that is only labels, as Services have it: an empty one is of everything, none of nothing. */
export const isSelected = (
  selector: Readonly<Record<string, string>> | undefined,
  labels: Readonly<Record<string, string>> = {},
): boolean => Boolean(selector) && Object.entries(selector ?? {}).every(([key, value]) => labels[key] === value);
