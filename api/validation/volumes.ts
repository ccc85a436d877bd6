/** Volumes of pods and claims for volumes. Source: `pkg/apis/core/validation/validation.go`, v1.37.2. */
import {
  duplicateValue,
  enumText,
  type FieldError,
  forbiddenValue,
  goQuote,
  invalidValue,
  notSupportedValue,
  requiredValue,
} from '../field-error.ts';
import type { PersistentVolumeClaim, Volume } from '../types.ts';
import { labelSelectorProblems } from './labels.ts';
import { isLabel, isSubdomain, nameErrors } from './names.ts';
import { positiveQuantityProblems, quantityProblems } from './resources.ts';

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
const VOLUME_MODES = ['Block', 'Filesystem'];

/** Names, and the claims that scheduling follows. */
export function volumesProblems(path: string, volumes: readonly Volume[], podName: string): FieldError[] {
  const names = new Set<string>();
  return volumes.flatMap((volume, i) => {
    const at = `${path}[${i}]`;
    const { name = '', persistentVolumeClaim: claim, ephemeral } = volume;
    const errors: FieldError[] = [];
    if (claim !== undefined && !claim.claimName) errors.push(requiredValue(`${at}.persistentVolumeClaim.claimName`));
    if (ephemeral !== undefined) {
      const template = ephemeral.volumeClaimTemplate;
      if (template === undefined) errors.push(requiredValue(`${at}.ephemeral.volumeClaimTemplate`));
      else errors.push(...claimSpecProblems(`${at}.ephemeral.volumeClaimTemplate.spec`, template.spec ?? {}));
      if (podName !== '' && name !== '') errors.push(...createdClaimProblems(`${at}.name`, name, `${podName}-${name}`));
    }
    errors.push(...(name === '' ? [requiredValue(`${at}.name`)] : nameErrors(`${at}.name`, name, isLabel)));
    if (names.has(name)) errors.push(duplicateValue(`${at}.name`, name));
    if (errors.length === 0) names.add(name);
    return errors;
  });
}

const createdClaimProblems = (path: string, volume: string, claim: string): FieldError[] =>
  isSubdomain(claim).map((detail) => invalidValue(path, volume, `PVC name ${goQuote(claim)}: ${detail}`));

type ClaimSpec = Partial<NonNullable<PersistentVolumeClaim['spec']>>;

export function claimSpecProblems(path: string, spec: ClaimSpec): FieldError[] {
  const { accessModes = [], storageClassName: className = '', volumeAttributesClassName: attributes = '' } = spec;
  const errors: FieldError[] = [];
  if (accessModes.length === 0) errors.push(requiredValue(`${path}.accessModes`, 'at least 1 access mode is required'));
  errors.push(
    ...labelSelectorProblems(`${path}.selector`, spec.selector),
    ...accessModesProblems(`${path}.accessModes`, accessModes),
  );
  const storage = spec.resources?.requests?.storage;
  const storagePath = `${path}.resources[storage]`;
  if (storage === undefined) errors.push(requiredValue(storagePath));
  else {
    const wrong = positiveQuantityProblems(storagePath, storage);
    errors.push(...(wrong.length > 0 ? wrong : quantityProblems(storagePath, 'storage', storage)));
  }
  if (className !== '') errors.push(...nameErrors(`${path}.storageClassName`, className, isSubdomain));
  errors.push(...volumeModeProblems(`${path}.volumeMode`, spec.volumeMode));
  if (attributes !== '') errors.push(...nameErrors(`${path}.volumeAttributesClassName`, attributes, isSubdomain));
  return errors;
}

export function accessModesProblems(path: string, modes: readonly string[]): FieldError[] {
  const errors = modes
    .filter((mode) => !ACCESS_MODES.includes(mode))
    .map((mode) => notSupportedValue(path, enumText(mode), ACCESS_MODES));
  const others = modes.some((mode) => mode !== 'ReadWriteOncePod' && ACCESS_MODES.includes(mode));
  if (modes.includes('ReadWriteOncePod') && others) {
    errors.push(forbiddenValue(path, 'may not use ReadWriteOncePod with other access modes'));
  }
  return errors;
}

export const volumeModeProblems = (path: string, mode: string | undefined): FieldError[] =>
  mode === undefined || VOLUME_MODES.includes(mode) ? [] : [notSupportedValue(path, enumText(mode), VOLUME_MODES)];
