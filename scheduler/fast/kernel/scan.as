// The inner loop for pods that are all different, in AssemblyScript: one pass over all nodes that bounds each node's score
// for one pod (LeastAllocated + BalancedAllocation over CPU and memory) from above and below, four nodes at a time in f32.
// Every quotient is nudged by EPS before it is rounded down, up for the upper bound and down for the lower one; with
// inputs rounded to f32 once, and four rounded operations, the error stays below 5e-5, so that the true score lies between
// the bounds. They are equal for almost all nodes; the caller evaluates the others where it matters.
//
// Memory, all columns `capacity` long and in node order, capacity a multiple of 32:
//   f32: share of CPU left in percent (of what is left by defaulted requests), the same of memory, 1 / CPU, 1 / memory,
//        used share of CPU, used share of memory, balance without the pod
//   i32: free CPU in milli-cores, −1 where no pod slot is left
//   f64: free memory in bytes
// Cost: about 3 ns per node at 2.3 GHz.

const EPS: f32 = 0.0002;

// @ts-ignore: decorator
@inline
function column(columns: usize, capacity: usize, index: usize): usize {
  return columns + index * capacity * 4;
}

/** Number of feasible nodes after the last scan. */
let feasibleCount: i32 = 0;

export function feasible(): i32 {
  return feasibleCount;
}

/**
 * Writes an upper bound per node (−1 where the pod does not fit) and a bit per feasible node. A bound that is not known to
 * be the score itself gets a quarter on top, so that whole numbers are exact.
 * Returns the best lower bound; negative when no node fits.
 */
export function scan(
  columns: usize,
  capacity: usize,
  mask: usize,
  bounds: usize,
  bits: usize,
  defaultedCpu: f32,
  defaultedMemory: f32,
  cpu: f32,
  memory: f32,
  cpuMilli: i32,
  memoryBytes: f64,
  balanced: f32,
): f32 {
  let left0 = column(columns, capacity, 0);
  let left1 = column(columns, capacity, 1);
  let inverse0 = column(columns, capacity, 2);
  let inverse1 = column(columns, capacity, 3);
  let used0 = column(columns, capacity, 4);
  let used1 = column(columns, capacity, 5);
  let without = column(columns, capacity, 6);
  let freeCpu = column(columns, capacity, 7);
  let freeMemory = column(columns, capacity, 8);

  const eps = f32x4.splat(EPS);
  const zero = f32x4.splat(0);
  const half = f32x4.splat(0.5);
  const one = f32x4.splat(1);
  const fifty = f32x4.splat(50);
  const hundred = f32x4.splat(100);
  const none = f32x4.splat(-1);
  const quarter = f32x4.splat(0.25);
  const takes0 = f32x4.splat(defaultedCpu * 100);
  const takes1 = f32x4.splat(defaultedMemory * 100);
  const adds0 = f32x4.splat(cpu);
  const adds1 = f32x4.splat(memory);
  const needs0 = i32x4.splat(cpuMilli);
  const needs1 = f64x2.splat(memoryBytes);
  const balance = f32x4.splat(balanced);

  let best = none;
  let count: i32 = 0;
  const end = left0 + capacity * 4;
  while (left0 < end) {
    let word: i32 = 0;
    for (let shift: i32 = 0; shift < 32; shift += 4) {
      const inv0 = v128.load(inverse0);
      const inv1 = v128.load(inverse1);
      const a = f32x4.sub(v128.load(left0), f32x4.mul(takes0, inv0));
      const b = f32x4.sub(v128.load(left1), f32x4.mul(takes1, inv1));
      const aHigh = f32x4.floor(f32x4.max(f32x4.add(a, eps), zero));
      const bHigh = f32x4.floor(f32x4.max(f32x4.add(b, eps), zero));
      const aLow = f32x4.floor(f32x4.max(f32x4.sub(a, eps), zero));
      const bLow = f32x4.floor(f32x4.max(f32x4.sub(b, eps), zero));
      const fitHigh = f32x4.floor(f32x4.mul(f32x4.add(aHigh, bHigh), half));
      const fitLow = f32x4.floor(f32x4.mul(f32x4.add(aLow, bLow), half));

      const share0 = f32x4.min(f32x4.add(v128.load(used0), f32x4.mul(adds0, inv0)), one);
      const share1 = f32x4.min(f32x4.add(v128.load(used1), f32x4.mul(adds1, inv1)), one);
      const deviation = f32x4.mul(f32x4.abs(f32x4.sub(share0, share1)), half);
      const points = f32x4.mul(f32x4.sub(one, deviation), hundred);
      const gain = f32x4.sub(fifty, v128.load(without));
      const evenHigh = f32x4.floor(f32x4.mul(f32x4.add(f32x4.floor(f32x4.add(points, eps)), gain), half));
      const evenLow = f32x4.floor(f32x4.mul(f32x4.add(f32x4.floor(f32x4.sub(points, eps)), gain), half));
      const high = f32x4.add(fitHigh, f32x4.mul(f32x4.add(evenHigh, fifty), balance));
      const low = f32x4.add(fitLow, f32x4.mul(f32x4.add(evenLow, fifty), balance));

      const roomForMemory = v128.shuffle<i32>(
        f64x2.ge(v128.load(freeMemory), needs1),
        f64x2.ge(v128.load(freeMemory, 16), needs1),
        0, 2, 4, 6,
      );
      const fits = v128.and(v128.and(i32x4.ge_s(v128.load(freeCpu), needs0), roomForMemory), v128.load(mask));
      const bound = f32x4.add(high, v128.and(f32x4.ne(high, low), quarter));
      v128.store(bounds, v128.bitselect(bound, none, fits));
      best = f32x4.max(best, v128.bitselect(low, none, fits));
      word |= i32x4.bitmask(fits) << shift;

      left0 += 16; left1 += 16; inverse0 += 16; inverse1 += 16; used0 += 16; used1 += 16;
      without += 16; freeCpu += 16; freeMemory += 32; mask += 16; bounds += 16;
    }
    store<i32>(bits, word);
    count += popcnt<i32>(word);
    bits += 4;
  }
  feasibleCount = count;
  return max(
    max(f32x4.extract_lane(best, 0), f32x4.extract_lane(best, 1)),
    max(f32x4.extract_lane(best, 2), f32x4.extract_lane(best, 3)),
  );
}

/** Writes the positions whose upper bound reaches the threshold; returns how many there are. */
export function collect(bounds: usize, capacity: usize, threshold: f32, out: usize): i32 {
  const limit = f32x4.splat(threshold);
  const first = out;
  for (let position: usize = 0; position < capacity; position += 4) {
    let hits = i32x4.bitmask(f32x4.ge(v128.load(bounds + position * 4), limit));
    while (hits != 0) {
      store<i32>(out, <i32>position + ctz<i32>(hits));
      out += 4;
      hits &= hits - 1;
    }
  }
  return <i32>((out - first) / 4);
}
