/** Source: `validateExtenders` in `apis/config/validation/validation.go`, v1.37.2. */
import { enumText, type FieldError, invalidValue, labelKeyErrors } from '../../api/index.ts';
import type { ExtenderV1 } from './schema/configuration.ts';

export function extenderErrors(extenders: readonly ExtenderV1[]): FieldError[] {
  const errors: FieldError[] = [];
  const managed = new Set<string>();
  extenders.forEach(({ prioritizeVerb, weight, managedResources }, i) => {
    const path = `extenders[${i}]`;
    if (prioritizeVerb !== '' && weight <= 0n) {
      errors.push(invalidValue(`${path}.weight`, weight, 'must have a positive weight applied to it'));
    }
    managedResources?.forEach(({ name }, j) => {
      const at = `${path}.managedResources[${j}].name`;
      errors.push(...extendedResourceErrors(name, at));
      if (managed.has(name)) errors.push(invalidValue(at, name, 'duplicate extender managed resource name'));
      managed.add(name);
    });
  });
  const binders = extenders.filter(({ bindVerb }) => bindVerb !== '').length;
  if (binders > 1) {
    const found = `found ${binders} extenders implementing bind`;
    errors.push(invalidValue('extenders', found, 'only one extender can implement bind'));
  }
  return errors;
}

function extendedResourceErrors(name: string, path: string): FieldError[] {
  const wrong = labelKeyErrors(name);
  if (wrong.length > 0) return wrong.map((error) => invalidValue(path, enumText(name), error));
  return isExtendedResource(name) ? [] : [invalidValue(path, name, 'is an invalid extended resource name')];
}

/** Source: `IsExtendedResourceName` in `pkg/apis/core/v1/helper/helpers.go`, v1.37.2. */
function isExtendedResource(name: string): boolean {
  const native = !name.includes('/') || name.includes('kubernetes.io/');
  if (native || name.startsWith('requests.')) return false;
  return labelKeyErrors(`requests.${name}`).length === 0;
}
