// The inner loop for classes without an index, in AssemblyScript: one pass over all nodes that bounds each node's score for
// one pod (LeastAllocated + BalancedAllocation over CPU and memory) from above, eight nodes at a time in 16-bit numbers.
//
// Shares of a node are counted in 1/512 of a percent (FULL = 100 %). An input is off by at most half a unit, a product by
// less than 1.5, so that what is left of a node is known to within 2 units, and the difference of two used shares to
// within 4. By so much they are nudged upwards before they are rounded to whole percents: a bound is never below the true
// score, and above it for one node in two hundred. Whoever wants the true score of such a node evaluates it in f64.
// Amounts that are too large for 15 bits are halved k times; errors and nudges grow with that.
//
// Memory: blocks of 16 nodes in node order, 224 bytes each, seven rows of 16 numbers:
//   CPU left by defaulted requests plus NUDGE, memory left likewise, smallest CPU / own CPU (in 1/32767), the same for memory,
//   used CPU, used memory (FULL_UP where no pod slot is left), 150 − balance without the pod.
// Cost: about 1 ns per node at 2.3 GHz.

const FULL: i32 = 51200;
const NUDGE: i32 = 2;
const WIDE_NUDGE: i32 = 3;
/** Below this the error of a product is so far below 1.5 that the nudge for small amounts is enough. */
const PLAIN_MAX: i32 = 30000;
const BLOCK_BYTES: usize = 224;

/** Number of nodes that fit or may fit, after the last scan. */
let feasibleCount: i32 = 0;
/** Blocks of 16 with nodes that may fit, or may not. */
let doubtfulBlocks: i32 = 0;

export function feasible(): i32 {
  return feasibleCount;
}

export function doubtful(): i32 {
  return doubtfulBlocks;
}


// @ts-ignore: decorator
@inline
function share(takes: v128, inverse: v128, cap: v128, shift: i32, wide: bool): v128 {
  const product = i16x8.q15mulr_sat_s(takes, inverse);
  return wide ? i16x8.shl(i16x8.min_u(product, cap), shift) : product;
}

// @ts-ignore: decorator
@inline
function expand(word: i32): v128 {
  const bits = v128(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128);
  const bytes = i8x16.swizzle(i32x4.splat(word), v128(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1));
  return i8x16.eq(v128.and(bytes, bits), bits);
}

// @ts-ignore: decorator
@inline
function scanAll(
  blocks: usize,
  blockCount: i32,
  mask: usize,
  bounds: usize,
  bits: usize,
  doubts: usize,
  takesCpu: i32,
  takesMemory: i32,
  addsCpu: i32,
  addsMemory: i32,
  shiftCpu: i32,
  shiftMemory: i32,
  balanced: bool,
  separate: bool,
  wide: bool,
  exactly: bool,
): i32 {
  const zero = i16x8.splat(0);
  const nudge = wide ? WIDE_NUDGE << max(shiftCpu, shiftMemory) : NUDGE;
  const more = i16x8.splat(<i16>(nudge - NUDGE));
  const twice = i16x8.splat(<i16>(2 * nudge));
  const full = i16x8.splat(<i16>FULL);
  const fullest = i16x8.splat(<i16>(FULL + nudge));
  const surelyFits = i16x8.splat(<i16>(FULL - nudge));
  const roundUp = i16x8.splat(<i16>(1023 - 2 * nudge));
  const roundDown = i16x8.splat(<i16>(1023 + 2 * nudge));
  const takes0 = i16x8.splat(<i16>takesCpu);
  const takes1 = i16x8.splat(<i16>takesMemory);
  const adds0 = i16x8.splat(<i16>addsCpu);
  const adds1 = i16x8.splat(<i16>addsMemory);
  const cap0 = i16x8.splat(<i16>((<i32>65535) >> shiftCpu));
  const cap1 = i16x8.splat(<i16>((<i32>65535) >> shiftMemory));
  const evens = i16x8.splat(balanced ? -1 : 0);
  const constant = i16x8.splat(balanced ? 51 : 1);

  let best = zero;
  let count: i32 = 0;
  let doubtfulCount: i32 = 0;
  for (let block = 0; block < blockCount; block++) {
    let low = zero;
    let lowDoubt = zero;
    let packed = zero;
    let packedDoubt = zero;
    for (let half = 0; half < 2; half++) {
      const at = blocks + (half << 4);
      const inverse0 = v128.load(at, 64);
      const inverse1 = v128.load(at, 96);
      const p0 = share(takes0, inverse0, cap0, shiftCpu, wide);
      const p1 = share(takes1, inverse1, cap1, shiftMemory, wide);
      const has0 = wide ? i16x8.add(v128.load(at), more) : v128.load(at);
      const has1 = wide ? i16x8.add(v128.load(at, 32), more) : v128.load(at, 32);
      const left0 = i16x8.sub_sat_u(has0, p0);
      const left1 = i16x8.sub_sat_u(has1, p1);
      const a = i16x8.shr_u(left0, 9);
      const b = i16x8.shr_u(left1, 9);
      const least = i16x8.shr_u(i16x8.add(a, b), 1);

      const q0 = separate ? share(adds0, inverse0, cap0, shiftCpu, wide) : p0;
      const q1 = separate ? share(adds1, inverse1, cap1, shiftMemory, wide) : p1;
      const used0 = i16x8.add_sat_u(v128.load(at, 128), q0);
      const used1 = i16x8.add_sat_u(v128.load(at, 160), q1);
      const used = i16x8.max_u(used0, used1);
      const fits = i16x8.eq(i16x8.sub_sat_u(used, fullest), zero);
      let doubt = i16x8.ne(i16x8.sub_sat_u(used, surelyFits), zero);
      const capped0 = i16x8.min_u(used0, full);
      const capped1 = i16x8.min_u(used1, full);
      const apart = v128.or(i16x8.sub_sat_u(capped0, capped1), i16x8.sub_sat_u(capped1, capped0));
      const gain = v128.load(at, 192);
      const even = i16x8.shr_u(i16x8.sub(gain, i16x8.shr_u(i16x8.add(apart, roundUp), 10)), 1);
      const total = i16x8.add(i16x8.add(least, v128.and(even, evens)), constant);
      if (exactly) {
        const a2 = i16x8.shr_u(i16x8.sub_sat_u(left0, twice), 9);
        const b2 = i16x8.shr_u(i16x8.sub_sat_u(left1, twice), 9);
        const least2 = i16x8.shr_u(i16x8.add(a2, b2), 1);
        const even2 = i16x8.shr_u(i16x8.sub(gain, i16x8.shr_u(i16x8.add(apart, roundDown), 10)), 1);
        const total2 = i16x8.add(i16x8.add(least2, v128.and(even2, evens)), constant);
        doubt = v128.or(doubt, i16x8.ne(total, total2));
      }
      const value = v128.and(total, fits);
      if (half === 0) {
        low = value;
        lowDoubt = v128.and(doubt, fits);
      } else {
        packed = i8x16.narrow_i16x8_u(low, value);
        packedDoubt = i8x16.narrow_i16x8_s(lowDoubt, v128.and(doubt, fits));
      }
    }
    const passes = expand(<i32>load<u16>(mask));
    packed = v128.and(packed, passes);
    v128.store(bounds, packed);
    best = i8x16.max_u(best, packed);
    const word = i8x16.bitmask(i8x16.ne(packed, zero));
    store<u16>(bits, <u16>word);
    count += popcnt<i32>(word);
    const doubtWord = i8x16.bitmask(v128.and(packedDoubt, passes));
    store<u16>(doubts, <u16>doubtWord);
    doubtfulCount += i32(doubtWord != 0);
    blocks += BLOCK_BYTES;
    mask += 2;
    bounds += 16;
    bits += 2;
    doubts += 2;
  }
  feasibleCount = count;
  doubtfulBlocks = doubtfulCount;
  return largest(best);
}

