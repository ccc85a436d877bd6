/**
 * A watch over HTTP: a line of JSON per event. What the socket does not take waits here, up to 16 MiB; then the stream ends,
 * and the client goes on from the last event that it has read, as with upstream's watchers that cannot keep up
 * (`apiserver/pkg/storage/cacher/cache_watcher.go`, v0.37.2).
 *
 * Cost: 0.2 us for an event that another watcher got too, and a write for all that comes in a turn.
 */
import type { ServerResponse } from 'node:http';
import type { ApiWatchEvent, ApiWatchHandler } from '../../client.ts';
import type { Resource } from '../../kinds/resource.ts';
import { printerOf } from '../table/printers.ts';
import type { IncludeObject } from '../table/table.ts';
import { partialObject, tableOf } from '../table/table.ts';
import type { AnswerForm } from './accept.ts';
import { eventBytes, eventText } from './encode.ts';
import { JSON_HEAD } from './send.ts';

export const MAX_WAITING_BYTES = 16 * 1024 * 1024;
/** So much of the state at the start is made ahead of the socket. */
const AHEAD_BYTES = 1024 * 1024;
const PIECE_BYTES = 256 * 1024;
/** Who reads nothing at all is cut off that long after the end. */
const LINGER_MS = 30_000;

export interface WatchView {
  readonly resource: Resource;
  readonly form: AnswerForm;
  readonly include: IncludeObject;
  nowMs(): number;
}

/** Streams with something to write when this turn is over. */
let touched: WatchStream[] = [];

function flushLater(stream: WatchStream): void {
  if (touched.length === 0) setImmediate(flushTouched);
  touched.push(stream);
}

function flushTouched(): void {
  const streams = touched;
  touched = [];
  for (const stream of streams) stream.flush();
}

export class WatchStream implements ApiWatchHandler {
  private readonly response: ServerResponse;
  private readonly view: WatchView;
  /** Only the first event of a table brings the columns. */
  private hasColumns = false;
  private isOpen = false;
  private isOver = false;
  private isTouched = false;
  private lines: Buffer[] = [];
  private waitingBytes = 0;
  private resume: (() => void) | undefined;
  onGivenUp: () => void = () => {};

  constructor(response: ServerResponse, view: WatchView) {
    this.response = response;
    this.view = view;
    response.on('drain', () => this.flush());
  }

  open(): void {
    this.response.writeHead(200, JSON_HEAD);
    this.response.flushHeaders();
    this.isOpen = true;
    this.flush();
  }

  event(event: ApiWatchEvent): void {
    if (this.isOver) return;
    const line = this.bytesOf(event);
    this.lines.push(line);
    this.waitingBytes += line.length;
    if (this.waitingBytes > MAX_WAITING_BYTES) this.giveUp();
    else if (!this.isTouched) {
      this.isTouched = true;
      flushLater(this);
    }
  }

  isFull(resume: () => void): boolean {
    if (this.waitingBytes < AHEAD_BYTES) return false;
    this.resume = resume;
    return true;
  }

  ended(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.flush();
  }

  /** Hands on what the socket takes. */
  flush(): void {
    if (!this.isOpen) return;
    this.isTouched = false;
    const { response } = this;
    while (this.lines.length > 0 && !response.writableNeedDrain && !response.destroyed) response.write(this.piece());
    if (this.isOver) {
      if (this.lines.length === 0) response.end();
    } else if (this.resume !== undefined && this.waitingBytes < AHEAD_BYTES) {
      const { resume } = this;
      this.resume = undefined;
      resume();
    }
  }

  private piece(): Buffer {
    const { lines } = this;
    let count = 0;
    let bytes = 0;
    while (count < lines.length && bytes < PIECE_BYTES) bytes += lines[count++]!.length;
    this.lines = lines.slice(count);
    this.waitingBytes -= bytes;
    return count === 1 ? lines[0]! : Buffer.concat(lines.slice(0, count), bytes);
  }

  private giveUp(): void {
    const { response } = this;
    this.isOver = true;
    this.lines = [];
    this.waitingBytes = 0;
    this.onGivenUp();
    this.flush();
    const timer = setTimeout(() => response.destroy(), LINGER_MS);
    response.on('close', () => clearTimeout(timer));
  }

  private bytesOf(event: ApiWatchEvent): Buffer {
    const { resource, form } = this.view;
    if (event.type !== 'ERROR' && form.as === 'object') return eventBytes(resource, event);
    return Buffer.from(this.textOf(event));
  }

  private textOf(event: ApiWatchEvent): string {
    const { resource, form, include } = this.view;
    if (event.type === 'ERROR') return eventText('ERROR', JSON.stringify(event.object));
    if (form.as === 'partial') return eventText(event.type, JSON.stringify(partialObject(event.object)));
    const withColumns = !this.hasColumns;
    this.hasColumns = true;
    const table = tableOf(printerOf(resource.kind), event.object, include, this.view.nowMs(), withColumns);
    return eventText(event.type, JSON.stringify(event.type === 'BOOKMARK' ? { ...table, rows: [] } : table));
  }
}
