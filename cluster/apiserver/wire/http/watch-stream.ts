/**
 * A watch over HTTP: a line of JSON per event. A client that does not read is given up once it has 16 MiB waiting; it lists
 * anew then.
 */
import type { ServerResponse } from 'node:http';
import type { ApiWatchEvent, ApiWatchHandler } from '../../client.ts';
import type { Resource } from '../../kinds/resource.ts';
import { printerOf } from '../table/printers.ts';
import type { IncludeObject } from '../table/table.ts';
import { partialObject, tableOf } from '../table/table.ts';
import type { AnswerForm } from './accept.ts';
import { eventBytes, eventText } from './encode.ts';

export const MAX_WAITING_BYTES = 16 * 1024 * 1024;

export interface WatchView {
  readonly resource: Resource;
  readonly form: AnswerForm;
  readonly include: IncludeObject;
  nowMs(): number;
}

export class WatchStream implements ApiWatchHandler {
  private readonly response: ServerResponse;
  private readonly view: WatchView;
  /** Only the first event of a table brings the columns. */
  private hasColumns = false;
  private isOver = false;
  private isGathering = false;
  onGivenUp: () => void = () => {};

  constructor(response: ServerResponse, view: WatchView) {
    this.response = response;
    this.view = view;
  }

  open(): void {
    this.response.writeHead(200, { 'content-type': 'application/json' });
    this.response.flushHeaders();
  }

  event(event: ApiWatchEvent): void {
    if (this.isOver) return;
    this.gather();
    this.response.write(this.bytesOf(event));
    if (this.response.writableLength <= MAX_WAITING_BYTES) return;
    this.isOver = true;
    this.onGivenUp();
    this.response.destroy();
  }

  ended(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.response.end();
  }

  /** What comes in one turn goes out in one piece. */
  private gather(): void {
    if (this.isGathering) return;
    this.isGathering = true;
    this.response.cork();
    setImmediate(() => {
      this.isGathering = false;
      this.response.uncork();
    });
  }

  private bytesOf(event: ApiWatchEvent): Buffer | string {
    const { resource, form, include } = this.view;
    if (event.type === 'ERROR') return eventText('ERROR', JSON.stringify(event.object));
    if (form.as === 'object') return eventBytes(resource, event);
    if (form.as === 'partial') return eventText(event.type, JSON.stringify(partialObject(event.object)));
    const withColumns = !this.hasColumns;
    this.hasColumns = true;
    const table = tableOf(printerOf(resource.kind), event.object, include, this.view.nowMs(), withColumns);
    return eventText(event.type, JSON.stringify(event.type === 'BOOKMARK' ? { ...table, rows: [] } : table));
  }
}
