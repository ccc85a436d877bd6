/** The operations of a workload, in order. */
import path from 'node:path';
import type { Hooks } from './hooks.ts';
import { allocResourceClaims } from './ops/alloc-claims.ts';
import { createAny, createNamespaces, createPodGroups, createResourceClaims, updateAny } from './ops/any.ts';
import { barrier } from './ops/barrier.ts';
import { churn } from './ops/churn.ts';
import { createNodes } from './ops/create-nodes.ts';
import { createPods } from './ops/create-pods.ts';
import { deletePods } from './ops/delete-pods.ts';
import { CpuProfile } from './ops/profile.ts';
import type { RunnableOp } from './schema/resolve-op.ts';
import { WorkloadError, type WorkloadRun } from './workload-run.ts';

/** Throws WorkloadError, with the number of the operation. */
export async function runOps(run: WorkloadRun, hooks: Hooks): Promise<void> {
  const profile = new CpuProfile();
  for (const [index, op] of run.options.resolved.ops.entries()) {
    try {
      await runOp(run, op, index, profile);
      if (op.opcode === 'createNodes') await hooks.nodesCreated(run);
    } catch (error) {
      if (error instanceof WorkloadError) throw new WorkloadError(`op ${index}: ${error.message}`);
      throw error;
    }
  }
}

async function runOp(run: WorkloadRun, op: RunnableOp, index: number, profile: CpuProfile): Promise<void> {
  switch (op.opcode) {
    case 'createNodes':
      return createNodes(run, op, index);
    case 'createNamespaces':
      return createNamespaces(run, op);
    case 'createPods':
      return createPods(run, op, index);
    case 'createPodGroups':
      return createPodGroups(run, op);
    case 'createAny':
      return createAny(run, op);
    case 'updateAny':
      return updateAny(run, op);
    case 'deletePods':
      return deletePods(run, op);
    case 'churn':
      return churn(run, op, index);
    case 'barrier':
      return barrier(run, op);
    case 'sleep':
      return run.sleep(op.durationMs);
    case 'startCollectingMetrics':
      return run.startCollecting(op.name, op.namespaces, op.labelSelector);
    case 'stopCollectingMetrics':
      return run.stopCollecting();
    case 'createResourceClaims':
      return createResourceClaims(run, op);
    case 'allocResourceClaims':
      return allocResourceClaims(run, op);
    case 'startCollectingProfile':
      return profile.start(path.join(run.options.outDir, op.filePath));
    case 'stopCollectingProfile':
      return profile.stop();
  }
}
