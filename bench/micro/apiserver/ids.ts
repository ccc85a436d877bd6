/** Ids as `berth serve` makes them: random words from the host, many at a time. */
import { getRandomValues } from 'node:crypto';
import { type IdSource, WordIds } from '../../../cluster/apiserver/index.ts';

export function hostIds(): IdSource {
  const words = new Uint32Array(1024);
  let next = words.length;
  return new WordIds(() => {
    if (next === words.length) {
      getRandomValues(words);
      next = 0;
    }
    return words[next++]!;
  });
}
