import { describe, expect, it } from 'vitest';
import { decodeStruct } from './decode.ts';
import { schemaOf, structSchema } from './schema.ts';

const pod = schemaOf('v1', 'Pod')!;
const decode = (object: Record<string, unknown>) => ({ ...decodeStruct(object, pod) });

describe('schema tables', () => {
  it('say how a list is merged, applied and encoded', () => {
    expect(structSchema('core.PodSpec')!.fields.get('containers')).toMatchObject({
      mergeKey: 'name',
      listKeys: ['name'],
      protoNumber: 2,
      isAlwaysWritten: true,
    });
  });
  it('know every struct that a kind is made of', () => {
    const seen = new Set<unknown>();
    const visit = (type: unknown): void => {
      const schema = type as { type: string; of?: unknown; fields?: Map<string, { type: unknown }> };
      if (seen.has(schema)) return;
      seen.add(schema);
      if (schema.of) visit(schema.of);
      for (const field of schema.fields?.values() ?? []) visit(field.type);
    };
    for (const kind of ['Pod', 'Node', 'PersistentVolume', 'Service']) visit(schemaOf('v1', kind));
    expect(seen.size).toBeGreaterThan(300);
  });
});

describe('decodeStruct', () => {
  it('drops null and unknown fields, and tells the latter with their place', () => {
    const object = { spec: { nodeName: null, bogus: 1, containers: [{ name: 'c', more: 2 }] } };
    expect(decode(object)).toMatchObject({
      error: undefined,
      unknownFields: ['spec.bogus', 'spec.containers[0].more'],
    });
    expect(object).toEqual({ metadata: {}, spec: { containers: [{ name: 'c', resources: {} }] }, status: {} });
  });
  it.each([
    [
      { metadata: { name: 1 } },
      'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string',
    ],
    [
      { spec: { containers: 'x' } },
      'json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container',
    ],
    [
      { spec: { restartPolicy: 3 } },
      'json: cannot unmarshal number into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy',
    ],
    [
      { spec: { priority: 3e9 } },
      'json: cannot unmarshal number 3000000000 into Go struct field PodSpec.spec.priority of type int32',
    ],
    [
      { spec: { overhead: { cpu: '1x' } } },
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
  ])('refuses %j', (object, error) => {
    expect(decode(object).error).toBe(error);
  });
  it('writes quantities as Go does', () => {
    const object = { spec: { overhead: { cpu: 0.5, memory: '1024Mi' } } };
    decode(object);
    expect(object.spec.overhead).toEqual({ cpu: '500m', memory: '1Gi' });
  });
});
