/** Rows of text into a file through one buffer; numbers without strings where they are whole. */
import { closeSync, openSync, writeSync } from 'node:fs';

const BUFFER_BYTES = 1 << 20;
/** A number takes fewer bytes than this. */
const NUMBER_BYTES_MAX = 32;
const COMMA = 44;
const LINE_FEED = 10;
const ZERO = 48;
/** Up to here a loop beats a call of the runtime. */
const SHORT_TEXT = 40;
/** Below this, whole numbers are written digit by digit. */
const SMALL = 2 ** 31;
/** Seconds are kept to the microsecond. */
const DECIMALS = 6;

export class RowWriter {
  private readonly handle: number;
  private readonly buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  private at = 0;

  constructor(file: string, header: string) {
    this.handle = openSync(file, 'w');
    this.text(header);
    this.endRow();
  }

  text(text: string): void {
    // UTF-8 takes at most three bytes per UTF-16 unit.
    const most = text.length * 3;
    if (this.at + most > BUFFER_BYTES) this.flush();
    if (most > BUFFER_BYTES) {
      writeSync(this.handle, text);
      return;
    }
    this.at += this.buffer.write(text, this.at, 'utf8');
  }

  /** Letters, digits and signs of ASCII alone. */
  plainText(text: string): void {
    const { length } = text;
    if (this.at + length > BUFFER_BYTES) this.flush();
    const { buffer, at } = this;
    if (length > SHORT_TEXT) buffer.write(text, at, 'latin1');
    else for (let i = 0; i < length; i++) buffer[at + i] = text.charCodeAt(i);
    this.at = at + length;
  }

  comma(): void {
    this.buffer[this.at++] = COMMA;
  }

  /** Leaves room for the next row's separators and numbers. */
  endRow(): void {
    this.buffer[this.at++] = LINE_FEED;
    if (this.at + 8 * NUMBER_BYTES_MAX > BUFFER_BYTES) this.flush();
  }

  /** At least 0. */
  number(value: number): void {
    if (this.at + 8 * NUMBER_BYTES_MAX > BUFFER_BYTES) this.flush();
    if (value < SMALL && value === (value | 0)) this.whole(value);
    else if (Number.isInteger(value)) this.plainText(value < 1e21 ? String(value) : BigInt(value).toString());
    else this.plainText(decimals(value));
  }

  private whole(value: number): void {
    const { buffer } = this;
    let digits = 1;
    for (let power = 10; power <= value; power *= 10) digits++;
    let rest = value;
    for (let at = this.at + digits - 1; at >= this.at; at--) {
      const next = (rest / 10) | 0;
      buffer[at] = ZERO + rest - next * 10;
      rest = next;
    }
    this.at += digits;
  }

  close(): void {
    this.flush();
    closeSync(this.handle);
  }

  private flush(): void {
    if (this.at > 0) writeSync(this.handle, this.buffer, 0, this.at);
    this.at = 0;
  }
}

function decimals(value: number): string {
  return value.toFixed(DECIMALS).replace(/\.?0+$/, '');
}
