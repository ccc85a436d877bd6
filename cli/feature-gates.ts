/** `--feature-gates A=true,B=false`, as kube-scheduler takes it. */
import { InvalidArgumentError } from 'commander';
import { FEATURE_GATES, type FeatureGates } from '../scheduler/feature-gates.ts';

type Gates = Partial<FeatureGates>;

/** The gates of one option, on top of those of options before it. Throws commander's InvalidArgumentError. */
export function parseFeatureGates(text: string, earlier: Gates = {}): Gates {
  const gates: Record<string, boolean> = { ...earlier };
  for (const part of text.split(',')) {
    const match = /^\s*(\w+)\s*=\s*(true|false)\s*$/i.exec(part);
    if (match === null) throw new InvalidArgumentError(`"${part}" is not of the form GenericWorkload=true.`);
    const [, name, value] = match;
    if (!Object.hasOwn(FEATURE_GATES, name!)) {
      throw new InvalidArgumentError(`${name} is not known here; known are ${Object.keys(FEATURE_GATES).join(', ')}.`);
    }
    gates[name!] = value!.toLowerCase() === 'true';
  }
  return gates as Gates;
}
