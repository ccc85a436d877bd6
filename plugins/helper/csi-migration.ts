/**
 * In-tree volume plugins and the CSI drivers that took over from them: as far as scheduling goes, what a volume is called
 * by its driver, and on which nodes it can be used.
 * Source: `csi-translation-lib` v0.37.2 (`translate.go`, `plugins/`) and the lists of migrated plugins in
 * `plugins/volumebinding/binder.go` and `plugins/nodevolumelimits/utils.go`, v1.37.2.
 */
import type { NodeSelector, NodeSelectorTerm, PersistentVolume } from '../../api/index.ts';

/** Where the data lies, as volumes of pods and persistent volumes both say it. */
export interface VolumeSources {
  readonly awsElasticBlockStore?: { readonly volumeID: string } | null;
  readonly azureDisk?: { readonly diskURI: string; readonly kind?: string } | null;
  readonly azureFile?: object | null;
  readonly cinder?: { readonly volumeID: string } | null;
  readonly gcePersistentDisk?: { readonly pdName: string } | null;
  readonly portworxVolume?: { readonly volumeID: string } | null;
  readonly vsphereVolume?: object | null;
}

export interface InTreePlugin {
  readonly name: string;
  readonly driver: string;
  /** The label by which the driver's nodes tell their zone; absent where a volume's topology is left as it is. */
  readonly zoneKey?: string;
  /**
   * The driver's name for the volume; `zones` is the zone label of a persistent volume. Throws an Error with upstream's
   * text. Absent where the scheduler does not treat the plugin as migrated.
   */
  readonly handleOf?: (source: VolumeSources, zones: string) => string;
}

/** A persistent volume as its CSI driver sees it. */
export interface TranslatedVolume {
  readonly driver: string;
  readonly volumeHandle: string;
  readonly requiredAffinity: NodeSelector | undefined;
}

const IN_TREE_PLUGINS: Readonly<Record<keyof VolumeSources, InTreePlugin>> = {
  awsElasticBlockStore: {
    name: 'kubernetes.io/aws-ebs',
    driver: 'ebs.csi.aws.com',
    zoneKey: 'topology.ebs.csi.aws.com/zone',
    handleOf: ({ awsElasticBlockStore }) => ebsVolumeId(awsElasticBlockStore!.volumeID ?? ''),
  },
  azureDisk: { name: 'kubernetes.io/azure-disk', driver: 'disk.csi.azure.com', handleOf: azureDiskUri },
  azureFile: { name: 'kubernetes.io/azure-file', driver: 'file.csi.azure.com' },
  cinder: {
    name: 'kubernetes.io/cinder',
    driver: 'cinder.csi.openstack.org',
    zoneKey: 'topology.cinder.csi.openstack.org/zone',
    handleOf: ({ cinder }) => cinder!.volumeID ?? '',
  },
  gcePersistentDisk: {
    name: 'kubernetes.io/gce-pd',
    driver: 'pd.csi.storage.gke.io',
    zoneKey: 'topology.gke.io/zone',
    handleOf: ({ gcePersistentDisk }, zones) => gceDiskPath(gcePersistentDisk!.pdName ?? '', zones),
  },
  portworxVolume: {
    name: 'kubernetes.io/portworx-volume',
    driver: 'pxd.portworx.com',
    handleOf: ({ portworxVolume }) => portworxVolume!.volumeID ?? '',
  },
  vsphereVolume: { name: 'kubernetes.io/vsphere-volume', driver: 'csi.vsphere.vmware.com' },
};

const SOURCE_NAMES = Object.keys(IN_TREE_PLUGINS) as Array<keyof VolumeSources>;

/** The in-tree plugin of a volume, when a CSI driver exists for it. */
export function inTreePluginOf(source: VolumeSources | undefined): InTreePlugin | undefined {
  if (source === undefined) return undefined;
  for (const name of SOURCE_NAMES) if (source[name]) return IN_TREE_PLUGINS[name];
  return undefined;
}

export const inTreePluginNamed = (name: string): InTreePlugin | undefined =>
  Object.values(IN_TREE_PLUGINS).find((plugin) => plugin.name === name);

/** Throws an Error with upstream's text when the volume cannot be translated. */
export function translateVolume(volume: PersistentVolume, plugin: InTreePlugin): TranslatedVolume {
  const labels = volume.metadata?.labels ?? {};
  const zones = labels[BETA_ZONE] || labels[ZONE] || '';
  const required = volume.spec?.nodeAffinity?.required ?? undefined;
  return {
    driver: plugin.driver,
    volumeHandle: plugin.handleOf?.(volume.spec ?? {}, zones) ?? '',
    requiredAffinity: plugin.zoneKey === undefined ? required : translateTopology(required, labels, plugin.zoneKey),
  };
}

// --- volume handles ------------------------------------------------------------------------------------------------------

