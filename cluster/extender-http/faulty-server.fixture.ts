/**
 * A server on a thread of its own, since the test's thread stands still while it waits. What it does is told by the last
 * folder of the path: `POST /hang-headers/filter`.
 */
import type { Server, Socket } from 'node:net';
import { type MessagePort, Worker } from 'node:worker_threads';

export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
  /** Ask clients for a certificate of this authority. */
  readonly clientAuthority?: string;
}

export class FaultyServer {
  readonly port: number;
  private readonly worker: Worker;

  private constructor(worker: Worker, port: number) {
    this.worker = worker;
    this.port = port;
  }

  static start(tls?: TlsIdentity): Promise<FaultyServer> {
    const worker = new Worker(`(${serverThread})(require)`, { eval: true, workerData: { tls } });
    return new Promise((resolve, reject) => {
      worker.once('error', reject);
      worker.once('message', (port: number) => resolve(new FaultyServer(worker, port)));
    });
  }

  url(behaviour: string, scheme = 'http'): string {
    return `${scheme}://127.0.0.1:${this.port}/${behaviour}`;
  }

  stop(): Promise<unknown> {
    return this.worker.terminate();
  }
}

/** As text on another thread: nothing from outside may be used. */
function serverThread(load: NodeJS.Require): void {
  const net: typeof import('node:net') = load('node:net');
  const tls: typeof import('node:tls') = load('node:tls');
  const { parentPort, workerData } = load('node:worker_threads') as {
    parentPort: MessagePort;
    workerData: { tls?: TlsIdentity };
  };
  const ok = (body: string, more = ''): string =>
    `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${more}\r\n${body}`;
  const reset = (socket: Socket): void => {
    socket.resetAndDestroy();
  };
  let connections = 0;

  const behaviours: Record<string, (socket: Socket, request: string) => void> = {
    ok: (socket) => socket.write(ok('{"NodeNames":["n1"]}')),
    /** What was asked, as an answer. */
    echo: (socket, request) => socket.write(ok(JSON.stringify({ NodeNames: [request] }))),
    /** All nodes will do, the second one best. */
    all: (socket, request) => {
      const { NodeNames } = JSON.parse(request.slice(request.indexOf('\r\n\r\n')));
      socket.write(ok(JSON.stringify({ NodeNames })));
    },
    second: (socket, request) => {
      const { NodeNames } = JSON.parse(request.slice(request.indexOf('\r\n\r\n')));
      socket.write(ok(JSON.stringify([{ Host: NodeNames[1], Score: 10 }])));
    },
    refuse: (socket) => socket.write(ok('{"Error":"not today"}')),
    'wrong-type': (socket) => socket.write(ok('{"NodeNames":"n1"}')),
    connections: (socket) => socket.write(ok(JSON.stringify({ NodeNames: [String(connections)] }))),
    'status-500': (socket) => socket.write('HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\nnope'),
    'status-500-hang': (socket) => socket.write('HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\nnope'),
    'status-204': (socket) => socket.write('HTTP/1.1 204 No Content\r\n\r\n'),
    'redirect-307': (socket) =>
      socket.write('HTTP/1.1 307 There\r\nLocation: /echo/filter\r\nContent-Length: 0\r\n\r\n'),
    'redirect-302': (socket) =>
      socket.write('HTTP/1.1 302 There\r\nLocation: /echo/filter\r\nContent-Length: 0\r\n\r\n'),
    'redirect-round': (socket) =>
      socket.write('HTTP/1.1 307 There\r\nLocation: /redirect-round/filter\r\nContent-Length: 0\r\n\r\n'),
    hang: () => {},
    'hang-headers': (socket) => socket.write('HTTP/1.1 200 OK\r\n'),
    'hang-body': (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"NodeNames"'),
    'hang-after-body': (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"NodeNames":["n1"]}'),
    close: (socket) => socket.end(),
    reset,
    'close-in-body': (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"NodeNames"'),
    'close-in-chunk': (socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"Nod\r\n'),
    'close-without-length': (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n{"NodeNames"'),
    'reset-in-body': (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"NodeNames"');
      setTimeout(() => reset(socket), 50);
    },
    garbage: (socket) => socket.end('hello there\r\n\r\n'),
    'empty-body': (socket) => socket.write(ok('')),
  };

  const identity = workerData.tls;
  const listener = (socket: Socket): void => {
    connections++;
    let received = '';
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      // A TLS handshake, to which a server that does not know TLS says what it always says.
      if (identity === undefined && chunk[0] === 0x16) socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
      received += chunk;
      const head = received.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/^content-length: (\d+)/im.exec(received)?.[1] ?? 0);
      if (Buffer.byteLength(received.slice(head + 4)) < length) return;
      const request = received;
      received = '';
      const behaviour = /^\S+ \/([^/ ]+)/.exec(request)?.[1] ?? '';
      behaviours[behaviour]?.(socket, request);
    });
  };
  const server: Server =
    identity === undefined
      ? net.createServer(listener)
      : tls.createServer(
          { ...identity, ca: identity.clientAuthority, requestCert: identity.clientAuthority !== undefined },
          listener,
        );
  server.listen(0, '127.0.0.1', () => parentPort.postMessage((server.address() as { port: number }).port));
}
