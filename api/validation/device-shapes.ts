/** The shape of the objects of dynamic resource allocation. Source: `k8s.io/api/resource/v1`, v0.37.2. */
import { type Fields, fields, list, map, type Shape } from './shape.ts';

const strings = list('string');
const quantities = map('quantity');

interface Common {
  readonly metadata: Shape;
  readonly nodeSelector: Shape;
}

const selectors = list(fields({ cel: fields({ expression: 'string' }) }));

const tolerations = list(
  fields({ key: 'string', operator: 'string', value: 'string', effect: 'string', tolerationSeconds: 'integer' }),
);

const demand: Fields = {
  deviceClassName: 'string',
  selectors,
  allocationMode: 'string',
  count: 'integer',
  tolerations,
  capacity: fields({ requests: quantities }),
};

const config = { opaque: fields({ driver: 'string' }) };

const claimSpec = fields({
  devices: fields({
    requests: list(
      fields({
        name: 'string',
        exactly: fields({ ...demand, adminAccess: 'boolean' }),
        firstAvailable: list(fields({ ...demand, name: 'string' })),
      }),
    ),
    constraints: list(fields({ requests: strings, matchAttribute: 'string', distinctAttribute: 'string' })),
    config: list(fields({ ...config, requests: strings })),
  }),
});

const claimStatus = (nodeSelector: Shape): Shape =>
  fields({
    allocation: fields({
      devices: fields({
        results: list(
          fields({
            request: 'string',
            driver: 'string',
            pool: 'string',
            device: 'string',
            adminAccess: 'boolean',
            tolerations,
            bindingConditions: strings,
            bindingFailureConditions: strings,
            shareID: 'string',
            consumedCapacity: quantities,
            skipNodeOperations: strings,
          }),
        ),
        config: list(fields({ ...config, requests: strings, source: 'string' })),
      }),
      nodeSelector,
      allocationTimestamp: 'time',
    }),
    reservedFor: list(fields({ apiGroup: 'string', resource: 'string', name: 'string', uid: 'string' })),
    devices: list(
      fields({
        driver: 'string',
        pool: 'string',
        device: 'string',
        conditions: list(fields({ type: 'string', status: 'string', reason: 'string', message: 'string' })),
      }),
    ),
  });

const taint = fields({ key: 'string', value: 'string', effect: 'string', timeAdded: 'time' });
const counters = map(fields({ value: 'quantity' }));

const attribute = fields({
  int: 'integer',
  bool: 'boolean',
  string: 'string',
  version: 'string',
  ints: list('integer'),
  bools: list('boolean'),
  strings,
  versions: strings,
});

const capacity = fields({
  value: 'quantity',
  requestPolicy: fields({
    default: 'quantity',
    validValues: list('quantity'),
    validRange: fields({ min: 'quantity', max: 'quantity', step: 'quantity' }),
  }),
});

const device = (nodeSelector: Shape): Shape =>
  fields({
    name: 'string',
    attributes: map(attribute),
    capacity: map(capacity),
    consumesCounters: list(fields({ counterSet: 'string', counters, compatibilityGroups: strings })),
    nodeName: 'string',
    nodeSelector,
    allNodes: 'boolean',
    taints: list(taint),
    bindsToNode: 'boolean',
    bindingConditions: strings,
    bindingFailureConditions: strings,
    allowMultipleAllocations: 'boolean',
  });

/** Kind → fields beside `apiVersion`, `kind` and `metadata`. */
export function deviceShapes({
  metadata,
  nodeSelector,
}: Common): ReadonlyArray<readonly [kind: string, fields: Fields]> {
  return [
    ['ResourceClaim', { spec: claimSpec, status: claimStatus(nodeSelector) }],
    ['ResourceClaimTemplate', { spec: fields({ metadata, spec: claimSpec }) }],
    [
      'ResourceSlice',
      {
        spec: fields({
          driver: 'string',
          pool: fields({ name: 'string', generation: 'integer', resourceSliceCount: 'integer' }),
          nodeName: 'string',
          nodeSelector,
          allNodes: 'boolean',
          perDeviceNodeSelection: 'boolean',
          devices: list(device(nodeSelector)),
          sharedCounters: list(fields({ name: 'string', counters })),
        }),
      },
    ],
    ['DeviceClass', { spec: fields({ selectors, config: list(fields(config)), extendedResourceName: 'string' }) }],
    [
      'DeviceTaintRule',
      {
        spec: fields({
          deviceSelector: fields({ driver: 'string', pool: 'string', device: 'string' }),
          taint,
        }),
      },
    ],
  ];
}
