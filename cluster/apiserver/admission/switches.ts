/** Which admission steps a server takes. */
export interface AdmissionSwitches {
  /** Objects live in namespaces that exist and are not ending. @default true */
  readonly namespaceLifecycle: boolean;
  /** Namespaces that do not exist are made when something is to go there. @default false */
  readonly namespaceAutoProvision: boolean;
  /** @default true */
  readonly limitRanger: boolean;
  /** Pods get the service account `default`. @default false, as nothing makes that account */
  readonly serviceAccount: boolean;
  /** New nodes are tainted until somebody finds them ready. @default true */
  readonly taintNodesByCondition: boolean;
  /** Pods get the zone and the region of their node as labels. @default true */
  readonly podTopologyLabels: boolean;
  /** @default true */
  readonly priority: boolean;
  /** @default true */
  readonly defaultTolerationSeconds: boolean;
  /** The overhead of runtime classes is added to pods. @default true */
  readonly runtimeClass: boolean;
  /** @default true */
  readonly resourceQuota: boolean;
  /** Kubelets change what is theirs. @default true */
  readonly nodeRestriction: boolean;
}

export const DEFAULT_ADMISSION: AdmissionSwitches = {
  namespaceLifecycle: true,
  namespaceAutoProvision: false,
  limitRanger: true,
  serviceAccount: false,
  taintNodesByCondition: true,
  podTopologyLabels: true,
  priority: true,
  defaultTolerationSeconds: true,
  runtimeClass: true,
  resourceQuota: true,
  nodeRestriction: true,
};
