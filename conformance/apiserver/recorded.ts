/** What was recorded of real components: requests, and what a real API server answered. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: string;
  readonly accept?: string;
  readonly contentType?: string;
  readonly body?: unknown;
}

export interface RecordedCase {
  readonly name: string;
  readonly req: RecordedRequest;
  readonly res: {
    readonly status?: number;
    readonly contentType?: string;
    readonly warning?: string;
    readonly body?: unknown;
    /** Instead of all that, of a watch whose writer was not recorded: type, labels, resourceVersion. */
    readonly events?: ReadonlyArray<readonly [type: string, labels: Readonly<Record<string, string>>, version: string]>;
  };
}

/** `apiserver-1.37.2.json`. */
export interface RecordedAnswers {
  readonly cases: readonly RecordedCase[];
}

/** `kubectl-requests.json` and `kube-scheduler-requests.json`. */
export interface RecordedClients {
  readonly recordings: readonly {
    readonly client: string;
    readonly commands?: readonly { readonly command: string; readonly requests: readonly SentRequest[] }[];
    readonly requests?: readonly SentRequest[];
  }[];
}

export interface SentRequest extends RecordedRequest {
  readonly status: number;
  readonly watch?: boolean;
}
