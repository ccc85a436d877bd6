/** Requests to a real API server in the order in which they came, and what it answered. */
export interface Recording {
  readonly name: string;
  readonly req: RecordedRequest;
  readonly res: RecordedResponse;
}

export interface RecordedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly contentType?: string;
  readonly accept?: string;
  readonly body?: unknown;
}

export interface RecordedResponse {
  readonly status?: number;
  readonly contentType?: string;
  readonly body?: unknown;
  readonly warning?: string;
  /** Of a watch whose writer was not recorded: type, labels, resourceVersion. */
  readonly events?: ReadonlyArray<readonly [type: string, labels: Record<string, string>, version: string]>;
}

export interface Replayed {
  readonly name: string;
  /** Why there is nothing to compare. */
  readonly skipped?: string;
  readonly status?: number;
  readonly body?: unknown;
  readonly warning?: string;
}
