/** The one weaker rule: names of Go types and Go files in texts of Go's decoders need not be equal. */
import { describe, expect, test } from 'vitest';
import { configKind, maskGoNames } from './config.ts';

const golden = (errorStage: string, error: string) => ({
  case: { family: 'config' as const, configText: 'x' },
  result: { kubernetes: 'v1.37.2', errorStage, error },
});
const got = (errorStage: string, error: string) => ({ kubernetes: 'v1.37.2', errorStage, error });

describe('a decoder error', () => {
  test.each([
    [
      'json: cannot unmarshal string into Go struct field KubeSchedulerConfiguration.parallelism of type int32',
      'json: cannot unmarshal string into Go struct field Configuration.parallelism of type number',
    ],
    [
      'no kind "Policy" is registered for version "kubescheduler.config.k8s.io/v1" in scheme "pkg/runtime/scheme.go:111"',
      'no kind "Policy" is registered for version "kubescheduler.config.k8s.io/v1" in scheme "scheme.go:1"',
    ],
    [
      'json: cannot unmarshal array into Go value of type v1.KubeSchedulerConfiguration',
      'json: cannot unmarshal array into Go value of type Configuration',
    ],
  ])('may differ in names of Go types and files, and says so: %s', (expected, other) => {
    const { differences, notes } = configKind.compare(golden('decode', expected), got('decode', other));
    expect(differences).toEqual([]);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain(other);
  });

  test.each([
    [
      'another field',
      'json: cannot unmarshal string into Go struct field KubeSchedulerConfiguration.parallelism of type int32',
      'json: cannot unmarshal string into Go struct field KubeSchedulerConfiguration.percentage of type int32',
    ],
    [
      'another kind of value',
      'json: cannot unmarshal string into Go struct field KubeSchedulerConfiguration.parallelism of type int32',
      'json: cannot unmarshal number into Go struct field KubeSchedulerConfiguration.parallelism of type int32',
    ],
    ['another text', 'strict decoding error: unknown field "a"', 'strict decoding error: unknown field "b"'],
  ])('with %s differs', (_, expected, other) => {
    expect(configKind.compare(golden('decode', expected), got('decode', other)).differences).toHaveLength(1);
  });

  test('of another stage differs, whatever its text', () => {
    const text = 'json: cannot unmarshal string into Go struct field A.b of type int32';
    expect(configKind.compare(golden('decode', text), got('validate', text)).differences).toHaveLength(1);
    const other = 'json: cannot unmarshal string into Go struct field B.b of type int32';
    expect(configKind.compare(golden('validate', text), got('validate', other)).differences).toHaveLength(1);
  });

  test('keeps everything but the names', () => {
    expect(maskGoNames('line 3: key "a.go" of type x')).toBe('line 3: key "a.go" of type x');
  });
});
