import { describe, expect, it } from 'vitest';
import { Value } from './value.ts';
import { KeyRecord, Version } from './version.ts';

/** Put at 2, 3 and 4, deleted at 5. */
function record(): KeyRecord {
  const made = new KeyRecord('k', new Version('k', Value.empty, 2, 2, 1, 0, 0, undefined));
  for (const revision of [3, 4]) {
    made.last = new Version('k', Value.empty, 2, revision, revision - 1, 0, 0, made.last);
  }
  made.last = Version.tombstone('k', 5, 0, made.last);
  return made;
}

const compacted = (made: KeyRecord, revision: number): { dropped: number[]; isGone: boolean } => {
  const dropped: number[] = [];
  const isGone = made.compact(revision, ({ modRevision }) => dropped.push(modRevision));
  return { dropped, isGone };
};

describe('compaction of a key', () => {
  it('tells the oldest first and the deletion last, so that no beginning of it brings the key back', () => {
    expect(compacted(record(), 5)).toEqual({ dropped: [2, 3, 4, 5], isGone: true });
    expect(compacted(record(), 9)).toEqual({ dropped: [2, 3, 4, 5], isGone: true });
  });

  it('keeps what a reader at the revision sees', () => {
    const made = record();
    expect(compacted(made, 3)).toEqual({ dropped: [2], isGone: false });
    expect([made.at(3)?.modRevision, made.at(4)?.modRevision, made.at(5)]).toEqual([3, 4, undefined]);
  });

  it('of a key that was born again keeps the new life alone', () => {
    const made = record();
    made.last = new Version('k', Value.empty, 7, 7, 1, 0, 0, made.last);
    expect(compacted(made, 6)).toEqual({ dropped: [2, 3, 4, 5], isGone: false });
    expect([...made.versions()].map(({ modRevision }) => modRevision)).toEqual([7]);
  });
});
