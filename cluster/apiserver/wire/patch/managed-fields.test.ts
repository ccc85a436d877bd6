import { describe, expect, it } from 'vitest';
import { schemaOf } from '../../kinds/schema/schema.ts';
import { applyPatch } from './apply-patch.ts';
import { managedAfterUpdate } from './managed-fields.ts';

const pod = schemaOf('v1', 'Pod')!;
const writer = { manager: 'kubectl-edit', apiVersion: 'v1', time: '2026-11-24T00:00:00Z' };
const applied = applyPatch(
  'apply',
  pod,
  undefined,
  { metadata: { name: 'p', labels: { a: '1', b: '2' } } },
  { writer: { ...writer, manager: 'me' } },
) as { metadata: { labels: object; managedFields: object[] } };

describe('managedAfterUpdate', () => {
  it('keeps no record before the first apply', () => {
    expect(managedAfterUpdate(pod, { metadata: {} }, { metadata: { labels: { a: '1' } } }, writer)).toBeUndefined();
  });
  it('moves what changes to whoever changes it, and forgets what goes', () => {
    const after = { metadata: { ...applied.metadata, labels: { a: '2', c: '3' } } };
    expect(managedAfterUpdate(pod, applied, after, writer)).toMatchObject([
      {
        manager: 'kubectl-edit',
        operation: 'Update',
        fieldsV1: { 'f:metadata': { 'f:labels': { 'f:a': {}, 'f:c': {} } } },
      },
    ]);
  });
  it('leaves the record alone when nothing changes', () => {
    expect(managedAfterUpdate(pod, applied, applied, writer)).toEqual(applied.metadata.managedFields);
  });
  it('forgets everything when a client empties the list', () => {
    const after = { metadata: { ...applied.metadata, managedFields: [{}] } };
    expect(managedAfterUpdate(pod, applied, after, writer)).toBeUndefined();
  });
});
