/** The extenders of timeline cases: programs that answer by a rule, in virtual time (`conformance/golden-dynamics`). */
import type { Pod } from '../../api/index.ts';
import { Lane } from '../../cluster/clock.ts';
import { keyOf, type Simulation } from '../../cluster/simulation/index.ts';
import type { ExtenderResponse, ExtenderTransport } from '../../scheduler/extender/extender.ts';
import { type FilterAnswer, oddFilter, oddPriorities, oddVictims, strippedNode } from './timeline-odd-answers.ts';
import type { TimelineRecorder } from './timeline-recorder.ts';
import type { ExtenderCallResult, ExtenderRule, TimelineCase } from './timeline-types.ts';

interface NodesRequest {
  readonly Pod: Pod;
  readonly Nodes: { readonly items: ReadonlyArray<{ readonly metadata: { readonly name: string } }> } | null;
  readonly NodeNames: readonly string[] | null;
}

type VictimsByNode = Readonly<Record<string, { readonly Pods: readonly unknown[]; readonly NumPDBViolations: number }>>;

interface PreemptionRequest {
  readonly Pod: Pod;
  readonly NodeNameToVictims: VictimsByNode | null;
  readonly NodeNameToMetaVictims: VictimsByNode | null;
}

interface BindingRequest {
  readonly PodName: string;
  readonly PodNamespace: string;
  readonly Node: string;
}

interface Surroundings {
  readonly testCase: TimelineCase;
  readonly recorder: TimelineRecorder;
  readonly simulation: () => Simulation;
}

const answer = (value: unknown): ExtenderResponse => ({ status: 200, body: JSON.stringify(value) });
const FAILED: ExtenderResponse = { status: 500, body: '' };
const SECOND_MS = 1000;

export class ExtenderModel implements ExtenderTransport {
  private readonly rule: ExtenderRule;
  private readonly surroundings: Surroundings;
  private readonly calls: Record<string, number> = {};

  constructor(rule: ExtenderRule, surroundings: Surroundings) {
    this.rule = rule;
    this.surroundings = surroundings;
  }

  post(url: string, body: string): ExtenderResponse {
    const verb = url.slice(url.lastIndexOf('/') + 1);
    const call: ExtenderCallResult = { urlPrefix: this.rule.urlPrefix, verb, pod: '' };
    const response = this.respond(verb, body, call);
    this.surroundings.recorder.extenderCalled(call);
    return response;
  }

  private respond(verb: string, body: string, call: ExtenderCallResult): ExtenderResponse {
    const request: unknown = JSON.parse(body);
    if (verb === 'filter') return this.filter(request as NodesRequest, call);
    if (verb === 'prioritize') return this.prioritize(request as NodesRequest, call);
    if (verb === 'preempt') return this.preempt(request as PreemptionRequest, call);
    if (verb === 'bind') return this.bind(request as BindingRequest, call);
    throw new Error(`no rule for ${verb}`);
  }

  private filter(request: NodesRequest, call: ExtenderCallResult): ExtenderResponse {
    const { rejectMod, rejectEq = 0, unresolvableEq, failFilterCalls, http500FilterCalls, filterMs = 0 } = this.rule;
    const nodeNames = about(request, call);
    const number = this.numberOf('filter');
    if (filterMs > 0) this.pass(filterMs);
    if (http500FilterCalls?.includes(number)) {
      call.error = '500';
      return FAILED;
    }
    if (failFilterCalls?.includes(number)) {
      call.error = 'refused by rule';
      return answer({ Error: call.error });
    }
    const verdicts: FilterAnswer = { kept: [], failed: {}, unresolvable: {} };
    for (const name of nodeNames) {
      const remainder = rejectMod ? this.hash(name) % rejectMod : undefined;
      if (remainder !== undefined && remainder === unresolvableEq) verdicts.unresolvable[name] = 'extender never';
      else if (remainder !== undefined && remainder === rejectEq) verdicts.failed[name] = 'extender no';
      else verdicts.kept.push(name);
    }
    oddFilter(verdicts, this.rule, hash);
    const { kept, failed, unresolvable } = verdicts;
    if (kept.length > 0) call.kept = kept.length;
    const byName = new Map(request.Nodes?.items.map((node) => [node.metadata.name, node]));
    return answer({
      Nodes: request.Nodes
        ? { items: kept.map((name) => strippedNode(byName.get(name)!, this.rule.strip)) }
        : undefined,
      NodeNames: request.Nodes ? undefined : kept,
      FailedNodes: failed,
      FailedAndUnresolvableNodes: unresolvable,
    });
  }

