/** A decision file: a small cluster, pods scheduled one after another, and everything upstream decided about them. */
import type { AllocationResult, ClaimConsumer, DeviceRequest, KubeObject, Node, Pod } from '../../api/index.ts';
import type { AttemptRecord, Outcome, ResolvedProfile, StatusRecord } from '../../scheduler/index.ts';
import type { ShapeOf } from '../shape.ts';

/** The release that all golden results come from. */
export const UPSTREAM_VERSION = 'v1.37.2';

/** Lists of objects in a case that are neither nodes nor pods, and the kind of their entries. */
export const OBJECT_LISTS = {
  namespaces: 'Namespace',
  priorityClasses: 'PriorityClass',
  pdbs: 'PodDisruptionBudget',
  services: 'Service',
  replicationControllers: 'ReplicationController',
  replicaSets: 'ReplicaSet',
  statefulSets: 'StatefulSet',
  pvs: 'PersistentVolume',
  pvcs: 'PersistentVolumeClaim',
  storageClasses: 'StorageClass',
  csiNodes: 'CSINode',
  csiDrivers: 'CSIDriver',
  csiStorageCapacities: 'CSIStorageCapacity',
  volumeAttachments: 'VolumeAttachment',
  resourceClaims: 'ResourceClaim',
  resourceSlices: 'ResourceSlice',
  deviceClasses: 'DeviceClass',
  deviceTaintRules: 'DeviceTaintRule',
} as const;

export type ObjectList = keyof typeof OBJECT_LISTS;

export interface DecisionCase extends Readonly<Partial<Record<ObjectList, readonly KubeObject[]>>> {
  readonly family?: string;
  readonly name?: string;
  readonly seed?: number;
  readonly description?: string;
  readonly options?: {
    /** @default 'first' */
    readonly tieBreak?: 'first' | 'heap';
    /** Nothing is written to claims: what was decided stays in flight. */
    readonly reserveOnly?: boolean;
  };
  /** A KubeSchedulerConfiguration as an object; absent: upstream's defaults. */
  readonly schedulerConfig?: unknown;
  /** The configuration as text, when it is the text that matters. */
  readonly configText?: string;
  readonly nodes?: readonly Node[];
  /** On nodes already. */
  readonly pods?: readonly Pod[];
  /** Not on nodes, but promised one. */
  readonly nominated?: readonly Pod[];
  /** To be scheduled, in this order. */
  readonly pending?: readonly Pod[];
}

export const CASE_FIELDS: ReadonlySet<string> = new Set([
  ...['family', 'name', 'seed', 'description', 'options', 'schedulerConfig', 'configText'],
  ...['nodes', 'pods', 'nominated', 'pending'],
  ...Object.keys(OBJECT_LISTS),
]);

export interface PodResult {
  readonly pod: string;
  readonly outcome: Outcome;
  readonly node?: string;
  readonly gate?: StatusRecord;
  readonly attempts?: readonly AttemptRecord[];
  /** The pod that this one made room for, later in the same case. */
  readonly evictedBy?: string;
  readonly error?: string;
  /** The claim made for the pod's extended resources. */
  readonly extendedResourceClaim?: unknown;
}

/** A resource claim at the end of a case, without the moment of its allocation. IDs of new shares read `share`. */
export interface ClaimResult {
  readonly claim: string;
  /** For a claim that the scheduler has made: whose it is, and what it asks for. */
  readonly owner?: string;
  readonly requests?: readonly DeviceRequest[];
  readonly allocation?: AllocationResult;
  readonly reservedFor?: readonly ClaimConsumer[];
}

export interface NodeResult {
  readonly node: string;
  /** `cpu` in milli-cores, everything else in its own unit. */
  readonly requested: Readonly<Record<string, number>>;
  readonly nonZeroRequested: Readonly<Record<string, number>>;
  readonly pods: readonly string[];
}

