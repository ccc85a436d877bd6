/** Sends requests as they were recorded, byte for byte where bytes matter. */
import { request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly warning: string | undefined;
  readonly text: string;
}

export interface Sending {
  readonly method: string;
  readonly path: string;
  readonly accept?: string;
  readonly contentType?: string;
  readonly body?: string | Buffer;
  readonly token?: string;
  /** A watch is given up after so long. */
  readonly giveUpMs?: number;
}

export function send(url: string, sending: Sending): Promise<Answer> {
  const { method, path, accept, contentType, body, token, giveUpMs } = sending;
  const headers = {
    ...(accept === undefined || accept === '' ? {} : { accept }),
    ...(contentType === undefined ? {} : { 'content-type': contentType }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, url), { method, headers }, (response) => {
      let text = '';
      const done = (): void => {
        const { statusCode = 0 } = response;
        const { 'content-type': type = '', warning } = response.headers;
        resolve({ status: statusCode, contentType: String(type), warning: warning && String(warning), text });
      };
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', done);
      if (giveUpMs !== undefined) {
        setTimeout(() => {
          done();
          sent.destroy();
        }, giveUpMs);
      }
      response.on('error', () => {});
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