  private prioritize(request: NodesRequest, call: ExtenderCallResult): ExtenderResponse {
    const { scoreMod } = this.rule;
    const names = about(request, call);
    const priorities = names.map((name) => ({ Host: name, Score: this.hash(name) % Math.max(scoreMod ?? 0, 1) }));
    const given = oddPriorities(priorities, this.rule, this.numberOf('prioritize'), hash);
    return given === undefined ? FAILED : answer(given);
  }

  private preempt(request: PreemptionRequest, call: ExtenderCallResult): ExtenderResponse {
    const { preemptDropMod, preemptDropEq = 0 } = this.rule;
    call.pod = keyOfPod(request.Pod);
    const number = this.numberOf('preempt');
    const victims = Object.entries(request.NodeNameToMetaVictims ?? metaVictims(request.NodeNameToVictims ?? {}));
    const left = victims.filter(([name]) => !preemptDropMod || this.hash(name) % preemptDropMod !== preemptDropEq);
    if (victims.length > 0) call.nodes = victims.length;
    if (left.length > 0) call.kept = left.length;
    const given = left.map(([name, pods]) => [name, oddVictims(name, pods, this.rule, number, hash)] as const);
    return answer({ NodeNameToMetaVictims: Object.fromEntries(given) });
  }

  private bind({ PodNamespace, PodName, Node }: BindingRequest, call: ExtenderCallResult): ExtenderResponse {
    const { api } = this.surroundings.simulation();
    const key = keyOf('Pod', PodNamespace, PodName);
    call.pod = key;
    const { bindFail } = this.rule;
    if (bindFail && this.numberOf('bind') % bindFail === 0) {
      call.error = 'bind refused';
      return answer({ Error: call.error });
    }
    const pod = (api.get('Pod', key) ?? { kind: 'Pod', metadata: { namespace: PodNamespace, name: PodName } }) as Pod;
    api.bind(pod, Node, (error) => {
      if (error !== undefined) call.error = error.message;
    });
    return answer({ Error: call.error });
  }

  /** Time goes by, in the steps in which the program looked that recorded the timelines. */
  private pass(durationMs: number): void {
    const { recorder, simulation, testCase } = this.surroundings;
    const { clock } = simulation();
    const endMs = simulation().nowMs + durationMs;
    recorder.aside(() => {
      for (let nowMs = simulation().nowMs; nowMs < endMs; nowMs = simulation().nowMs) {
        const nextOutsideMs = Math.min(clock.nextIn(Lane.Component), clock.nextIn(Lane.Input)) - clock.nowMs + nowMs;
        const nextSecondMs = (Math.floor(nowMs / SECOND_MS) + 1) * SECOND_MS;
        const nextMs = Math.min(endMs, testCase.options.endMs, nextSecondMs, nextOutsideMs);
        simulation().passWithinAttempt(Math.max(nowMs + 1, nextMs));
      }
    });
  }

  private hash(nodeName: string): number {
    return hash((this.rule.salt ?? '') + nodeName);
  }

  /** How often it has been called so, this time included. */
  private numberOf(verb: string): number {
    const number = (this.calls[verb] ?? 0) + 1;
    this.calls[verb] = number;
    return number;
  }
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value >>> 0;
}

function about({ Pod: pod, Nodes, NodeNames }: NodesRequest, call: ExtenderCallResult): readonly string[] {
  const names = NodeNames ?? Nodes?.items.map(({ metadata }) => metadata.name) ?? [];
  call.pod = keyOfPod(pod);
  if (names.length > 0) call.nodes = names.length;
  return names;
}

const keyOfPod = ({ metadata }: Pod): string => `${metadata?.namespace}/${metadata?.name}`;

function metaVictims(victims: VictimsByNode): VictimsByNode {
  const entries = Object.entries(victims).map(([name, { Pods, NumPDBViolations }]) => {
    const uids = (Pods as readonly Pod[]).map(({ metadata }) => ({ UID: metadata?.uid }));
    return [name, { Pods: uids, NumPDBViolations }] as const;
  });
  return Object.fromEntries(entries);
}
