/**
 * The operations of a workload, as a suite file gives them and, once the parameters are in, as they are run.
 * Source: `test/integration/scheduler_perf/{operations,update,dra}.go`, v1.37.2.
 */

/** Numbers, texts, flags, lists and maps, as JSON has them. */
export type TemplateParams = Readonly<Record<string, unknown>>;

interface Counted {
  readonly count: number;
  /** `$name`; its value takes the place of `count`. */
  readonly countParam: string;
}

interface Located {
  /** Field path in the suite file. */
  readonly path: string;
}

export interface NodeAllocatable {
  readonly nodeAllocatable: Readonly<Record<string, string>>;
  /** Driver → volumes it can attach; undefined for no limit. */
  readonly csiNodeAllocatable: Readonly<Record<string, number | undefined>>;
  readonly migratedPlugins: readonly string[];
}

export interface CreateNodes extends Located, Counted {
  readonly opcode: 'createNodes';
  readonly nodeTemplatePath?: string;
  readonly templateParams: TemplateParams;
  readonly nodeAllocatable?: NodeAllocatable;
  readonly labels?: { readonly key: string; readonly values: readonly string[] };
  /** Key of a label that has another value on every node. */
  readonly uniqueLabelKey?: string;
}

export interface CreateNamespaces extends Located, Counted {
  readonly opcode: 'createNamespaces';
  readonly prefix: string;
  readonly namespaceTemplatePath?: string;
}

export interface CreatePods extends Located, Counted {
  readonly opcode: 'createPods';
  readonly countMultiplierParam: string;
  readonly steadyState: boolean;
  readonly steadyStateParam: string;
  readonly durationMs: number;
  readonly durationParam: string;
  readonly collectMetrics: boolean;
  readonly namespace?: string;
  readonly podTemplatePath?: string;
  readonly skipWaitToCompletion: boolean;
  readonly persistentVolumeTemplatePath?: string;
  readonly persistentVolumeClaimTemplatePath?: string;
  readonly templateParams: TemplateParams;
  readonly signatureBatchSize: number;
  readonly signatureBatchSizeParam: string;
}

export interface CreatePodSets extends Located, Counted {
  readonly opcode: 'createPodSets';
  readonly namespacePrefix: string;
  readonly createPodsOp: CreatePods;
}

export interface CreatePodGroups extends Located, Counted {
  readonly opcode: 'createPodGroups';
  readonly namespace: string;
  readonly templatePath: string;
  readonly templateParams: TemplateParams;
}

export interface CreateAny extends Located, Counted {
  readonly opcode: 'createAny';
  readonly namespace: string;
  readonly templatePath: string;
  readonly templateParams: TemplateParams;
}

export interface UpdateAny extends Located, Counted {
  readonly opcode: 'updateAny';
  readonly namespace: string;
  readonly templatePath: string;
  readonly updatePerSecond: number;
  readonly subresources: readonly string[];
}

export interface CreateResourceClaims extends Located, Counted {
  readonly opcode: 'createResourceClaims';
  readonly namespace: string;
  readonly templatePath: string;
}

export interface AllocResourceClaims extends Located {
  readonly opcode: 'allocResourceClaims';
  readonly namespace: string;
}

export interface DeletePods extends Located {
  readonly opcode: 'deletePods';
  readonly namespace: string;
  readonly labelSelector: Readonly<Record<string, string>>;
  readonly skipWaitToCompletion: boolean;
  readonly deletePodsPerSecond: number;
}

export interface Churn extends Located {
  readonly opcode: 'churn';
  readonly mode: 'create' | 'recreate';
  readonly number: number;
  readonly intervalMilliseconds: number;
  readonly namespace?: string;
  readonly templatePaths: readonly string[];
}

export interface Barrier extends Located {
  readonly opcode: 'barrier';
  readonly namespaces: readonly string[];
  readonly labelSelector: Readonly<Record<string, string>>;
  readonly stageRequirement: 'Scheduled' | 'Attempted';
}

export interface Sleep extends Located {
  readonly opcode: 'sleep';
  readonly durationMs: number;
  readonly durationParam: string;
}

export interface StartCollectingMetrics extends Located {
  readonly opcode: 'startCollectingMetrics';
  readonly name: string;
  readonly namespaces: readonly string[];
  readonly labelSelector: Readonly<Record<string, string>>;
}

export interface StopCollectingMetrics extends Located {
  readonly opcode: 'stopCollectingMetrics';
}

export interface StartCollectingProfile extends Located {
  readonly opcode: 'startCollectingProfile';
  readonly filePath: string;
}

export interface StopCollectingProfile extends Located {
  readonly opcode: 'stopCollectingProfile';
}

export type Op =
  | AllocResourceClaims
  | Barrier
  | Churn
  | CreateAny
  | CreateNamespaces
  | CreateNodes
  | CreatePodGroups
  | CreatePodSets
  | CreatePods
  | CreateResourceClaims
  | DeletePods
  | Sleep
  | StartCollectingMetrics
  | StartCollectingProfile
  | StopCollectingMetrics
  | StopCollectingProfile
  | UpdateAny;

export type Opcode = Op['opcode'];

/** Whether a workload with the operation leaves figures. */
export const collectsMetrics = (op: Op): boolean =>
  op.opcode === 'stopCollectingMetrics' ||
  (op.opcode === 'createPods' && op.collectMetrics) ||
  (op.opcode === 'createPodSets' && op.createPodsOp.collectMetrics);
