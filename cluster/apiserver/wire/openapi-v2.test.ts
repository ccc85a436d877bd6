/** What kubectl up to 1.26 reads. Source of the numbers: gnostic's `openapiv2/OpenAPIv2.proto`. */
import { describe, expect, it } from 'vitest';
import { registry } from '../kinds/table.ts';
import { OpenApiV3 } from './openapi.ts';
import { OpenApiV2 } from './openapi-v2.ts';

const v2 = new OpenApiV2(new OpenApiV3(registry, 'v1.37.2'));
const document = v2.json() as {
  swagger: string;
  definitions: Record<string, { properties: Record<string, object>; 'x-kubernetes-group-version-kind'?: object[] }>;
  paths: Record<string, { patch: { parameters: { name: string }[] } }>;
};
const POD = 'io.k8s.api.core.v1.Pod';

/** The fields of a message whose fields are all of the kind with a length. Throws when the lengths do not fit. */
function fieldsOf(bytes: Buffer): Array<[number: number, content: Buffer]> {
  const fields: Array<[number, Buffer]> = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    expect(tag % 8).toBe(2);
    const length = varint();
    expect(at + length).toBeLessThanOrEqual(bytes.length);
    fields.push([Math.floor(tag / 8), bytes.subarray(at, at + length)]);
    at += length;
  }
  return fields;
}

const only = (bytes: Buffer, number: number): Buffer[] =>
  fieldsOf(bytes).flatMap(([each, content]) => (each === number ? [content] : []));

describe('OpenAPI 2', () => {
  it('refers to its own definitions, with what patches and lists go by', () => {
    expect(document.swagger).toBe('2.0');
    expect(document.definitions[POD]).toMatchObject({
      properties: { spec: { $ref: '#/definitions/io.k8s.api.core.v1.PodSpec' } },
      'x-kubernetes-group-version-kind': [{ group: '', version: 'v1', kind: 'Pod' }],
    });
    expect(document.definitions['io.k8s.api.core.v1.PodSpec']!.properties.containers).toMatchObject({
      type: 'array',
      'x-kubernetes-patch-merge-key': 'name',
      'x-kubernetes-patch-strategy': 'merge',
    });
    const references = JSON.stringify(document).matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g);
    for (const [, name] of references) expect(document.definitions[name!]).toBeDefined();
    expect(JSON.stringify(document)).not.toMatch(/oneOf|allOf|components/);
  });

  it('tells that patches can be tried', () => {
    const { parameters } = document.paths['/api/v1/namespaces/{namespace}/pods/{name}']!.patch;
    expect(parameters.map(({ name }) => name)).toContain('dryRun');
  });

  it('says the same in protobuf', () => {
    const [definitions] = only(v2.bytes(), 9);
    const named = only(definitions!, 1).map((each) => [only(each, 1)[0]!.toString(), only(each, 2)[0]!] as const);
    expect(named.map(([name]) => name)).toEqual(Object.keys(document.definitions));
    const [, pod] = named.find(([name]) => name === POD)!;
    const properties = only(only(pod, 25)[0]!, 1).map((each) => only(each, 1)[0]!.toString());
    expect(properties).toEqual(Object.keys(document.definitions[POD]!.properties));
    const [extension] = only(pod, 31);
    expect(only(extension!, 1)[0]!.toString()).toBe('x-kubernetes-group-version-kind');
    expect(only(only(extension!, 2)[0]!, 2)[0]!.toString()).toBe('[{"group":"","version":"v1","kind":"Pod"}]\n');
  });
});
