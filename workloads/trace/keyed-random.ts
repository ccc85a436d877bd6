/**
 * Draws that belong to a text: the same seed and text give the same draw, whatever was drawn before. So a gang is kept or moved as
 * a whole, and a thinned trace is part of one that was thinned less. Finaliser of MurmurHash3 over an FNV-1a walk.
 */

/** In [0, 1). */
export function drawFor(seed: number, text: string, copy = 0): number {
  let hash = (0x811c9dc5 ^ Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul(copy, 0x85ebca77)) | 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return (hash >>> 0) / 2 ** 32;
}
