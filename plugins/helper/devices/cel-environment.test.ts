import { describe, expect, it } from 'vitest';
import type { Device } from '../../../api/index.ts';
import { compileExpression, deviceVariables } from './cel-environment.ts';

const DRIVER = 'gpu.example.com';

const GPU: Device = {
  name: 'gpu-0',
  attributes: {
    model: { string: 'a100' },
    'gpu.example.com/index': { int: 3 },
    'other.example.com/shared': { bool: true },
    version: { version: '1.10.0-rc.1' },
    modes: { strings: ['mig', 'vgpu'] },
  },
  capacity: { memory: { value: '40Gi' } },
};

const answer = (expression: string, device: Device = GPU): unknown => {
  const program = compileExpression(expression);
  if (program.compileError !== undefined) return { compileError: program.compileError };
  try {
    return program.run(deviceVariables(DRIVER, device));
  } catch (error) {
    return { runtimeError: (error as Error).message };
  }
};

describe('what a selector sees of a device', () => {
  it.each([
    ['device.driver == "gpu.example.com"', true],
    ['device.attributes["gpu.example.com"].model == "a100"', true],
    ['device.attributes["gpu.example.com"].index > 2', true],
    ['device.attributes["other.example.com"].shared', true],
    ['"mig" in device.attributes["gpu.example.com"].modes', true],
    ['device.allowMultipleAllocations', false],
    ['"gpu.example.com" in device.attributes', true],
    ['"missing.example.com" in device.attributes', false],
  ])('%s is %s', (expression, expected) => {
    expect(answer(expression)).toBe(expected);
  });

  it('has an empty map for a domain that the device lacks', () => {
    expect(answer('has(device.attributes["missing.example.com"].model)')).toBe(false);
    expect(answer('has(device.attributes["gpu.example.com"].model)')).toBe(true);
    expect(answer('device.attributes["gpu.example.com"].?color.orValue("red") == "red"')).toBe(true);
  });

  it('cannot be made of an attribute without a value', () => {
    expect(() => deviceVariables(DRIVER, { name: 'd', attributes: { odd: {} } })).toThrow(
      'attribute odd: unsupported attribute value',
    );
  });
});

describe('quantities', () => {
  it.each([
    ['device.capacity["gpu.example.com"].memory.compareTo(quantity("40960Mi")) == 0', true],
    ['device.capacity["gpu.example.com"].memory == quantity("40Gi")', true],
    ['device.capacity["gpu.example.com"].memory.isGreaterThan(quantity("40G"))', true],
    ['device.capacity["gpu.example.com"].memory.isLessThan(quantity("40G"))', false],
    ['quantity("1500m").isInteger()', false],
    ['quantity("2k").asInteger() == 2000', true],
    ['quantity("1").add(quantity("500m")).sub(1).asApproximateFloat() == 0.5', true],
    ['isQuantity("1 apple")', false],
  ])('%s is %s', (expression, expected) => {
    expect(answer(expression)).toBe(expected);
  });
});

describe('semantic versions', () => {
  it.each([
    ['device.attributes["gpu.example.com"].version.isLessThan(semver("1.10.0"))', true],
    ['device.attributes["gpu.example.com"].version.isGreaterThan(semver("1.9.9"))', true],
    ['device.attributes["gpu.example.com"].version.minor() == 10', true],
    ['semver("1.0.0-2").compareTo(semver("1.0.0-10")) == -1', true],
    ['semver("1.0.0-beta").isGreaterThan(semver("1.0.0-7"))', true],
    ['semver("1.0.0+a") == semver("1.0.0+b")', true],
    ['isSemver("v1.0.0")', false],
  ])('%s is %s', (expression, expected) => {
    expect(answer(expression)).toBe(expected);
  });
});

describe('expressions that cannot be used', () => {
  it('names what does not parse or is unknown', () => {
    expect(answer('device.driver ==')).toMatchObject({ compileError: expect.stringContaining('compilation failed: ') });
    expect(answer('node.name == "a"')).toMatchObject({ compileError: expect.stringContaining('node') });
    expect(answer('"abc".find("b") == "b"')).toMatchObject({ compileError: expect.stringContaining('find') });
  });

  it('wants a bool', () => {
    expect(answer('device.driver')).toEqual({
      compileError: 'must evaluate to bool or the unknown type, not string',
    });
    expect(answer('device.attributes["gpu.example.com"].model')).toEqual({
      runtimeError:
        "CEL result of type string could not be converted to bool: type conversion error from 'string' to 'bool'",
    });
  });

  it('fails on a device without the attribute', () => {
    expect(answer('device.attributes["gpu.example.com"].color == "red"')).toEqual({
      runtimeError:
        'no such key: color. consider using CEL optional chaining (.? followed by orValue()) or guarding the check with has() for optional fields',
    });
  });
});
