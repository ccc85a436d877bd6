/** The runtime of a node, and how its kubelet hears of changes in it. */
import type { CriRuntime } from '../cri/index.ts';

export interface NodeRuntime {
  readonly runtime: CriRuntime;
  /** Before `://` in ids. */
  readonly scheme: string;
  /** Such as containerd://2.0.0. */
  readonly version: string;
  /**
   * True for a model in this process: it tells of every change and what it told of stays up to date. False for a runtime
   * behind a socket: it is asked again and again (generic PLEG).
   */
  readonly isDirect: boolean;
  /** Containers may use memory or disk without their pods saying so. */
  readonly hasBehaviours?: boolean;
  /** Memory of sandboxes beside their containers. */
  overheadBytes?(): number;
  /** The machine loses power, and gets it back. */
  powerOff?(): void;
  powerOn?(): void;
}
