/** The pods of every node, kept once for all controllers that ask. Source: `pkg/controller/controller_utils.go` (`AddPodNodeNameIndexer`), v1.37.2. */
import type { KubeObject, Pod } from '../../api/index.ts';
import type { ControllerContext } from './context.ts';
import { keyOf } from './owners.ts';
import { PODS } from './types.ts';

type PodObject = Pod & KubeObject;

const indexes = new WeakMap<ControllerContext, PodsByNode>();
const NONE: ReadonlyMap<string, PodObject> = new Map<string, PodObject>();

export class PodsByNode {
  private readonly nodes = new Map<string, Map<string, PodObject>>();

  static of(context: ControllerContext): PodsByNode {
    let index = indexes.get(context);
    if (index === undefined) {
      index = new PodsByNode(context);
      indexes.set(context, index);
    }
    return index;
  }

  private constructor(context: ControllerContext) {
    context.informer<PodObject>(PODS).onChange((before, now) => {
      const [was, is] = [before?.spec?.nodeName, now?.spec?.nodeName];
      if (was && was !== is) this.remove(was, keyOf(before!));
      if (is) this.put(is, now!);
    });
  }

  on(node: string): Iterable<PodObject> {
    return (this.nodes.get(node) ?? NONE).values();
  }

  /** Of all nodes that pods are on, there or not. */
  names(): Iterable<string> {
    return this.nodes.keys();
  }

  private put(node: string, pod: PodObject): void {
    let pods = this.nodes.get(node);
    if (pods === undefined) {
      pods = new Map();
      this.nodes.set(node, pods);
    }
    pods.set(keyOf(pod), pod);
  }

  private remove(node: string, key: string): void {
    const pods = this.nodes.get(node);
    pods?.delete(key);
    if (pods?.size === 0) this.nodes.delete(node);
  }
}
