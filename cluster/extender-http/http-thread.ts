/**
 * The thread that talks to extenders while a scheduling cycle waits. A worker cannot load TypeScript, so it gets this
 * function as text: it uses nothing from outside itself. It reports facts; the words for them are in `go-errors.ts`.
 */
import type { Agent, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { MessagePort } from 'node:worker_threads';

export interface TlsSettings {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly serverName?: string;
  readonly insecure: boolean;
}

export interface HttpRequest {
  readonly id: number;
  readonly url: string;
  readonly body: string;
  /** For the whole exchange. */
  readonly timeoutMs: number;
  readonly tls: TlsSettings;
}

/** Why an exchange ended early, as Node says it. */
export interface HttpFailure {
  /** Of the request that failed, which may be one that a redirection led to. */
  readonly method: string;
  readonly url: string;
  readonly isTimeout: boolean;
  /** A connection, secure where it has to be, was there. */
  readonly isConnected: boolean;
  readonly code: string;
  readonly syscall: string;
  readonly message: string;
  /** `address:port` of the two ends, '' where not known. */
  readonly local: string;
  readonly remote: string;
  /** Alternative names in the certificate that was presented for another host. */
  readonly certificateNames?: string;
}

export interface HttpReply {
  readonly id: number;
  readonly status: number;
  readonly body: string;
  /** There is no status. */
  readonly failure?: HttpFailure;
  /** The body is not complete. */
  readonly bodyFailure?: HttpFailure;
}

export interface ThreadData {
  readonly port: MessagePort;
  /** Counts the replies. */
  readonly signal: Int32Array;
}

export function httpThread(load: NodeJS.Require): void {
  const http: typeof import('node:http') = load('node:http');
  const https: typeof import('node:https') = load('node:https');
  const { workerData } = load('node:worker_threads') as { workerData: ThreadData };
  const { port, signal } = workerData;
  const redirectsMax = 10;
  const agents = new Map<string, Agent>();
  /** Of connections, which live longer than requests. */
  const lastErrors = new WeakMap<Socket, NodeJS.ErrnoException | null>();

  const agentFor = (isSecure: boolean, { ca, cert, key, serverName, insecure }: TlsSettings): Agent => {
    const settings = { ca, cert, key, servername: serverName || undefined, rejectUnauthorized: !insecure };
    const name = isSecure ? JSON.stringify(settings) : '';
    let agent = agents.get(name);
    if (agent === undefined) {
      agent = isSecure ? new https.Agent({ keepAlive: true, ...settings }) : new http.Agent({ keepAlive: true });
      agents.set(name, agent);
    }
    return agent;
  };

  const addressOf = (address = '', family = '', portNumber = 0): string =>
    address === '' ? '' : `${family === 'IPv6' || address.includes(':') ? `[${address}]` : address}:${portNumber}`;

  /** One request after another, until no redirection is left. */
  const exchange = (request: HttpRequest, done: (reply: Omit<HttpReply, 'id'>) => void): void => {
    let abandon = (_isTimeout: boolean): void => {};
    const timer = setTimeout(() => abandon(true), request.timeoutMs);
    let isAnswered = false;
    const answer = (reply: Omit<HttpReply, 'id'>): void => {
      if (isAnswered) return;
      isAnswered = true;
      done(reply);
    };

    const send = (method: string, url: string, body: string | undefined, redirectsLeft: number): void => {
      const isSecure = url.startsWith('https:');
      const facts = { isConnected: false, local: '', remote: '', certificateNames: undefined as string | undefined };
      let response: IncomingMessage | undefined;
      let chunks: Buffer[] = [];

      const failureOf = (
        error: Partial<NodeJS.ErrnoException> & { errors?: unknown[] },
        isTimeout = false,
      ): HttpFailure => {
        // Several addresses were tried.
        const first = (error.errors?.[0] ?? error) as NodeJS.ErrnoException & { address?: string; port?: number };
        const { code = '', syscall = '', message = '', address, port: portNumber } = first;
        const remote = address === undefined ? facts.remote : addressOf(address, '', portNumber);
        return { method, url, isTimeout, code, syscall, message, ...facts, remote };
      };
      const bodySoFar = (): string => Buffer.concat(chunks).toString('utf8');
      const fail = (failure: HttpFailure): void => {
        clearTimeout(timer);
        if (response === undefined) answer({ status: 0, body: '', failure });
        else answer({ status: response.statusCode ?? 0, body: bodySoFar(), bodyFailure: failure });
      };

      const headers =
        body === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
      const options = { method, headers, agent: agentFor(isSecure, request.tls) };
      const outgoing = (isSecure ? https : http).request(url, options);
      abandon = (isTimeout) => {
        fail(failureOf({}, isTimeout));
        outgoing.destroy();
      };
      outgoing.on('socket', (socket) => {
        const connected = (): void => {
          facts.isConnected = true;
          facts.local = addressOf(socket.localAddress, socket.localFamily, socket.localPort);
          facts.remote = addressOf(socket.remoteAddress, socket.remoteFamily, socket.remotePort);
        };
        if (outgoing.reusedSocket) connected();
        else socket.once(isSecure ? 'secureConnect' : 'connect', connected);
        if (!lastErrors.has(socket)) {
          lastErrors.set(socket, null);
          socket.on('error', (error) => lastErrors.set(socket, error));
        }
      });
      outgoing.on('error', (error: NodeJS.ErrnoException & { cert?: { subjectaltname?: string } }) => {
        if (error.code === 'ERR_TLS_CERT_ALTNAME_INVALID') facts.certificateNames = error.cert?.subjectaltname ?? '';
        fail(failureOf(error));
      });
      outgoing.on('response', (incoming) => {
        const status = incoming.statusCode ?? 0;
        const { location } = incoming.headers;
        if ([301, 302, 303, 307, 308].includes(status) && location !== undefined) {
          incoming.resume();
          if (redirectsLeft === 0) {
            fail(failureOf({ code: 'TOO_MANY_REDIRECTS', message: `stopped after ${redirectsMax} redirects` }));
            return;
          }
          const target = new URL(location, url).href;
          if (status >= 307) send(method, target, body, redirectsLeft - 1);
          else send('GET', target, undefined, redirectsLeft - 1);
          return;
        }
        response = incoming;
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () => {
          clearTimeout(timer);
          answer({ status, body: bodySoFar() });
        });
        incoming.on('error', (error) => fail(failureOf(lastErrors.get(incoming.socket) ?? error)));
        // Nobody reads what else a refusal has to say.
        if (status !== 200) {
          answer({ status, body: '' });
          chunks = [];
        }
      });
      outgoing.end(body);
    };

    send('POST', request.url, request.body, redirectsMax);
  };

  port.on('message', (request: HttpRequest) => {
    const reply = (outcome: Omit<HttpReply, 'id'>): void => {
      port.postMessage({ id: request.id, ...outcome });
      Atomics.add(signal, 0, 1);
      Atomics.notify(signal, 0);
    };
    try {
      exchange(request, reply);
    } catch (error) {
      const { message, code = '' } = error as NodeJS.ErrnoException;
      const nowhere = { isTimeout: false, isConnected: false, syscall: '', local: '', remote: '' };
      reply({ status: 0, body: '', failure: { method: 'POST', url: request.url, code, message, ...nowhere } });
    }
  });
}
