/**
 * Waits for a thread that talks HTTP, for whoever cannot go on without an answer: a scheduling cycle is one step from
 * beginning to end. One thread serves all extenders; it starts with the first request, and does not keep the process alive.
 *
 * Cost per request: two messages and two wake-ups, about 50 µs, beside what the network takes.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { type HttpReply, type HttpRequest, httpThread, type ThreadData } from './http-thread.ts';

/** The thread keeps the time; when it does not answer for so much longer, something is wrong with it. */
const PATIENCE_MS = 10_000;

class SyncThread {
  private readonly port: MessagePort;
  private readonly signal = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  private readonly worker: Worker;
  private lastId = 0;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    const data: ThreadData = { port: port2, signal: this.signal };
    this.worker = new Worker(`(${httpThread})(require)`, { eval: true, workerData: data, transferList: [port2] });
    // What becomes of it shows when it does not answer.
    this.worker.on('error', () => {});
    this.worker.unref();
    this.port.unref();
  }

  /** Undefined when the thread is lost. */
  request(request: Omit<HttpRequest, 'id'>): HttpReply | undefined {
    const id = ++this.lastId;
    let seen = Atomics.load(this.signal, 0);
    this.port.postMessage({ id, ...request });
    // The thread counts up before it wakes: a wake-up that comes late, of a reply read without waiting, tells nothing new.
    while (Atomics.wait(this.signal, 0, seen, request.timeoutMs + PATIENCE_MS) !== 'timed-out') {
      seen = Atomics.load(this.signal, 0);
      const reply = this.read(id);
      if (reply !== undefined) return reply;
    }
    return undefined;
  }

  /** The reply to a request, if it is there; replies to requests that were given up are dropped. */
  private read(id: number): HttpReply | undefined {
    for (;;) {
      const received = receiveMessageOnPort(this.port) as { message: HttpReply } | undefined;
      if (received === undefined || received.message.id === id) return received?.message;
    }
  }

  stop(): void {
    void this.worker.terminate();
  }
}

let shared: SyncThread | undefined;

/** Blocks until there is an answer. */
export function requestAndWait(request: Omit<HttpRequest, 'id'>): HttpReply {
  shared ??= new SyncThread();
  const reply = shared.request(request);
  if (reply !== undefined) return reply;
  shared.stop();
  shared = undefined;
  throw new Error(`the thread that calls extenders was lost on ${request.url}`);
}
