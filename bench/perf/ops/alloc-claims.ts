/** `allocResourceClaims`: allocates claims without a scheduler, on nodes drawn at random. Source: `dra.go`, v1.37.2. */
import type { Node, ResourceClaim } from '../../../api/index.ts';
import { Allocator } from '../../../plugins/dynamic-resources/allocation/allocator.ts';
import { deviceStateOf } from '../../../plugins/helper/devices/device-state.ts';
import { Random } from '../../../scheduler/index.ts';
import type { AllocResourceClaims } from '../schema/ops.ts';
import { WorkloadError, type WorkloadRun } from '../workload-run.ts';

export async function allocResourceClaims(run: WorkloadRun, { namespace }: AllocResourceClaims): Promise<void> {
  const { api } = run.cluster;
  const random = new Random(1);
  const nodes = [...api.list('Node')] as Node[];
  const claims = ([...api.list('ResourceClaim')] as ResourceClaim[]).filter(
    ({ metadata, status }) =>
      (namespace === '' || metadata?.namespace === namespace) && status?.allocation === undefined,
  );
  for (const [index, claim] of claims.entries()) {
    shuffle(nodes, random);
    const allocated = allocatedOn(run, nodes, claim);
    if (allocated === undefined) {
      throw new WorkloadError(`Could not allocate claim ${index} out of ${claims.length}`);
    }
    // The next one must see what this one has taken.
    await run.act(() => api.replace(allocated));
  }
}

function shuffle(nodes: Node[], random: Random): void {
  for (let i = nodes.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [nodes[i], nodes[j]] = [nodes[j]!, nodes[i]!];
  }
}

function allocatedOn(run: WorkloadRun, nodes: readonly Node[], claim: ResourceClaim): ResourceClaim | undefined {
  const { cluster } = run.cluster.scheduler.core;
  const allocator = new Allocator({
    state: deviceStateOf(cluster),
    classNamed: (name) => cluster.objects.deviceClasses.get(name),
    maxSteps: Number.POSITIVE_INFINITY,
  });
  for (const node of nodes) {
    const [allocation] = allocator.allocate(node, [claim]) ?? [];
    if (allocation !== undefined) return { ...claim, status: { ...claim.status, allocation } };
  }
  return undefined;
}
