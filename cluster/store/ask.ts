/** A call of the store as a promise, for callers that wait. */
import type { Answer } from './store.ts';

export const ask = <T>(call: (answer: Answer<T>) => void): Promise<T> =>
  new Promise((resolve, reject) => {
    call((error, result) => (error === undefined ? resolve(result) : reject(error)));
  });
