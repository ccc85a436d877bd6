/**
 * The FailedScheduling text. Source: `FitError.Error` in `pkg/scheduler/framework/types.go`, v1.37.2.
 */

/**
 * @param nodeCount All nodes of the snapshot.
 * @param preFilterMessage Set when PreFilter rejected the pod; the histogram is then left out.
 * @param reasonCounts How many nodes gave each reason; a node with two reasons counts in both.
 */
export function fitErrorMessage(
  nodeCount: number,
  preFilterMessage: string | undefined,
  reasonCounts: ReadonlyMap<string, number>,
  postFilterMessage: string,
): string {
  let message = `0/${nodeCount} nodes are available:`;
  // An empty PreFilter text counts as none, as in upstream.
  if (preFilterMessage) {
    message += ` ${preFilterMessage}.`;
  } else if (reasonCounts.size > 0) {
    const parts = [...reasonCounts].map(([reason, count]) => `${count} ${reason}`);
    message += ` ${sortBytewise(parts).join(', ')}.`;
  }
  return postFilterMessage === '' ? message : `${message} ${postFilterMessage}`;
}

/** Go sorts strings by byte; for the ASCII of messages and most names UTF-16 order is the same. */
export function sortBytewise(texts: string[]): string[] {
  return texts.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
