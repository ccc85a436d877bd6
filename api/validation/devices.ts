/**
 * Claims, slices, device classes and taint rules, as far as allocating depends on them.
 * Source: `pkg/apis/resource/validation/validation.go`, v1.37.2. Expressions are checked where they are run.
 */
import type {
  Device,
  DeviceClass,
  DeviceConstraint,
  DeviceDemand,
  DeviceRequest,
  DeviceSelector,
  DeviceTaint,
  DeviceTaintRule,
  ResourceClaim,
  ResourceClaimSpec,
  ResourceClaimTemplate,
  ResourceSlice,
} from '../device-types.ts';
import {
  duplicateValue,
  enumText,
  type FieldError,
  invalidValue,
  notSupportedValue,
  Rendered,
  requiredValue,
} from '../field-error.ts';
import type { NodeSelector } from '../types.ts';
import { metadataProblems } from './metadata.ts';
import { isLabel, isSubdomain, nameErrors } from './names.ts';
import { nodeSelectorProblems } from './node-selector.ts';

const CLUSTER_WIDE = { name: isSubdomain, namespaced: false };
const NAMESPACED = { name: isSubdomain, namespaced: true };
const TAINT_EFFECTS = ['None', 'NoExecute', 'NoSchedule'];

export const resourceClaimProblems = ({ metadata, spec }: ResourceClaim): FieldError[] => [
  ...metadataProblems(metadata, NAMESPACED),
  ...claimSpecProblems('spec', spec),
];

export const claimTemplateProblems = ({ metadata, spec }: ResourceClaimTemplate): FieldError[] => [
  ...metadataProblems(metadata, NAMESPACED),
  ...claimSpecProblems('spec.spec', spec?.spec),
];

export function deviceClassProblems({ metadata, spec }: DeviceClass): FieldError[] {
  return [...metadataProblems(metadata, CLUSTER_WIDE), ...selectorsProblems('spec.selectors', spec?.selectors)];
}

export function taintRuleProblems({ metadata, spec }: DeviceTaintRule): FieldError[] {
  const errors = metadataProblems(metadata, CLUSTER_WIDE);
  if (spec?.taint === undefined) errors.push(requiredValue('spec.taint'));
  else errors.push(...taintProblems('spec.taint', spec.taint));
  return errors;
}

// --- claims ----------------------------------------------------------------------------------------------------------

function claimSpecProblems(path: string, spec: ResourceClaimSpec | undefined): FieldError[] {
  const { requests = [], constraints = [] } = spec?.devices ?? {};
  const at = `${path}.devices`;
  const names = namesOf(requests);
  return [
    ...uniqueProblems(`${at}.requests`, requests),
    ...requests.flatMap((request, i) => requestProblems(`${at}.requests[${i}]`, request)),
    ...constraints.flatMap((constraint, i) => constraintProblems(`${at}.constraints[${i}]`, constraint, names)),
  ];
}

const namesOf = (requests: readonly DeviceRequest[]): ReadonlySet<string> =>
  new Set(
    requests.flatMap(({ name, firstAvailable = [] }) => [name, ...firstAvailable.map((one) => `${name}/${one.name}`)]),
  );

function uniqueProblems(path: string, entries: ReadonlyArray<{ readonly name?: string }>): FieldError[] {
  const seen = new Set<string>();
  return entries.flatMap(({ name = '' }, i) => {
    const errors = seen.has(name) ? [duplicateValue(`${path}[${i}]`, name)] : [];
    seen.add(name);
    return errors;
  });
}

function requestProblems(path: string, { name = '', exactly, firstAvailable = [] }: DeviceRequest): FieldError[] {
  const errors = requestNameProblems(`${path}.name`, name);
  const which = 'exactly one of `exactly` or `firstAvailable` is required';
  if (exactly === undefined && firstAvailable.length === 0) return [...errors, requiredValue(path, which)];
  if (exactly !== undefined && firstAvailable.length > 0) {
    return [...errors, invalidValue(path, null, `${which}, but multiple fields are set`)];
  }
  if (exactly !== undefined) return [...errors, ...demandProblems(`${path}.exactly`, exactly)];
  errors.push(...uniqueProblems(`${path}.firstAvailable`, firstAvailable));
  firstAvailable.forEach((one, i) => {
    const at = `${path}.firstAvailable[${i}]`;
    errors.push(...requestNameProblems(`${at}.name`, one.name ?? ''), ...demandProblems(at, one));
  });
  return errors;
}

const requestNameProblems = (path: string, name: string): FieldError[] =>
  name === '' ? [requiredValue(path)] : nameErrors(path, name, isLabel);

function demandProblems(path: string, demand: DeviceDemand): FieldError[] {
  const { deviceClassName = '', allocationMode = 'ExactCount', count } = demand;
  const errors =
    deviceClassName === ''
      ? [requiredValue(`${path}.deviceClassName`)]
      : nameErrors(`${path}.deviceClassName`, deviceClassName, isSubdomain);
  errors.push(...selectorsProblems(`${path}.selectors`, demand.selectors));
  if (allocationMode === 'All') {
    const detail = "must not be specified when allocationMode is 'All'";
    if (count) errors.push(invalidValue(`${path}.count`, count, detail));
  } else if (allocationMode !== 'ExactCount') {
    errors.push(notSupportedValue(`${path}.allocationMode`, enumText(allocationMode), ['All', 'ExactCount']));
  } else if (count !== undefined && count <= 0) {
    errors.push(invalidValue(`${path}.count`, count, 'must be greater than zero'));
  }
  return errors;
}

