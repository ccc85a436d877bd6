/** Containers: names, ports and resources. Source: `pkg/apis/core/validation/validation.go`, v1.37.2. */
import {
  duplicateValue,
  enumText,
  type FieldError,
  invalidValue,
  notSupportedValue,
  requiredValue,
} from '../field-error.ts';
import type { Container, PodSpec } from '../types.ts';
import { isLabel, isPortName, nameErrors } from './names.ts';
import { claimNames, containerResourcesProblems } from './resources.ts';

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const RESTART_POLICIES = ['Always', 'Never', 'OnFailure'];
const MAX_PORT = 65535;

/** What scheduling does not read, such as a container's image, may be missing. */
export function containersProblems(path: string, spec: PodSpec): FieldError[] {
  const { containers = [], initContainers = [] } = spec;
  const claims = claimNames(spec);
  const errors: FieldError[] = containers.length === 0 ? [requiredValue(`${path}.containers`)] : [];
  const names = new Set<string>();
  const ports = new Set<string>();
  containers.forEach((container, i) => {
    const at = `${path}.containers[${i}]`;
    errors.push(...containerProblems(at, container, names, claims, false));
    errors.push(...hostPortConflicts(at, container, ports));
    if (spec.hostNetwork) errors.push(...hostNetworkProblems(at, container));
  });
  initContainers.forEach((container, i) => {
    const at = `${path}.initContainers[${i}]`;
    errors.push(...containerProblems(at, container, names, claims, true));
    // Init containers run one after another; upstream counts each as the first of the list.
    errors.push(...hostPortConflicts(`${path}.initContainers[0]`, container, new Set()));
  });
  return errors;
}

function containerProblems(
  path: string,
  container: Container,
  names: Set<string>,
  claims: readonly string[],
  isInit: boolean,
): FieldError[] {
  const { name = '', restartPolicy } = container;
  const errors = name === '' ? [requiredValue(`${path}.name`)] : nameErrors(`${path}.name`, name, isLabel);
  errors.push(...portsProblems(`${path}.ports`, container.ports ?? []));
  if (container.resources) errors.push(...containerResourcesProblems(`${path}.resources`, container.resources, claims));
  if (names.has(name)) errors.push(duplicateValue(`${path}.name`, name));
  else if (name !== '' || !isInit) names.add(name);
  if (restartPolicy !== undefined && !RESTART_POLICIES.includes(restartPolicy)) {
    errors.push(notSupportedValue(`${path}.restartPolicy`, enumText(restartPolicy), RESTART_POLICIES));
  }
  return errors;
}

function portsProblems(path: string, ports: NonNullable<Container['ports']>): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  ports.forEach(({ name = '', containerPort = 0, hostPort = 0, protocol = 'TCP' }, i) => {
    const at = `${path}[${i}]`;
    if (name !== '') {
      const wrong = nameErrors(`${at}.name`, name, isPortName);
      errors.push(...wrong);
      if (names.has(name)) errors.push(duplicateValue(`${at}.name`, name));
      else if (wrong.length === 0) names.add(name);
    }
    if (containerPort === 0) errors.push(requiredValue(`${at}.containerPort`));
    else errors.push(...portProblems(`${at}.containerPort`, containerPort));
    if (hostPort !== 0) errors.push(...portProblems(`${at}.hostPort`, hostPort));
    if (!PROTOCOLS.includes(protocol)) errors.push(notSupportedValue(`${at}.protocol`, enumText(protocol), PROTOCOLS));
  });
  return errors;
}

const portProblems = (path: string, port: number): FieldError[] =>
  port >= 1 && port <= MAX_PORT ? [] : [invalidValue(path, port, `must be between 1 and ${MAX_PORT}, inclusive`)];

function hostPortConflicts(path: string, { ports = [] }: Container, taken: Set<string>): FieldError[] {
  return ports.flatMap(({ hostPort = 0, hostIP = '', protocol = 'TCP' }, i) => {
    if (hostPort === 0) return [];
    const key = `${protocol}/${hostIP}/${hostPort}`;
    if (taken.has(key)) return [duplicateValue(`${path}.ports[${i}].hostPort`, key)];
    taken.add(key);
    return [];
  });
}

function hostNetworkProblems(path: string, { ports = [] }: Container): FieldError[] {
  return ports.flatMap(({ hostPort = 0, containerPort }, i) =>
    hostPort === containerPort
      ? []
      : [
          invalidValue(
            `${path}.ports[${i}].hostPort`,
            hostPort,
            'must match `containerPort` when `hostNetwork` is true',
          ),
        ],
  );
}
