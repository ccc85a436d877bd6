/** What is wrong with an answer, whatever the request was. */

export interface FuzzAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

const REASONS: Readonly<Record<number, readonly string[]>> = {
  400: ['BadRequest'],
  401: ['Unauthorized'],
  403: ['Forbidden'],
  404: ['NotFound'],
  405: ['MethodNotAllowed'],
  406: ['NotAcceptable'],
  409: ['AlreadyExists', 'Conflict'],
  410: ['Expired', 'Gone'],
  413: ['RequestEntityTooLarge'],
  415: ['UnsupportedMediaType'],
  422: ['Invalid'],
  429: ['TooManyRequests'],
  504: ['Timeout'],
};

/** What upstream answers with a bare 500 although the request is at fault; berth answers in the same words. */
const AS_UPSTREAM: readonly RegExp[] = [
  /^resourceVersion should not be set on objects to be created$/,
  /^\[?target\.(kind|name): /,
  /^This pod has more than one PodDisruptionBudget, which the eviction subresource does not support\.$/,
];

/** A JSON patch that cannot be carried out is refused without a word about where. */
const NO_CAUSES = 'the server rejected our request due to an error in our request';

interface Refusal {
  readonly kind?: unknown;
  readonly apiVersion?: unknown;
  readonly status?: unknown;
  readonly message?: unknown;
  readonly reason?: unknown;
  readonly code?: unknown;
  readonly details?: {
    readonly causes?: ReadonlyArray<{ readonly reason?: string; readonly message?: string; readonly field?: string }>;
  };
}

/** @param isHead Whether the answer could have a body. @returns Undefined when nothing is wrong. */
export function faultOf(
  { status, contentType, text }: FuzzAnswer,
  isHead: boolean,
  isWatch = false,
): string | undefined {
  if (status >= 200 && status < 300) return isHead ? undefined : faultOfSuccess(contentType, text, isWatch);
  if (status < 400) return `status ${status} is none that the API knows`;
  if (isHead) return status >= 500 && status !== 504 ? `status ${status}` : undefined;
  if (status === 404 && contentType.startsWith('text/plain')) {
    return text === '404 page not found\n' ? undefined : 'a 404 in plain text with other words';
  }
  // Of the HTTP parser, before anybody knows what it is about; the same upstream.
  if (status === 431) return undefined;
  const refusal = jsonOf(text) as Refusal | undefined;
  if (refusal === undefined || !contentType.startsWith('application/json')) return `status ${status} without a Status`;
  return faultOfRefusal(status, refusal);
}

function faultOfSuccess(contentType: string, text: string, isWatch: boolean): string | undefined {
  if (!contentType.startsWith('application/json')) return undefined;
  const lines = text.split('\n');
  // A watch is left in the middle of a line.
  if (isWatch) lines.pop();
  const isWhole = lines.every((line) => line === '' || jsonOf(line) !== undefined);
  return isWhole ? undefined : 'an answer that is no JSON';
}

function faultOfRefusal(status: number, refusal: Refusal): string | undefined {
  const { kind, apiVersion, status: outcome, message, reason, code, details } = refusal;
  if (kind !== 'Status' || apiVersion !== 'v1' || outcome !== 'Failure')
    return 'a refusal that is no Status of failure';
  if (code !== status) return `code ${String(code)} in the Status of an answer of ${status}`;
  if (typeof message !== 'string' || message === '') return 'a Status without a message';
  if (status >= 500 && status !== 504) {
    return AS_UPSTREAM.some((known) => known.test(message)) ? undefined : `status ${status}: ${message}`;
  }
  if (!REASONS[status]?.includes(String(reason))) return `reason ${String(reason)} in a Status of ${status}`;
  if (status !== 422 || message === NO_CAUSES) return undefined;
  const { causes = [] } = details ?? {};
  if (causes.length === 0) return `a 422 without causes: ${message}`;
  const bare = causes.find((cause) => !cause.reason || !cause.message || cause.field === undefined);
  return bare === undefined ? undefined : `a 422 with a cause that lacks something: ${JSON.stringify(bare)}`;
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
