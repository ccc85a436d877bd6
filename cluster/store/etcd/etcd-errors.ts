/** What a real etcd, or the way to it, says when it refuses. */
import { type RefusalCode, refusal, STORE_MESSAGES, StoreError } from '../store-error.ts';

/** The longest first, so that none hides behind a shorter one. */
const CODES = (Object.entries(STORE_MESSAGES) as [RefusalCode, string][]).sort((a, b) => b[1].length - a[1].length);

export function etcdErrorOf(error: unknown, endpoints: readonly string[]): StoreError {
  const message = error instanceof Error ? error.message : String(error);
  const known = CODES.find(([, text]) => message.includes(text));
  if (known !== undefined) return refusal(known[0]);
  if (/received message larger than max/.test(message)) return refusal('RequestTooLarge');
  if (/InvalidArgument|INVALID_ARGUMENT/.test(`${(error as Error)?.name} ${message}`)) {
    return new StoreError('InvalidArgument', message);
  }
  return new StoreError('Unavailable', `etcd at ${endpoints.join(', ')}: ${message}`);
}

/** True when the request cannot have reached any member, so that a write may be sent again. */
export const wasNeverSent = (error: unknown): boolean => /No connection established/.test(String(error));

/** True when another member may answer: of a read, which may be asked twice. */
export const mayAskAgain = (error: StoreError): boolean => error.code === 'Unavailable';
