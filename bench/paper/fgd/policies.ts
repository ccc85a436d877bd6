/** The six policies by the names of the published tables. */
import {
  bestFit,
  dotProduct,
  Fragmentation,
  FragmentationGradientDescent,
  type GpuCluster,
  type GpuPolicy,
  gpuClustering,
  gpuPacking,
  randomNode,
  type TypicalPod,
} from '../../../plugins/gpu/index.ts';

export const RANDOM_POLICY = '01-Random';

export interface PolicyInput {
  readonly cluster: GpuCluster;
  readonly typical: readonly TypicalPod[];
  readonly random: () => number;
}

const POLICIES: Readonly<Record<string, (input: PolicyInput) => GpuPolicy>> = {
  [RANDOM_POLICY]: ({ random }) => randomNode(random),
  '02-DotProd': () => dotProduct,
  '03-GpuClustering': () => gpuClustering,
  '04-GpuPacking': () => gpuPacking,
  '05-BestFit': () => bestFit,
  '06-FGD': ({ typical, cluster }) => new FragmentationGradientDescent(new Fragmentation(typical, cluster)),
};

export const POLICY_NAMES = Object.keys(POLICIES);

export const policyOf = (name: string, input: PolicyInput): GpuPolicy => POLICIES[name]!(input);
