/**
 * On which nodes a persistent volume can be used. Source: `CheckNodeAffinity` in `component-helpers/storage/volume/helpers.go`
 * and `scheduling/corev1/nodeaffinity/nodeaffinity.go`, v0.37.2; `tryTranslatePVToCSI` in `plugins/volumebinding/binder.go`.
 *
 * Cost: selectors are compiled once per volume; per node one evaluation over its labels.
 */
import {
  type CSINode,
  compileNodeSelector,
  type Node,
  type NodeMatcher,
  type NodeSelector,
  nodeSelectorErrors,
  type PersistentVolume,
} from '../../api/index.ts';
import { PluginError } from '../../scheduler/plugin.ts';
import { inTreePluginOf, translateVolume } from './csi-migration.ts';

const EVERY_NODE: NodeMatcher = { matches: () => true };

/** Objects are immutable, so what is compiled holds as long as its volume. */
const compiled = new WeakMap<PersistentVolume, NodeMatcher>();
const compiledBound = new WeakMap<PersistentVolume, BoundVolumeAffinity>();

export function volumeAffinity(volume: PersistentVolume): NodeMatcher {
  let matcher = compiled.get(volume);
  if (matcher === undefined) {
    matcher = compileSelector(volume.spec?.nodeAffinity?.required ?? undefined);
    compiled.set(volume, matcher);
  }
  return matcher;
}

/**
 * Only labels are looked at: a term of fields alone matches every node, and fields beside labels make no difference
 * unless they cannot be parsed.
 */
function compileSelector(required: NodeSelector | undefined): NodeMatcher {
  if (required === undefined) return EVERY_NODE;
  const terms = (required.nodeSelectorTerms ?? []).filter((term) => {
    const isEmpty = (term.matchExpressions ?? []).length === 0 && (term.matchFields ?? []).length === 0;
    return !isEmpty && nodeSelectorErrors({ nodeSelectorTerms: [term] }, '').length === 0;
  });
  if (terms.some((term) => (term.matchExpressions ?? []).length === 0)) return EVERY_NODE;
  return compileNodeSelector({ nodeSelectorTerms: terms.map(({ matchExpressions }) => ({ matchExpressions })) });
}

/** Where a bound volume can be used: in its driver's words on a node that has handed its in-tree plugin over. */
export interface BoundVolumeAffinity {
  /** Throws PluginError. */
  matches(node: Node, csiNode: CSINode | undefined): boolean;
}

export function boundVolumeAffinity(volume: PersistentVolume): BoundVolumeAffinity {
  let affinity = compiledBound.get(volume);
  if (affinity === undefined) {
    affinity = compileBound(volume);
    compiledBound.set(volume, affinity);
  }
  return affinity;
}

function compileBound(volume: PersistentVolume): BoundVolumeAffinity {
  const asWritten = volumeAffinity(volume);
  const plugin = inTreePluginOf(volume.spec);
  if (plugin?.handleOf === undefined) return asWritten;
  let translated: NodeMatcher;
  try {
    translated = compileSelector(translateVolume(volume, plugin).requiredAffinity);
  } catch (error) {
    const message = `could not translate pv: ${(error as Error).message}`;
    translated = {
      matches: () => {
        throw new PluginError(message);
      },
    };
  }
  return {
    matches: (node, csiNode) => (isMigrated(csiNode, plugin.name) ? translated : asWritten).matches(node),
  };
}

const MIGRATED_PLUGINS = 'storage.alpha.kubernetes.io/migrated-plugins';

function isMigrated(csiNode: CSINode | undefined, plugin: string): boolean {
  const names = csiNode?.metadata?.annotations?.[MIGRATED_PLUGINS];
  return names?.split(',').includes(plugin) ?? false;
}