/** `vol-…` from `aws://zone/vol-…`; anything that is no such address is taken as it stands. */
function ebsVolumeId(id: string): string {
  const address = /^aws:\/\/[^/?#]*([^?#]*)/.exec(id);
  if (address === null) return id;
  const name = address[1]!.replace(/^\/+|\/+$/g, '');
  if (/^vol-[^/]*$/.test(name)) return name;
  throw new Error(`failed to translate Kubernetes ID to EBS Volume ID Invalid format for AWS volume (${id})`);
}

function azureDiskUri({ azureDisk }: VolumeSources): string {
  const { kind, diskURI } = azureDisk!;
  if (kind !== undefined && kind !== null && kind.toLowerCase() !== 'managed') {
    throw new Error(`kind(${kind}) is not supported in csi migration`);
  }
  return diskURI ?? '';
}

const ZONE_DELIMITER = '__';
const UNSPECIFIED = 'UNSPECIFIED';

/** A disk in several zones belongs to their region. */
function gceDiskPath(disk: string, zones: string): string {
  const list = zones.split(ZONE_DELIMITER);
  const place = list.length > 1 ? `regions/${gceRegionOf(list)}` : `zones/${zones || UNSPECIFIED}`;
  return `projects/${UNSPECIFIED}/${place}/disks/${disk}`;
}

function gceRegionOf(zones: readonly string[]): string {
  const regions = new Set<string>();
  for (const zone of zones) {
    const parts = zone.split('-');
    if (parts.length !== 3) {
      throw new Error(
        `failed to get region from zones: zone in unexpected format, expected: {locale}-{region}-{zone}, got: ${zone}`,
      );
    }
    regions.add(`${parts[0]}-${parts[1]}`);
  }
  const [region] = regions;
  if (regions.size === 1) return region!;
  const shown = [...regions].sort().map((name) => `${name}:{}`);
  throw new Error(
    `failed to get region from zones: multiple or no regions gotten from zones, got: map[${shown.join(' ')}]`,
  );
}

// --- topology ------------------------------------------------------------------------------------------------------------

const ZONE = 'topology.kubernetes.io/zone';
const REGION = 'topology.kubernetes.io/region';
const BETA_ZONE = 'failure-domain.beta.kubernetes.io/zone';
const BETA_REGION = 'failure-domain.beta.kubernetes.io/region';

type Labels = Readonly<Record<string, string>>;

/** Kubernetes' zone key becomes the driver's; a volume that names zones by label alone gets them as affinity. */
function translateTopology(
  selector: NodeSelector | undefined,
  labels: Labels,
  zoneKey: string,
): NodeSelector | undefined {
  const beta = usesBetaZone(selector, labels);
  const zoneLabel = beta ? BETA_ZONE : ZONE;
  let translated = selector;
  if (namesValues(selector, zoneLabel)) translated = renameKey(selector!, zoneLabel, zoneKey);
  else if (labels[zoneLabel] !== undefined) translated = addZones(selector, zoneKey, labels[zoneLabel]);
  if (beta && namesValues(translated, BETA_REGION)) translated = renameKey(translated!, BETA_REGION, REGION);
  return translated;
}

/** The affinity decides before the labels, and the key that went GA before the beta one. */
function usesBetaZone(selector: NodeSelector | undefined, labels: Labels): boolean {
  const asksFor = (key: string) => expressionsOf(selector).some((expression) => expression.key === key);
  if (asksFor(ZONE)) return false;
  if (asksFor(BETA_ZONE)) return true;
  return labels[ZONE] === undefined && labels[BETA_ZONE] !== undefined;
}

const termsOf = (selector: NodeSelector | undefined): readonly NodeSelectorTerm[] => selector?.nodeSelectorTerms ?? [];

const expressionsOf = (selector: NodeSelector | undefined) =>
  termsOf(selector).flatMap((term) => term.matchExpressions ?? []);

const namesValues = (selector: NodeSelector | undefined, key: string): boolean =>
  expressionsOf(selector).some((expression) => expression.key === key && (expression.values ?? []).length > 0);

const renameKey = (selector: NodeSelector, from: string, to: string): NodeSelector => ({
  nodeSelectorTerms: termsOf(selector).map((term) => ({
    ...term,
    matchExpressions: (term.matchExpressions ?? []).map((expression) =>
      expression.key === from ? { ...expression, key: to } : expression,
    ),
  })),
});

function addZones(selector: NodeSelector | undefined, key: string, label: string): NodeSelector | undefined {
  const values = label.split(ZONE_DELIMITER).flatMap((zone) => zone.trim() || []);
  if (values.length === 0) return selector;
  const terms = termsOf(selector).length > 0 ? termsOf(selector) : [{}];
  return {
    nodeSelectorTerms: terms.map((term) => ({
      ...term,
      matchExpressions: [...(term.matchExpressions ?? []), { key, operator: 'In', values }],
    })),
  };
}
