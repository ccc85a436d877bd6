/** What kind of field a difference is in, without positions: two cases with a common signature fail in the same way. */
import type { Check, LocatedDifference } from '../check.ts';

export function signaturesOf({ problem, differences }: Check): string[] {
  if (problem !== undefined) return [problem.replace(/[\w./-]*\d[\w./-]*/g, '#')];
  return [...new Set(differences.map(signatureOf))];
}

function signatureOf({ kind, path, where, expected }: LocatedDifference): string {
  const plugin = /plugin (\w+)/.exec(where)?.[1];
  const field = path.filter((step) => typeof step === 'string').join('.');
  // One field holds every error that a configuration can have: what is said, without the values, tells them apart.
  if (field === 'error' && typeof expected === 'string') return `${kind} error like ${skeleton(expected)}`;
  return plugin === undefined ? `${kind} ${field}` : `${kind} ${field} of ${plugin}`;
}

const skeleton = (text: string): string => text.replace(/\{.*\}|"[^"]*"|'[^']*'|\d+/gs, '#').slice(0, 100);
