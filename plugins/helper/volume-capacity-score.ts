/**
 * Score of a node by how much of each storage class's space a pod would take there.
 * Source: `plugins/volumebinding/scorer.go` and `Score` in `volume_binding.go`, v1.37.2. Amounts are int64 in bytes.
 */
import { type CSIStorageCapacity, type PersistentVolumeClaim, parseQuantity, quantityInt64 } from '../../api/index.ts';
import { brokenLinear, type ShapePoint } from './broken-linear.ts';
import type { StaticBinding } from './volume-assumptions.ts';
import { requestedStorage, storageCapacity } from './volume-matching.ts';

const MAX_UTILIZATION = 100n;

/** A claim for which a volume will be made, and where its driver has the space. */
export interface ScoredProvision {
  readonly claim: PersistentVolumeClaim;
  readonly pool: CSIStorageCapacity | undefined;
}

interface ClassAmounts {
  requestedBytes: bigint;
  capacityBytes: bigint;
}

export class CapacityScorer {
  private readonly shape: (utilization: number) => number;

  constructor(shape: readonly ShapePoint[]) {
    this.shape = brokenLinear(shape);
  }

  /** Existing volumes go first: volumes to be made count only where none is used. */
  score(bindings: readonly StaticBinding[], provisions: readonly ScoredProvision[]): number {
    const classes = new Map<string, ClassAmounts>();
    for (const { claim, volume } of bindings) {
      const amounts = amountsOf(volume.spec?.storageClassName ?? '', classes);
      add(amounts, claim);
      amounts.capacityBytes = BigInt.asIntN(64, amounts.capacityBytes + quantityInt64(storageCapacity(volume)));
    }
    if (bindings.length === 0) {
      for (const { claim, pool } of provisions) {
        if (pool === undefined) continue;
        const amounts = amountsOf(claim.spec?.storageClassName ?? '', classes);
        add(amounts, claim);
        // All claims of a class share its space, so it is not added up.
        amounts.capacityBytes = quantityInt64(parseQuantity(pool.capacity ?? '0'));
      }
    }
    if (classes.size === 0) return 0;
    let sum = 0;
    for (const amounts of classes.values()) sum += this.shape(utilizationOf(amounts));
    return Math.round(sum / classes.size);
  }
}

function amountsOf(className: string, classes: Map<string, ClassAmounts>): ClassAmounts {
  let amounts = classes.get(className);
  if (amounts === undefined) {
    amounts = { requestedBytes: 0n, capacityBytes: 0n };
    classes.set(className, amounts);
  }
  return amounts;
}

function add(amounts: ClassAmounts, claim: PersistentVolumeClaim): void {
  amounts.requestedBytes = BigInt.asIntN(64, amounts.requestedBytes + quantityInt64(requestedStorage(claim)));
}

/** In per cent. A request above 92 PB overflows, as upstream's does. */
function utilizationOf({ requestedBytes, capacityBytes }: ClassAmounts): number {
  if (capacityBytes === 0n || requestedBytes > capacityBytes) return Number(MAX_UTILIZATION);
  return Number(BigInt.asIntN(64, requestedBytes * MAX_UTILIZATION) / capacityBytes);
}
