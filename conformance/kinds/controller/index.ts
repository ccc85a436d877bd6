/**
 * Scenarios of the real controller manager: after every step that its two recordings agree on, and at the end, the state
 * has to be the recorded one, and every request answered as recorded.
 */
import { compareValues, type Difference, isObject, type Path } from '../../compare.ts';
import type { Document } from '../../golden-file.ts';
import type { Golden, GoldenKind } from '../kind.ts';
import { eventTexts, type RecordedEvent } from './events.ts';
import { freed } from './freedom.ts';
import { type Played, play } from './replay.ts';
import { type Scenario, type State, type StepResult, statesOf } from './scenario.ts';
import { wrongVictims } from './victims.ts';
import { viewOf } from './view.ts';

export interface Run {
  readonly steps: readonly Played[];
  readonly events?: readonly RecordedEvent[];
  /** Why the rest could not be played. */
  readonly stopped?: string;
}

export const controllerKind: GoldenKind<Scenario, Run> = {
  name: 'controller scenario',
  read,
  run: play,
  compare: ({ case: scenario }, got) => compare(scenario, [...statesOf(scenario)], got),
  count: ({ case: { steps } }) => ({ pods: 0, attempts: steps.length }),
  locate: ([index, ...path], { case: { steps } }) =>
    index === 'events' ? 'events' : `step ${index} (${steps[index as number]?.op ?? ''}): ${path.join('.')}`,
};

function read(document: Document): Golden<Scenario, Run> | undefined {
  if (document.kind !== 'controller-scenario') return undefined;
  const { steps, final } = document;
  if (!Array.isArray(steps) || steps.length === 0) throw new Error('steps: a list is expected');
  if (!isObject(final)) throw new Error('final: an object is expected');
  const scenario = document as unknown as Scenario;
  return { case: scenario, result: { steps: [...statesOf(scenario)].map((state) => ({ state })) } };
}

/** What happens, and so what is told of it, depends on ages and on back-off. */
const EVENTS_FREE = new Set(['rs-adopt-release', 'rs-quota', 'zone-partial-large']);

function compare(scenario: Scenario, recorded: readonly State[], { steps, events = [], stopped }: Run) {
  const differences: Difference[] = [];
  const last = scenario.steps.length - 1;
  const withNodes = scenario.id !== 'rs-adopt-release' && !scenario.id.startsWith('ds-roll');
  const view = (state: State) => plain(viewOf(freed(scenario, state), withNodes));
  const victims = [
    ...wrongVictims(
      scenario,
      steps.map(({ state }) => state),
    ),
  ];
  scenario.steps.forEach((step, i) => {
    const played = steps[i];
    if (played === undefined) return;
    const tell = (path: Path, found: readonly Difference[]): void => {
      for (const each of found) differences.push({ ...each, path: [...path, ...each.path] });
    };
    tell([i, 'result'], compareValues(plain(answer(step.result)), plain(answer(played.result)), 'json'));
    const wrong = victims[i];
    if (wrong !== undefined) tell([i, 'victims'], [{ kind: 'value', path: [], expected: undefined, got: wrong }]);
    const isCompared = i === last || (scenario.compare === 'steps' && step.repeatable === true);
    if (!isCompared) return;
    tell([i], compareValues(view(recorded[i]!), view(played.state), 'json'));
  });
  if (scenario.events !== undefined && !EVENTS_FREE.has(scenario.id)) {
    const [wanted, got] = [eventTexts(scenario.events), eventTexts(events)];
    for (const text of wanted)
      if (!got.includes(text)) differences.push({ kind: 'missing', path: ['events'], expected: text, got: undefined });
    for (const text of got)
      if (!wanted.includes(text)) differences.push({ kind: 'extra', path: ['events'], expected: undefined, got: text });
  }
  if (stopped !== undefined) {
    differences.push({
      kind: 'missing',
      path: [steps.length],
      expected: scenario.steps[steps.length]?.op,
      got: stopped,
    });
  }
  return { differences, notes: [] };
}

/** Which pods a kubelet step picked follows from the states; generated names differ. */
const answer = (result: StepResult | undefined): unknown => {
  if (result?.code === undefined || result.code < 300) return { code: result?.code };
  const { code, reason, message } = result;
  return { code, reason, message };
};

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
