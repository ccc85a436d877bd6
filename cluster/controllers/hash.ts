/**
 * A name for a pod template. Upstream hashes the text of a Go dump, which nothing but Go can write; here it is FNV-1a of the
 * JSON with sorted keys, in the same alphabet (`apimachinery/pkg/util/rand`, `SafeEncodeString`).
 */
import type { PodTemplate } from './types.ts';

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/** @param collisionCount How often the hash was taken already by another template. */
export function templateHash(template: PodTemplate, collisionCount = 0): string {
  const text = canonical(template) + (collisionCount > 0 ? `#${collisionCount}` : '');
  let hash = OFFSET;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), PRIME);
  return safe(hash);
}

/** FNV-1 of the text in UTF-8, as upstream names ControllerRevisions of StatefulSets. */
export function bytesHash(text: string): string {
  let hash = OFFSET;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash, PRIME) ^ byte;
  return safe(hash);
}

/** In letters that spell no word. */
const safe = (hash: number): string =>
  [...String(hash >>> 0)].map((digit) => ALPHABET[digit.charCodeAt(0) % ALPHABET.length]).join('');

/** Equal for equal templates, in whatever order their fields were written. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, field: unknown) =>
    typeof field === 'object' && field !== null && !Array.isArray(field)
      ? Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1)))
      : field,
  );
}
