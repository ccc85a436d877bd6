/** Answers in one piece. Heads are lists, which Node writes out without looking at them twice. */
import type { ServerResponse } from 'node:http';

const NO_CACHE = ['cache-control', 'no-cache, private'];

export const JSON_HEAD: string[] = [...NO_CACHE, 'content-type', 'application/json'];
export const YAML_HEAD: string[] = [...NO_CACHE, 'content-type', 'application/yaml'];
export const TEXT_HEAD: string[] = [
  ...NO_CACHE,
  'content-type',
  'text/plain; charset=utf-8',
  'x-content-type-options',
  'nosniff',
];

export const headOf = (contentType: string): string[] => [...NO_CACHE, 'content-type', contentType];

export function sendText(response: ServerResponse, code: number, body: string, head = JSON_HEAD): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(code, [...head, 'content-length', String(Buffer.byteLength(body))]);
  response.end(body);
}

export function sendBytes(response: ServerResponse, body: Buffer, contentType: string): void {
  response.writeHead(200, [...headOf(contentType), 'content-length', String(body.length)]);
  response.end(body);
}