// @ts-ignore: decorator
@inline
function largest(bytes: v128): i32 {
  let top: i32 = 0;
  for (let i = 0; i < 16; i++) {
    top = max(top, <i32>i8x16.extract_lane_u(bytes, 0));
    bytes = i8x16.shuffle(bytes, bytes, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0);
  }
  return top;
}

/**
 * Writes per node an upper bound of the score plus 1, 0 where the pod does not fit; a bit per node that is not 0; and a bit
 * per node that may be 0 all the same. `mask` has a bit per node that may be taken at all.
 * `takes…`: defaulted requests in parts of the smallest node (FULL for all of it), shifted right by `shift…`. `adds…`: real ones.
 * Returns the largest bound.
 */
export function scan(
  blocks: usize,
  blockCount: i32,
  mask: usize,
  bounds: usize,
  bits: usize,
  doubts: usize,
  takesCpu: i32,
  takesMemory: i32,
  addsCpu: i32,
  addsMemory: i32,
  shiftCpu: i32,
  shiftMemory: i32,
  balanced: bool,
): i32 {
  const isPlain =
    takesCpu === addsCpu && takesMemory === addsMemory && (shiftCpu | shiftMemory) === 0 && max(takesCpu, takesMemory) < PLAIN_MAX;
  return isPlain
    ? scanAll(blocks, blockCount, mask, bounds, bits, doubts, takesCpu, takesMemory, addsCpu, addsMemory, 0, 0, balanced, false, false, false)
    : scanAll(blocks, blockCount, mask, bounds, bits, doubts, takesCpu, takesMemory, addsCpu, addsMemory, shiftCpu, shiftMemory, balanced, true, true, false);
}

/** As `scan`, but every node whose bound may be above its score counts as doubtful. */
export function evaluate(
  blocks: usize,
  blockCount: i32,
  mask: usize,
  bounds: usize,
  bits: usize,
  doubts: usize,
  takesCpu: i32,
  takesMemory: i32,
  addsCpu: i32,
  addsMemory: i32,
  shiftCpu: i32,
  shiftMemory: i32,
  balanced: bool,
): i32 {
  return scanAll(blocks, blockCount, mask, bounds, bits, doubts, takesCpu, takesMemory, addsCpu, addsMemory, shiftCpu, shiftMemory, balanced, true, true, true);
}

/** The first position in [from, end) whose byte is at least the threshold; −1 when there is none. */
export function next(bounds: usize, from: i32, end: i32, threshold: i32): i32 {
  const wanted = i8x16.splat(<i8>threshold);
  let position = from & ~15;
  let skipped = -1 << (from & 15);
  while (position < end) {
    const bytes = v128.load(bounds + <usize>position);
    const hits = i8x16.bitmask(i8x16.eq(i8x16.max_u(bytes, wanted), bytes)) & skipped;
    if (hits != 0) {
      const found = position + ctz<i32>(hits);
      return found < end ? found : -1;
    }
    skipped = -1;
    position += 16;
  }
  return -1;
}