const selectorsProblems = (path: string, selectors: readonly DeviceSelector[] | undefined): FieldError[] =>
  (selectors ?? []).flatMap(({ cel }, i) => {
    if (cel === undefined) return [requiredValue(`${path}[${i}].cel`)];
    return cel.expression ? [] : [requiredValue(`${path}[${i}].cel.expression`)];
  });

function constraintProblems(path: string, constraint: DeviceConstraint, names: ReadonlySet<string>): FieldError[] {
  const { requests = [], matchAttribute, distinctAttribute } = constraint;
  const errors = requests.flatMap((name, i) =>
    names.has(name)
      ? []
      : [
          invalidValue(
            `${path}.requests[${i}]`,
            name,
            'must be the name of a request in the claim or the name of a request and a subrequest separated by "/"',
          ),
        ],
  );
  if (matchAttribute !== undefined) errors.push(...attributeNameProblems(`${path}.matchAttribute`, matchAttribute));
  else if (distinctAttribute !== undefined) {
    errors.push(...attributeNameProblems(`${path}.distinctAttribute`, distinctAttribute));
  } else {
    const detail = 'exactly one of matchAttribute or distinctAttribute is required, but multiple fields are unset';
    errors.push(requiredValue(path, detail));
  }
  return errors;
}

const attributeNameProblems = (path: string, name: string): FieldError[] =>
  name.includes('/') ? [] : [invalidValue(path, name, 'must include a domain')];

// --- slices ----------------------------------------------------------------------------------------------------------

export function sliceProblems({ metadata, spec }: ResourceSlice): FieldError[] {
  const errors = metadataProblems(metadata, CLUSTER_WIDE);
  if (spec === undefined) return [...errors, requiredValue('spec')];
  const { driver = '', pool, devices = [], sharedCounters } = spec;
  errors.push(...(driver === '' ? [requiredValue('spec.driver')] : nameErrors('spec.driver', driver, isSubdomain)));
  if (!pool?.name) errors.push(requiredValue('spec.pool.name'));
  if ((pool?.resourceSliceCount ?? 0) <= 0) {
    errors.push(
      invalidValue('spec.pool.resourceSliceCount', pool?.resourceSliceCount ?? 0, 'must be greater than zero'),
    );
  }
  errors.push(...selectionProblems('spec', spec, ['nodeName', 'nodeSelector', 'allNodes', 'perDeviceNodeSelection']));
  if (sharedCounters !== undefined && spec.devices !== undefined) {
    errors.push(invalidValue('spec', new Rendered('""'), 'only one of `sharedCounters` or `devices` is allowed'));
  }
  errors.push(
    ...uniqueProblems('spec.devices', devices),
    ...uniqueProblems('spec.sharedCounters', sharedCounters ?? []),
  );
  devices.forEach((device, i) => {
    errors.push(...deviceProblems(`spec.devices[${i}]`, device, spec.perDeviceNodeSelection === true));
  });
  return errors;
}

type Selection = Readonly<Record<string, unknown>> & { readonly nodeSelector?: NodeSelector };

function selectionProblems(path: string, selection: object, fieldNames: readonly string[], why = ''): FieldError[] {
  const given = selection as Selection;
  const isSet = (name: string): boolean => given[name] !== undefined && given[name] !== '' && given[name] !== false;
  const set = fieldNames.filter(isSet).map((name) => `\`${name}\``);
  const all = fieldNames.map((name) => `\`${name}\``);
  const list = why === '' ? all.join(', ') : `${all.slice(0, -1).join(', ')}, or ${all.at(-1)}`;
  const which = `exactly one of ${list} is required${why}`;
  const errors =
    given.nodeSelector === undefined ? [] : nodeSelectorProblems(`${path}.nodeSelector`, given.nodeSelector);
  if (set.length === 0) errors.push(requiredValue(path, which));
  else if (set.length > 1) {
    const detail = why === '' ? `${which}, but multiple fields are set` : which;
    errors.push(invalidValue(path, `{${set.join(', ')}}`, detail));
  }
  return errors;
}

const VALUE_FIELDS = ['int', 'bool', 'string', 'version', 'ints', 'bools', 'strings', 'versions'] as const;

function deviceProblems(path: string, device: Device, choosesNodes: boolean): FieldError[] {
  const { name = '', attributes = {}, capacity = {}, taints = [] } = device;
  const errors = name === '' ? [requiredValue(`${path}.name`)] : nameErrors(`${path}.name`, name, isLabel);
  if (choosesNodes) {
    const why = ' when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
    errors.push(...selectionProblems(path, device, ['nodeName', 'nodeSelector', 'allNodes'], why));
  } else if (device.nodeName !== undefined || device.nodeSelector !== undefined || device.allNodes !== undefined) {
    const detail =
      '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
    errors.push(invalidValue(path, null, detail));
  }
  for (const [key, attribute] of Object.entries(attributes)) {
    const set = VALUE_FIELDS.filter((kind) => attribute[kind] !== undefined);
    if (set.length !== 1)
      errors.push(invalidValue(`${path}.attributes[${key}]`, attribute, 'exactly one value must be specified'));
  }
  for (const [key, { value }] of Object.entries(capacity)) {
    if (value === undefined) errors.push(requiredValue(`${path}.capacity[${key}].value`));
  }
  taints.forEach((taint, i) => {
    errors.push(...taintProblems(`${path}.taints[${i}]`, taint));
  });
  return errors;
}

function taintProblems(path: string, { key, effect }: DeviceTaint): FieldError[] {
  const errors = key ? [] : [requiredValue(`${path}.key`)];
  if (!effect) errors.push(requiredValue(`${path}.effect`));
  else if (!TAINT_EFFECTS.includes(effect)) {
    errors.push(notSupportedValue(`${path}.effect`, enumText(effect), TAINT_EFFECTS));
  }
  return errors;
}
