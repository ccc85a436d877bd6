/** Path and query of a request. Cost: 0.1 us for a path without anything to decode and no query, else what `URL` takes. */
import { ApiFailure, badRequest } from '../../failures.ts';

export interface RequestUrl {
  readonly pathname: string;
  readonly searchParams: URLSearchParams;
}

/** What `URL` leaves as it is. */
const PLAIN = /^\/(?![/.])(?:[\w:-]|[/.](?!\.))*$/;
/** Nobody writes to it. */
const NO_QUERY = new URLSearchParams();

/** Throws ApiFailure: 400. */
export function requestUrl(url = '/'): RequestUrl {
  if (PLAIN.test(url)) return { pathname: url, searchParams: NO_QUERY };
  try {
    return new URL(url, 'http://server');
  } catch {
    throw new ApiFailure(badRequest(`the path ${JSON.stringify(url)} cannot be read`));
  }
}
