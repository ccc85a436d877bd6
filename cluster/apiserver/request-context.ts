/** Who asks, and how the request came. */
export interface UserInfo {
  readonly username: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export interface RequestContext {
  readonly user: UserInfo;
  /**
   * Bodies are JSON that nobody has looked at: their types are checked, unknown fields dropped or refused, and the body
   * belongs to the server. Without it they are typed objects that stay as they are.
   */
  readonly decode: boolean;
  /** Something the client should know, as in the header `Warning`. */
  warn?(text: string): void;
}

/** What is asked for, as authorization sees it. */
export interface RequestAttributes {
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

/** Undefined lets it pass, else why not (`''` for no reason). */
export type Authorize = (user: UserInfo, attributes: RequestAttributes) => string | undefined;