export interface DecisionResult {
  readonly kubernetes: string;
  /** The configuration cannot be used. */
  readonly error?: string;
  readonly errorStage?: string;
  readonly profiles?: readonly ResolvedProfile[];
  readonly nodeOrder?: readonly string[];
  readonly pods?: readonly PodResult[];
  readonly final?: readonly NodeResult[];
  /** Of `ClaimResult`. */
  readonly claims?: unknown;
}

const STATUS = { code: 'value', plugin: 'value', reasons: { list: 'value' } } as const;
const NODE_STATUS = { node: 'value', ...STATUS } as const;
const NUMBERS = { list: 'value' } as const;
const NAMES = { list: 'value' } as const;

const ATTEMPT: ShapeOf<AttemptRecord> = {
  fields: {
    startIndex: 'value',
    nextStartIndex: 'value',
    nominatedFirst: 'value',
    preFilter: { fields: { ...STATUS, skipped: NAMES, narrowed: 'value', nodeNames: NAMES } },
    nodesToFind: 'value',
    rejected: { list: { fields: NODE_STATUS } },
    absentNodesStatus: { fields: STATUS },
    feasible: NAMES,
    evaluated: 'value',
    scoring: 'value',
    scores: {
      list: {
        fields: {
          name: 'value',
          weight: 'value',
          skipped: 'value',
          raw: NUMBERS,
          normalized: NUMBERS,
          weighted: NUMBERS,
        },
      },
    },
    totals: NUMBERS,
    topScore: 'value',
    topNodes: NAMES,
    chosen: 'value',
    heapChosen: 'value',
    fitError: 'value',
    postFilter: {
      fields: {
        ...STATUS,
        message: 'value',
        nominatedNode: 'value',
        nominationDecided: 'value',
        victims: NAMES,
        pdbViolations: 'value',
        candidates: { list: { fields: { node: 'value', victims: NAMES, pdbViolations: 'value' } } },
        dryRunRejected: { list: { fields: NODE_STATUS } },
        tiedNodes: NAMES,
        clearedNominations: NAMES,
      },
    },
    message: 'value',
    error: 'value',
  },
};

const PLUGIN_REFS = { list: { fields: { name: 'value', weight: 'value' } } } as const;

export const PROFILE: ShapeOf<ResolvedProfile> = {
  fields: {
    schedulerName: 'value',
    percentageOfNodesToScore: 'value',
    plugins: {
      fields: {
        preEnqueue: PLUGIN_REFS,
        queueSort: PLUGIN_REFS,
        preFilter: PLUGIN_REFS,
        filter: PLUGIN_REFS,
        postFilter: PLUGIN_REFS,
        preScore: PLUGIN_REFS,
        score: PLUGIN_REFS,
        reserve: PLUGIN_REFS,
        permit: PLUGIN_REFS,
        preBind: PLUGIN_REFS,
        bind: PLUGIN_REFS,
        postBind: PLUGIN_REFS,
        placementGenerate: PLUGIN_REFS,
        placementScore: PLUGIN_REFS,
        podGroupPostFilter: PLUGIN_REFS,
      },
    },
    pluginConfig: { list: { fields: { name: 'value', args: 'json' } } },
  },
};

export const DECISION_RESULT: ShapeOf<DecisionResult> = {
  fields: {
    kubernetes: 'value',
    error: 'value',
    errorStage: 'value',
    profiles: { list: PROFILE },
    nodeOrder: NAMES,
    pods: {
      list: {
        fields: {
          pod: 'value',
          outcome: 'value',
          node: 'value',
          gate: { fields: STATUS },
          attempts: { list: ATTEMPT },
          evictedBy: 'value',
          error: 'value',
          extendedResourceClaim: 'json',
        },
      },
    },
    final: {
      list: {
        fields: { node: 'value', requested: { map: 'value' }, nonZeroRequested: { map: 'value' }, pods: NAMES },
      },
    },
    claims: 'json',
  },
};
