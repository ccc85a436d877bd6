import { describe, expect, it } from 'vitest';
import { InputError } from './errors.ts';
import { readObjectFile, readObjects } from './read-objects.ts';

const POD = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' } };
const NODE = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } };
/** The message of the InputError that is thrown. */
function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return 'not refused';
}

const list = (kind: string, items: unknown[]) => ({ apiVersion: 'v1', kind, metadata: { resourceVersion: '' }, items });

describe('objects come out of whatever kubectl writes', () => {
  it.each([
    ['one object, JSON', JSON.stringify(POD), [POD]],
    ['a List', JSON.stringify(list('List', [NODE, POD]), null, 4), [NODE, POD]],
    ['a List without items', JSON.stringify(list('List', [])), []],
    [
      'a typed list, whose items leave out their kind',
      JSON.stringify(list('PodList', [{ metadata: POD.metadata }])),
      [POD],
    ],
    ['a typed list of nothing', '{"apiVersion":"v1","kind":"NodeList","items":null}', []],
    [
      'a list in a list',
      JSON.stringify(list('List', [list('NodeList', [{ metadata: NODE.metadata }]), POD])),
      [NODE, POD],
    ],
    ['a JSON stream', `${JSON.stringify(NODE, null, 2)}\n${JSON.stringify(POD)}`, [NODE, POD]],
    ['JSON lines', `${JSON.stringify(NODE)}\n${JSON.stringify(POD)}\n`, [NODE, POD]],
    ['JSON documents parted by ---', `${JSON.stringify(NODE)}\n---\n${JSON.stringify(POD)}\n`, [NODE, POD]],
    ['one object, YAML', 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n', [POD]],
    [
      'YAML documents, empty ones among them',
      '---\n---\napiVersion: v1\nkind: Node\nmetadata: {name: n1}\n---\n# nothing\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: web}\n---\n',
      [NODE, POD],
    ],
    [
      'a List in YAML, as kubectl indents it',
      'apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: web\nkind: List\nmetadata:\n  resourceVersion: ""\n',
      [POD],
    ],
    ['a text with a byte order mark', `\ufeff${JSON.stringify(POD)}`, [POD]],
    ['nothing', '', []],
    ['comments alone', '# nobody here\n', []],
    [
      'an object of a kind that nobody knows',
      '{"apiVersion":"example.com/v7","kind":"Gadget"}',
      [{ apiVersion: 'example.com/v7', kind: 'Gadget' }],
    ],
    [
      'a Service of another group',
      '{"apiVersion":"serving.knative.dev/v1","kind":"Service"}',
      [{ apiVersion: 'serving.knative.dev/v1', kind: 'Service' }],
    ],
  ])('%s', (_, text, objects) => {
    expect(readObjects(text, 'f')).toEqual(objects);
    expect(readObjects(new TextEncoder().encode(text), 'f')).toEqual(objects);
  });

  it('YAML scalars mean what they mean to kubectl: YAML 1.1', () => {
    const text =
      'apiVersion: v1\nkind: Pod\ndata: {a: yes, b: "yes", c: 010, d: 0o10, e: 1_000, f: ~, g: 1:30, h: off, 0x10: x}\n';
    expect(readObjects(text, 'f')[0]).toMatchObject({
      data: { a: true, b: 'yes', c: 8, d: 8, e: 1000, f: null, g: '1:30', h: false, '16': 'x' },
    });
  });

  it('anchors, merges and folded text are read, too', () => {
    const text = 'apiVersion: v1\nkind: Pod\na: &x {p: 1}\nb: {<<: *x, q: 2}\nc: >-\n  one\n  two\n';
    expect(readObjects(text, 'f')[0]).toMatchObject({ a: { p: 1 }, b: { p: 1, q: 2 }, c: 'one two' });
  });
});

describe('what cannot be read is refused with its place', () => {
  it.each([
    [
      '{"apiVersion":"v1",\n "kind":"Pod",}',
      "pods.json:2:15: not JSON: invalid character '}' looking for beginning of object key string",
    ],
    ['{"apiVersion":"v1"', 'pods.json:1:19: not JSON: unexpected end of JSON input'],
    [
      `${JSON.stringify(POD)}\n{"a":tru}\n`,
      "pods.json:2:9: not JSON: invalid character '}' in literal true (expecting 'e')",
    ],
    ['kind: Pod\n  metadata: x\n', 'pods.json:2:11: not YAML: mapping values are not allowed in this context'],
    ['kind: Pod\nmetadata:\n\tname: x\n', 'pods.json:3:1: not YAML: found character that cannot start any token'],
    ['kind: Pod\nmetadata:\n  name: a\n  name: b\n', 'pods.json:4:3: key "name" is given twice in one map'],
    ['hello', 'pods.json:1:1: a Kubernetes object is expected here, not the text "hello"'],
    ['- a\n', 'pods.json:1:1: a Kubernetes object is expected here, not a list'],
    [
      JSON.stringify(list('List', [POD, 7])),
      'pods.json:1:136: items[1]: a Kubernetes object is expected here, not the number 7',
    ],
    [
      'apiVersion: v1\nmetadata: {name: x}\n',
      'pods.json:1:1: kind: Required value: name the kind of the object, such as Pod',
    ],
    ['kind: Pod\n', 'pods.json:1:1: apiVersion: Required value: name the API version of this Pod'],
    ['apiVersion: v1\nkind: 7\n', 'pods.json:2:7: kind: Invalid value: 7: must be a string'],
    [
      'apiVersion: v1\n---\napiVersion: policy/v1beta1\nkind: PodDisruptionBudget\n',
      'pods.json:1:1: kind: Required value: name the kind of the object, such as Pod',
    ],
    [
      'apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\n',
      'pods.json:1:13: apiVersion: Unsupported value: "policy/v1beta1": kind PodDisruptionBudget is read as "policy/v1"',
    ],
    [
      'apiVersion: extensions/v1beta1\nkind: ReplicaSet\n',
      'pods.json:1:13: apiVersion: Unsupported value: "extensions/v1beta1": kind ReplicaSet is read as "apps/v1"',
    ],
  ])('%j', (text, message) => {
    expect(refusal(() => readObjects(text, 'pods.json'))).toBe(message);
  });

  it('standard input is named', () => {
    expect(() => readObjects('x', '-')).toThrow('<stdin>:1:1: a Kubernetes object is expected');
  });
});

describe('a field is found where it is written', () => {
  const yaml = [
    'apiVersion: v1',
    'kind: Node',
    'metadata: {name: n1}',
    '---',
    'apiVersion: v1',
    'kind: List',
    'items:',
    '- apiVersion: v1',
    '  kind: Pod',
    '  metadata:',
    '    name: web',
    '  spec:',
    '    containers:',
    '    - name: c',
    '      resources:',
    '        requests:',
    '          cpu: 1K',
    '          nvidia.com/gpu: 1',
    '',
  ].join('\n');
  const json = `${JSON.stringify(NODE)}\n${JSON.stringify(list('List', [{ ...POD, spec: { containers: [{ name: 'c', 'a.b/c': 1 }] } }]), null, 2)}`;

  it.each([
    ['', 8, 3],
    ['metadata.name', 11, 11],
    ['spec.containers[0].resources.requests[cpu]', 17, 16],
    ['spec.containers[0].resources.requests[nvidia.com/gpu]', 18, 27],
    ['spec.containers[0].resources.requests.nvidia.com/gpu', 18, 27],
    // What is absent is where it would be.
    ['spec.containers[0].resources.limits', 15, 7],
    ['spec.nodeName', 12, 3],
  ])('YAML: "%s" at %i:%i', (path, line, column) => {
    expect(readObjectFile(yaml, 'f').locate(1, path)).toMatchObject({ line, column });
  });

  it.each([
    ['metadata.name', 13, 17],
    ['spec.containers[0].a.b/c', 19, 22],
    ['spec.containers[1]', 16, 23],
  ])('JSON: "%s" at %i:%i', (path, line, column) => {
    expect(readObjectFile(json, 'f').locate(1, path)).toMatchObject({ line, column });
  });

  it('also in YAML that only the full parser reads', () => {
    const text =
      'apiVersion: v1\nkind: Pod\nmetadata: &m\n  name: x\nspec:\n  tolerations:\n    - {key: a,\n       effect: b}\n';
    expect(readObjectFile(text, 'f').locate(0, 'spec.tolerations[0].effect')).toMatchObject({ line: 8, column: 16 });
    expect(readObjectFile(text, 'f').locate(0, 'metadata.name')).toMatchObject({ line: 4, column: 9 });
  });
});
