/** Extenders over HTTP and HTTPS, as Go's `http.Client` with upstream's settings would reach them. */
import type { ExtenderResponse, ExtenderTransport } from '../../scheduler/extender/extender.ts';
import type { ExtenderConfig } from '../../scheduler/index.ts';
import { bodyError, requestError } from './go-errors.ts';
import type { TlsSettings } from './http-thread.ts';
import { requestAndWait } from './sync-thread.ts';
import { tlsSettings } from './tls-settings.ts';

const PORT_MAX = 65_535;

export class HttpTransport implements ExtenderTransport {
  private readonly timeoutMs: number;
  private readonly tls: TlsSettings;

  /** Throws ConfigError when a certificate cannot be used. */
  constructor(config: ExtenderConfig) {
    this.timeoutMs = config.httpTimeoutMs;
    this.tls = tlsSettings(config);
  }

  post(url: string, body: string): ExtenderResponse {
    const problem = whyNotUsable(url);
    if (problem !== undefined) throw new Error(problem);
    const {
      status,
      body: received,
      failure,
      bodyFailure,
    } = requestAndWait({
      url,
      body,
      timeoutMs: this.timeoutMs,
      tls: this.tls,
    });
    if (failure !== undefined) throw new Error(requestError(failure));
    return { status, body: received, bodyError: bodyFailure && bodyError(bodyFailure) };
  }
}

export const httpTransport = (config: ExtenderConfig): ExtenderTransport => new HttpTransport(config);

function whyNotUsable(url: string): string | undefined {
  const [, scheme = ''] = /^([a-z][a-z0-9+.-]*):/i.exec(url) ?? [];
  if (!['http', 'https'].includes(scheme.toLowerCase())) {
    return `Post ${JSON.stringify(url)}: unsupported protocol scheme ${JSON.stringify(scheme)}`;
  }
  const [, port] = /^[a-z]+:\/\/[^/?#]*:(\d+)(?:[/?#]|$)/i.exec(url) ?? [];
  if (port !== undefined && Number(port) > PORT_MAX) {
    return `Post ${JSON.stringify(url)}: dial tcp: address ${port}: invalid port`;
  }
  return URL.canParse(url) ? undefined : `parse ${JSON.stringify(url)}: not a URL`;
}
