/** What Go 1.26 makes of the same texts, with the types of k8s.io/kube-scheduler v0.37.2. */
import { describe, expect, test } from 'vitest';
import { readBindingError, readFilterResult, readHostPriorities, readPreemptionResult } from './answers.ts';

const answer = (body: string, bodyError?: string) => ({ status: 200, body, bodyError });
const filtered = (body: string) => readFilterResult(answer(body));
const messageOf = (run: () => unknown): string => {
  try {
    run();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};
const scored = (body: string) => readHostPriorities(answer(body)).map(({ host, score }) => `${host} ${score}`);

describe('filter', () => {
  test.each([
    ['{}', undefined],
    ['null', undefined],
    ['{"NodeNames":null}', undefined],
    ['{"NodeNames":[]}', []],
    ['{"NodeNames":["n1"]}', ['n1']],
    ['{"nodenames":["n1"]}', ['n1']],
    ['{"NodeNames":["n1"]} trailing', ['n1']],
    ['{"NodeNames":["n1"],"nodeNames":["n2"]}', ['n2']],
    ['{"NodeNames":[null]}', ['']],
    ['{"Host":"n1"}', undefined],
  ])('%s', (body, nodeNames) => {
    expect(filtered(body).nodeNames).toEqual(nodeNames);
  });

  test('nodes come as they were sent', () => {
    const node = { metadata: { name: 'n2', labels: { a: 'b' } }, status: { allocatable: { cpu: '4' } } };
    expect(filtered(JSON.stringify({ Nodes: { items: [node] } })).nodes).toEqual([node]);
    expect(filtered('{"Nodes":{}}').nodes).toEqual([]);
    expect(filtered('{"Nodes":null}').nodes).toBeUndefined();
  });

  test('reasons and the error', () => {
    const { failedNodes, failedAndUnresolvableNodes, error } = filtered(
      '{"FailedNodes":{"a":"no","b":null},"failedandunresolvablenodes":{"c":"never"},"Error":"boom"}',
    );
    expect([...failedNodes]).toEqual([
      ['a', 'no'],
      ['b', ''],
    ]);
    expect([...failedAndUnresolvableNodes]).toEqual([['c', 'never']]);
    expect(error).toBe('boom');
  });

  test.each([
    ['', 'EOF'],
    ['   ', 'EOF'],
    ['{', 'unexpected EOF'],
    ['{"NodeNames": ["n1"', 'unexpected EOF'],
    ['nope', "invalid character 'o' in literal null (expecting 'u')"],
    ['{"NodeNames": ["n1"],}', "invalid character '}' looking for beginning of object key string"],
    ['{"NodeNames": ["n1"], "x": tru}', "invalid character '}' in literal true (expecting 'e')"],
    ['{"Error": "a\u0001"}', "invalid character '\\x01' in string literal"],
    ['[]', 'json: cannot unmarshal array into Go value of type v1.ExtenderFilterResult'],
    ['"x"', 'json: cannot unmarshal string into Go value of type v1.ExtenderFilterResult'],
    ['5', 'json: cannot unmarshal number into Go value of type v1.ExtenderFilterResult'],
    [
      '{"NodeNames": "n1"}',
      'json: cannot unmarshal string into Go struct field ExtenderFilterResult.NodeNames of type []string',
    ],
    [
      '{"NodeNames": [1]}',
      'json: cannot unmarshal number into Go struct field ExtenderFilterResult.NodeNames of type string',
    ],
    [
      '{"FailedNodes": {"n1": 5}}',
      'json: cannot unmarshal number into Go struct field ExtenderFilterResult.FailedNodes of type string',
    ],
    [
      '{"FailedNodes": []}',
      'json: cannot unmarshal array into Go struct field ExtenderFilterResult.FailedNodes of type v1.FailedNodesMap',
    ],
    ['{"Error": 5}', 'json: cannot unmarshal number into Go struct field ExtenderFilterResult.Error of type string'],
    [
      '{"Nodes": []}',
      'json: cannot unmarshal array into Go struct field ExtenderFilterResult.Nodes of type v1.NodeList',
    ],
    [
      '{"Nodes": {"items": 5}}',
      'json: cannot unmarshal number into Go struct field NodeList.Nodes.items of type []v1.Node',
    ],
    [
      '{"Nodes": {"items": [5]}}',
      'json: cannot unmarshal number into Go struct field NodeList.Nodes.items of type v1.Node',
    ],
    [
      '{"Nodes": {"items": [{"metadata":{"name":5}}]}}',
      'json: cannot unmarshal number into Go struct field ObjectMeta.Nodes.items.metadata.name of type string',
    ],
  ])('%s: %s', (body, error) => {
    expect(messageOf(() => filtered(body))).toBe(error);
  });

  test('a body that breaks off counts only where more of it is needed', () => {
    const reset = 'read: connection reset by peer';
    expect(readFilterResult(answer('{"NodeNames":["n1"]}', reset)).nodeNames).toEqual(['n1']);
    expect(messageOf(() => readFilterResult(answer('{"NodeNames":[', reset)))).toBe(reset);
    expect(messageOf(() => readFilterResult(answer('{"NodeNames"]', reset)))).toBe(
      "invalid character ']' after object key",
    );
  });
});

describe('prioritize', () => {
  test.each([
    ['[]', []],
    ['null', []],
    ['[{"Host":"n1","Score":5}]', ['n1 5']],
    ['[{"host":"n1","score":-3}]', ['n1 -3']],
    ['[{"Host":"n1","Score":9223372036854775807}]', ['n1 9223372036854775807']],
    ['[null]', [' 0']],
    ['[{"Host":"n1","Score":null}]', ['n1 0']],
  ])('%s', (body, expected) => {
    expect(scored(body)).toEqual(expected);
  });

  test.each([
    ['{"Host":"n1"}', 'json: cannot unmarshal object into Go value of type v1.HostPriorityList'],
    ['[5]', 'json: cannot unmarshal number into Go value of type v1.HostPriority'],
    ['[[]]', 'json: cannot unmarshal array into Go value of type v1.HostPriority'],
    ['[{"Host":1,"Score":5}]', 'json: cannot unmarshal number into Go struct field HostPriority.Host of type string'],
    [
      '[{"Host":"n1","Score":5.5},{"Host":4}]',
      'json: cannot unmarshal number 5.5 into Go struct field HostPriority.Score of type int64',
    ],
    [
      '[{"Host":"n1","Score":"5"}]',
      'json: cannot unmarshal string into Go struct field HostPriority.Score of type int64',
    ],
    [
      '[{"Host":"n1","Score":1e2}]',
      'json: cannot unmarshal number 1e2 into Go struct field HostPriority.Score of type int64',
    ],
    [
      '[{"Host":"n1","Score":99999999999999999999}]',
      'json: cannot unmarshal number 99999999999999999999 into Go struct field HostPriority.Score of type int64',
    ],
  ])('%s: %s', (body, error) => {
    expect(messageOf(() => scored(body))).toBe(error);
  });
});

test('preempt: victims by UID, sorted by node', () => {
  const body = '{"NodeNameToMetaVictims":{"b":{"Pods":[{"UID":"u1"},{"uid":"u2"}],"NumPDBViolations":2},"a":null}}';
  expect(readPreemptionResult(answer(body))).toEqual([
    { nodeName: 'a', uids: [], pdbViolations: 0 },
    { nodeName: 'b', uids: ['u1', 'u2'], pdbViolations: 2 },
  ]);
});

test('bind: an error, or none', () => {
  expect(readBindingError(answer('{"Error":"no"}'))).toBe('no');
  expect(readBindingError(answer('{}'))).toBe('');
});
