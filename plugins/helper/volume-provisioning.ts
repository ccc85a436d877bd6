/**
 * Whether a volume for a claim can be made for a node. Source: `checkVolumeProvisions` and `hasEnoughCapacity` in
 * `plugins/volumebinding/binder.go` and `MatchTopologySelectorTerms` in `pkg/apis/core/v1/helper/helpers.go`, v1.37.2.
 *
 * Cost: per pod one look at the capacity objects of the class; per node one evaluation of each that is large enough.
 */
import {
  type CSIStorageCapacity,
  compileLabelSelector,
  type LabelMatcher,
  makeRequirement,
  type Node,
  type PersistentVolumeClaim,
  parseQuantity,
  quantityInt64,
  type Requirement,
  type StorageClass,
} from '../../api/index.ts';
import type { ObjectListers } from '../../scheduler/plugin.ts';
import { requestedStorage } from './volume-matching.ts';

const NO_PROVISIONER = 'kubernetes.io/no-provisioner';
const NO_LABELS: Readonly<Record<string, string>> = {};

export type Provisioning = 'possible' | 'impossible' | 'not enough space';

interface Pool {
  readonly capacity: CSIStorageCapacity;
  readonly nodes: LabelMatcher;
}

export class ClaimProvisioner {
  readonly claim: PersistentVolumeClaim;
  /** Where the last `check` found the space; undefined when the driver does not tell how much there is. */
  pool: CSIStorageCapacity | undefined;
  private readonly provisions: boolean;
  /** Each a list of label requirements; undefined when every node will do. */
  private readonly topologies: ReadonlyArray<readonly Requirement[]> | undefined;
  /** Undefined when the space need not be checked. */
  private readonly pools: readonly Pool[] | undefined;

  constructor(claim: PersistentVolumeClaim, storageClass: StorageClass, objects: ObjectListers) {
    this.claim = claim;
    const { provisioner } = storageClass;
    this.provisions = Boolean(provisioner) && provisioner !== NO_PROVISIONER;
    this.topologies = compileTopologies(storageClass);
    this.pools = this.provisions ? poolsFor(claim, storageClass, objects) : undefined;
  }

  check(node: Node): Provisioning {
    this.pool = undefined;
    if (!this.provisions) return 'impossible';
    const labels = node.metadata?.labels ?? NO_LABELS;
    if (this.topologies !== undefined && !matchesAny(this.topologies, labels)) return 'impossible';
    if (this.pools === undefined) return 'possible';
    for (const { capacity, nodes } of this.pools) {
      if (!nodes.matches(labels)) continue;
      this.pool = capacity;
      return 'possible';
    }
    return 'not enough space';
  }
}

function matchesAny(terms: ReadonlyArray<readonly Requirement[]>, labels: Readonly<Record<string, string>>): boolean {
  for (const term of terms) {
    let matches = true;
    for (const requirement of term) matches &&= requirement.matches(labels);
    if (matches) return true;
  }
  return false;
}

/** A term that is empty or invalid matches no node. */
function compileTopologies({ allowedTopologies }: StorageClass): Array<readonly Requirement[]> | undefined {
  if (!allowedTopologies || allowedTopologies.length === 0) return undefined;
  return allowedTopologies.flatMap(({ matchLabelExpressions = [] }) => {
    const made = (matchLabelExpressions ?? []).map(({ key, values }) => makeRequirement(key, 'in', values ?? [], ''));
    const requirements = made.flatMap(({ requirement }) => requirement ?? []);
    return made.length > 0 && requirements.length === made.length ? [requirements] : [];
  });
}

/** The capacity objects with room for the claim, if its driver has the scheduler look at them. */
function poolsFor(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  objects: ObjectListers,
): Pool[] | undefined {
  if (claim.spec?.resources?.requests?.storage === undefined) return undefined;
  if (objects.csiDrivers.get(storageClass.provisioner)?.spec?.storageCapacity !== true) return undefined;
  const requestedBytes = quantityInt64(requestedStorage(claim));
  const pools: Pool[] = [];
  for (const capacity of objects.csiStorageCapacities.by(storageClass.metadata?.name ?? '')) {
    const limit = capacity.maximumVolumeSize ?? capacity.capacity ?? undefined;
    if (limit === undefined || quantityInt64(parseQuantity(limit)) < requestedBytes) continue;
    const nodes = compileNodeTopology(capacity);
    if (nodes !== undefined) pools.push({ capacity, nodes });
  }
  return pools;
}

/** Storage with no topology, or one that cannot be parsed, can be reached from no node. */
function compileNodeTopology({ nodeTopology }: CSIStorageCapacity): LabelMatcher | undefined {
  try {
    return nodeTopology ? compileLabelSelector(nodeTopology) : undefined;
  } catch {
    return undefined;
  }
}
