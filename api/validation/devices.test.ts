/** What an API server of v1.37 says about claims and slices that it does not take. */
import { describe, expect, it, test } from 'vitest';
import type { KubeObject } from '../types.ts';
import { validateObject } from '../validate-object.ts';

const object = (kind: string, name: string, spec: object): KubeObject =>
  ({ apiVersion: 'resource.k8s.io/v1', kind, metadata: { name }, spec }) as KubeObject;

const claim = (devices: object): KubeObject => object('ResourceClaim', 'c', { devices });
const request = (exactly: object): KubeObject => claim({ requests: [{ name: 'r', exactly }] });
const slice = (spec: object): KubeObject =>
  object('ResourceSlice', 's', { driver: 'd.example.com', pool: { name: 'p', resourceSliceCount: 1 }, ...spec });

const textsOf = (given: KubeObject): string[] => validateObject(given).map(({ text }) => text);

describe('fine', () => {
  test.each([
    ['a request with defaults', request({ deviceClassName: 'gpu' })],
    ['a list', claim({ requests: [{ name: 'r', firstAvailable: [{ name: 's', deviceClassName: 'gpu' }] }] })],
    ['a slice of a node', slice({ nodeName: 'n', devices: [{ name: 'd', capacity: { memory: { value: 1 } } }] })],
    ['counters', slice({ allNodes: true, sharedCounters: [{ name: 'c', counters: { x: { value: '1' } } }] })],
    ['a class', object('DeviceClass', 'gpu', { selectors: [{ cel: { expression: 'true' } }] })],
    ['a taint rule', object('DeviceTaintRule', 'r', { taint: { key: 'k', effect: 'NoSchedule' } })],
  ])('%s', (_, given) => {
    expect(textsOf(given)).toEqual([]);
  });
});

describe('not fine', () => {
  test.each<[string, KubeObject, string]>([
    [
      'a request for nothing',
      claim({ requests: [{ name: 'r' }] }),
      'spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required',
    ],
    ['no class', request({}), 'spec.devices.requests[0].exactly.deviceClassName: Required value'],
    [
      'a count of zero',
      request({ deviceClassName: 'gpu', count: 0 }),
      'spec.devices.requests[0].exactly.count: Invalid value: 0: must be greater than zero',
    ],
    [
      'a count of all',
      request({ deviceClassName: 'gpu', allocationMode: 'All', count: 2 }),
      "spec.devices.requests[0].exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All'",
    ],
    [
      'an unknown mode',
      request({ deviceClassName: 'gpu', allocationMode: 'Some' }),
      'spec.devices.requests[0].exactly.allocationMode: Unsupported value: "Some": supported values: "All", "ExactCount"',
    ],
    [
      'two requests of one name',
      claim({
        requests: [
          { name: 'r', exactly: { deviceClassName: 'gpu' } },
          { name: 'r', exactly: { deviceClassName: 'gpu' } },
        ],
      }),
      'spec.devices.requests[1]: Duplicate value: "r"',
    ],
    [
      'a slice of nowhere',
      slice({ devices: [] }),
      'spec: Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required',
    ],
    [
      'a slice of two places',
      slice({ nodeName: 'n', allNodes: true }),
      'spec: Invalid value: "{`nodeName`, `allNodes`}": exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required, but multiple fields are set',
    ],
    [
      'an amount that is none',
      slice({ nodeName: 'n', devices: [{ name: 'd', capacity: { memory: { value: '1x' } } }] }),
      'spec.devices[0].capacity[memory].value: Invalid value: "1x": quantities must match the regular expression \'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$\'',
    ],
    [
      'an attribute of two kinds',
      slice({ nodeName: 'n', devices: [{ name: 'd', attributes: { a: { int: 1, bool: true } } }] }),
      'spec.devices[0].attributes[a]: Invalid value: {"int":1,"bool":true}: exactly one value must be specified',
    ],
  ])('%s', (_, given, text) => {
    expect(textsOf(given)).toEqual([text]);
  });

  it('names constraints over requests that are not there', () => {
    const given = claim({
      requests: [{ name: 'r', exactly: { deviceClassName: 'gpu' } }],
      constraints: [{ requests: ['x'], matchAttribute: 'd.example.com/a' }],
    });
    expect(textsOf(given)[0]).toContain('spec.devices.constraints[0].requests[0]: Invalid value: "x"');
  });
});
