/** The order of a merged list. Source: `normalizeElementOrder` of `strategicpatch/patch.go`, v0.37.2. */
import { equalJson, type Json } from './json.ts';

/**
 * What the patch names stands in the patch's order, what it does not name in the server's; the two are merged so that an
 * item which stood before another stays there.
 * @param mergeKey '' compares whole values.
 */
export function inOrder(
  merged: readonly unknown[],
  patchOrder: readonly unknown[],
  serverOrder: readonly unknown[],
  mergeKey: string,
): unknown[] {
  const placeIn = (order: readonly unknown[], item: unknown): number =>
    order.findIndex((other) =>
      mergeKey === '' ? equalJson(other, item) : equalJson((other as Json)?.[mergeKey], (item as Json)?.[mergeKey]),
    );
  const sorted = (items: unknown[], order: readonly unknown[]): unknown[] =>
    items
      .map((item) => ({ item, place: placeIn(order, item) }))
      .sort((a, b) => a.place - b.place)
      .map(({ item }) => item);
  const ofPatch = sorted(
    merged.filter((item) => placeIn(patchOrder, item) >= 0),
    patchOrder,
  );
  const ofServer = sorted(
    merged.filter((item) => placeIn(patchOrder, item) < 0),
    serverOrder,
  );
  const all: unknown[] = [];
  let next = 0;
  for (const item of ofServer) {
    const place = placeIn(serverOrder, item);
    while (next < ofPatch.length) {
      const other = placeIn(serverOrder, ofPatch[next]);
      if (place >= 0 && other >= 0 && place < other) break;
      all.push(ofPatch[next++]);
    }
    all.push(item);
  }
  return [...all, ...ofPatch.slice(next)];
}
