const FNV_PRIME = 0x01000193;

/** A UUID that depends on nothing but the text: the same run makes the same IDs. */
export function textUid(text: string): string {
  let hex = '';
  for (let part = 0; part < 4; part++) {
    let hash = 0x811c9dc5 ^ part;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    hex += ((hash ^ (hash >>> 13)) >>> 0).toString(16).padStart(8, '0');
  }
  // Version 4, variant 1, as random ones have.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
