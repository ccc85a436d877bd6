/**
 * Device selectors. Source: `selectorsMatch` in
 * `dynamic-resource-allocation/structured/internal/incubating/allocator_incubating.go`, v0.37.2.
 *
 * Cost: an expression is run once per device object.
 */
import type { Device } from '../../../api/index.ts';
import { compileExpression, type DeviceVariables, deviceVariables } from './cel-environment.ts';
import type { OfferedDevice } from './pools.ts';

type Answer = boolean | { readonly error: string };

interface Known {
  variables: DeviceVariables | undefined;
  readonly answers: Map<string, Answer>;
}

/** Objects are immutable, and those of a driver are all for that driver. */
const known = new WeakMap<Device, Known>();

/** Throws for an expression that cannot be used, or not on this device. `whose` begins the message. */
export function expressionMatches(
  expression: string,
  { driver, device, id }: Pick<OfferedDevice, 'driver' | 'device' | 'id'>,
  whose: () => string,
): boolean {
  const { compileError } = compileExpression(expression);
  if (compileError !== undefined) throw new Error(`${whose()}: CEL compile error: ${compileError}`);
  let ofDevice = known.get(device);
  if (ofDevice === undefined) {
    ofDevice = { variables: undefined, answers: new Map() };
    known.set(device, ofDevice);
  }
  let answer = ofDevice.answers.get(expression);
  if (answer === undefined) {
    answer = answerOf(expression, driver, device, ofDevice);
    ofDevice.answers.set(expression, answer);
  }
  if (typeof answer === 'boolean') return answer;
  throw new Error(`${whose()} on device ${id}: CEL runtime error: ${answer.error}`);
}

function answerOf(expression: string, driver: string, device: Device, ofDevice: Known): Answer {
  try {
    ofDevice.variables ??= deviceVariables(driver, device);
    return compileExpression(expression).run(ofDevice.variables);
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
