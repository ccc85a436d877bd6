/** Makes the columns of a cluster: in memory of this thread's own, or in memory that threads can share. */
export class ColumnMaker {
  private readonly isShared: boolean;

  constructor(isShared: boolean) {
    this.isShared = isShared;
  }

  float64(length: number): Float64Array {
    return new Float64Array(this.buffer(length * Float64Array.BYTES_PER_ELEMENT));
  }

  int32(length: number, value = 0): Int32Array {
    const column = new Int32Array(this.buffer(length * Int32Array.BYTES_PER_ELEMENT));
    return value === 0 ? column : column.fill(value);
  }

  uint8(length: number): Uint8Array {
    return new Uint8Array(this.buffer(length));
  }

  private buffer(bytes: number): ArrayBufferLike {
    return this.isShared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
  }
}
