/** Who depends on whom, of all objects that were seen. Source: `pkg/controller/garbagecollector/graph.go`, v1.37.2. */
import type { KubeObject } from '../../../api/index.ts';
import { isTerminating } from '../owners.ts';
import { finalizersOf } from '../served-kinds.ts';
import type { OwnerReference } from '../types.ts';

export const FOREGROUND = 'foregroundDeletion';
export const ORPHAN = 'orphan';

export interface Node {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  owners: readonly OwnerReference[];
  isTerminating: boolean;
  /** Its deletion waits for its dependents. */
  isDeletingDependents: boolean;
}

const NONE: ReadonlySet<Node> = new Set<Node>();
const NO_OWNERS: readonly OwnerReference[] = [];

export const ownersOf = ({ metadata }: KubeObject): readonly OwnerReference[] => metadata?.ownerReferences ?? NO_OWNERS;

export const isDeletedWith = (object: KubeObject | undefined, finalizer: string): boolean =>
  object !== undefined && isTerminating(object) && finalizersOf(object).includes(finalizer);

/** The reference is to the node, and not to another object that would have the same uid. */
export const isReferenceTo = (reference: OwnerReference, node: Node): boolean =>
  reference.kind === node.kind && reference.apiVersion === node.apiVersion && reference.name === node.name;

export class Graph {
  private readonly nodes = new Map<string, Node>();
  /** By the owner's uid; the owner itself may be unknown. */
  private readonly byOwner = new Map<string, Set<Node>>();

  get(uid: string): Node | undefined {
    return this.nodes.get(uid);
  }

  dependentsOf(uid: string): ReadonlySet<Node> {
    return this.byOwner.get(uid) ?? NONE;
  }

  /** Those that keep an owner that is deleted in the foreground. */
  blockingDependentsOf(uid: string): Node[] {
    const blocks = (reference: OwnerReference): boolean =>
      reference.uid === uid && reference.blockOwnerDeletion === true;
    return [...this.dependentsOf(uid)].filter(({ owners }) => owners.some(blocks));
  }

  add(apiVersion: string, kind: string, object: KubeObject): Node {
    const { namespace = '', name = '', uid = '' } = object.metadata ?? {};
    const node: Node = {
      apiVersion,
      kind,
      namespace,
      name,
      uid,
      owners: NO_OWNERS,
      isTerminating: isTerminating(object),
      isDeletingDependents: isDeletedWith(object, FOREGROUND),
    };
    this.nodes.set(uid, node);
    this.setOwners(node, ownersOf(object));
    return node;
  }

  setOwners(node: Node, owners: readonly OwnerReference[]): void {
    for (const { uid } of node.owners) this.unlink(node, uid);
    node.owners = owners;
    for (const { uid } of owners) {
      const dependents = this.byOwner.get(uid);
      if (dependents === undefined) this.byOwner.set(uid, new Set([node]));
      else dependents.add(node);
    }
  }

  remove(node: Node): void {
    this.nodes.delete(node.uid);
    for (const { uid } of node.owners) this.unlink(node, uid);
  }

  private unlink(node: Node, owner: string): void {
    const dependents = this.byOwner.get(owner);
    dependents?.delete(node);
    if (dependents?.size === 0) this.byOwner.delete(owner);
  }
}
