/** A pod class that is kept: its program, and the index of what the program says of every node. */
import type { Cluster } from '../cluster.ts';
import type { PodInfo } from '../plugin.ts';
import type { ClassProgram } from './class-program.ts';
import type { NodeIndex } from './node-index.ts';
import type { NodeIndices } from './node-indices.ts';
import { ProgramState } from './program-state.ts';

export class ClassState extends ProgramState {
  readonly nodes: NodeIndex;
  lastUse = 0;

  /** Throws what a plugin throws, and ScoreOutOfRange. */
  constructor(pod: PodInfo, program: ClassProgram, cluster: Cluster, indices: NodeIndices) {
    const part = indices.parts.of(program);
    super(pod, program, cluster, part);
    this.nodes = indices.get(program, pod.priority, part);
  }
}
