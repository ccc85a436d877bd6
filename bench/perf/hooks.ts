/**
 * What upstream's Go code adds to a suite file: `nodedeclaredfeatures` has N made-up features that every node declares and
 * every pod with resources of its own needs; pods of `tas` may take longer.
 * Source: `nodedeclaredfeatures/node_declared_features_test.go`, `podgroup/tas/tas_test.go`, v1.37.2.
 */
import type { Node } from '../../api/index.ts';
import { type DeclaredFeatures, nodeDeclaredFeaturesOf } from '../../plugins/node-declared-features.ts';
import type { PluginRegistry } from '../../scheduler/index.ts';
import type { TestCase, Workload } from './schema/test-case.ts';
import { WAIT_TIMEOUT_MS, type WorkloadRun } from './workload-run.ts';

const FEATURE_COUNT = 'numNodeDeclaredFeatures';

export interface Hooks {
  /** Parameters that they read. */
  readonly params: readonly string[];
  readonly podsTimeoutMs: number;
  plugins(registry: PluginRegistry): PluginRegistry;
  /** After each createNodes. */
  nodesCreated(run: WorkloadRun): Promise<void>;
}

const NONE: Hooks = {
  params: [],
  podsTimeoutMs: WAIT_TIMEOUT_MS,
  plugins: (registry) => registry,
  nodesCreated: async () => {},
};

export function hooksOf(topic: string, testCase: TestCase, workload: Workload): Hooks {
  if (topic === 'tas') return { ...NONE, podsTimeoutMs: 2 * WAIT_TIMEOUT_MS };
  const gates = { ...testCase.featureGates, ...workload.featureGates };
  const count = workload.params[FEATURE_COUNT];
  if (topic !== 'nodedeclaredfeatures' || !gates.NodeDeclaredFeatures || typeof count !== 'number') return NONE;
  const names = Array.from({ length: count }, (_, i) => `Feature${i + 1}`).sort();
  return {
    ...NONE,
    params: [FEATURE_COUNT],
    plugins: (registry) => {
      const features: DeclaredFeatures = Object.fromEntries(
        names.map((name) => [name, (spec) => spec.resources !== undefined]),
      );
      const plugin = nodeDeclaredFeaturesOf(features);
      return new Map([...registry, [plugin.name, plugin]]);
    },
    nodesCreated: (run) =>
      run.act(() => {
        const { api } = run.cluster;
        for (const node of [...api.list('Node')] as Node[]) {
          api.replace({ ...node, status: { ...node.status, declaredFeatures: names } } as Node);
        }
      }),
  };
}
