import { describe, expect, it } from 'vitest';
import { InputError, type KubeObject, priorityTable } from '../../api/index.ts';
import { readEventsFile } from './events-file.ts';

const NODE: KubeObject = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } };

const read = (text: string) =>
  readEventsFile({ text, file: 'events.yaml', initial: [NODE], priorities: priorityTable([]) });

const pod = (name: string, time: string) =>
  `- {${time}, op: create, object: {apiVersion: v1, kind: Pod, metadata: {name: ${name}}, spec: {containers: [{name: c, image: i}]}}}\n`;

describe('events of a simulation', () => {
  it('reads durations, milliseconds and lifetimes, from a list or under "events"', () => {
    const { events, lifetimesMs } = read(
      `events:\n${pod('a', 'at: 1m30.5s, lifetime: 5m')}${pod('b', 'ms: 90500')}- {at: 2h, op: delete, kind: Pod, name: a}\n`,
    );
    expect(events.map(({ ms, op }) => [ms, op])).toEqual([
      [90_500, 'create'],
      [90_500, 'create'],
      [7_200_000, 'delete'],
    ]);
    expect([...lifetimesMs.values()]).toEqual([300_000]);
    expect(JSON.parse(JSON.stringify(read(JSON.stringify({ events: [] })).events))).toEqual([]);
  });

  it('lets an object come back under its name once it was deleted', () => {
    const text = `${pod('a', 'ms: 1')}- {ms: 2, op: delete, kind: Pod, name: a}\n${pod('a', 'ms: 3')}- {ms: 4, op: delete, kind: Pod, name: a}\n`;
    expect(read(text).events).toHaveLength(4);
  });

  it.each<[what: string, text: string, message: string]>([
    [
      'out of order',
      pod('a', 'ms: 20') + pod('b', 'ms: 10'),
      'events.yaml:2:3: events[1].ms: 10 is before the event above it (20 ms)',
    ],
    ['a negative time', pod('a', 'ms: -5'), 'events.yaml:1:3: events[0].ms: -5: a time of 0 or later is expected'],
    [
      'a negative duration',
      pod('a', 'at: -5s'),
      'events.yaml:1:3: events[0].at: "-5s": a time of 0 or later is expected',
    ],
    [
      'no time',
      '- {op: delete, kind: Node, name: n1}',
      'events[0]: either ms (milliseconds) or at (a duration such as 1m30s) is expected',
    ],
    ['a time in words', pod('a', 'at: soon'), 'events[0].at: "soon": a duration such as 1m30s is expected'],
    [
      'an unknown object',
      '- {ms: 1, op: patch, kind: Pod, name: x, patch: {}}',
      'events.yaml:1:3: events[0].name: there is no Pod default/x',
    ],
    [
      'a node created twice',
      `- ms: 1\n  op: create\n  object: {apiVersion: v1, kind: Node, metadata: {name: n1}}`,
      'events.yaml:3:11: events[0].object.metadata.name: Node n1 is there already (from the beginning)',
    ],
    ['a pod created twice', pod('a', 'ms: 1') + pod('a', 'ms: 2'), 'Pod default/a is there already (line 1)'],
    [
      'deleted twice',
      '- {ms: 1, op: delete, kind: Node, name: n1}\n- {ms: 2, op: delete, kind: Node, name: n1}\n',
      'events.yaml:2:3: events[1].name: Node n1 is deleted by an earlier event (line 1)',
    ],
    ['an unknown operation', '- {ms: 1, op: replace}', 'events[0].op: "replace": create, patch or delete is expected'],
    [
      'an unknown field',
      '- {ms: 1, op: delete, kind: Node, name: n1, when: now}',
      'events[0].when: not a field of a delete event',
    ],
    [
      'an unknown kind',
      '- {ms: 1, op: delete, kind: Planet, name: n1}',
      'events[0].kind: "Planet": expected is one of ',
    ],
    [
      'an invalid object',
      '- {ms: 1, op: create, object: {apiVersion: v1, kind: Pod, metadata: {name: A_b}, spec: {containers: [{name: c, image: i}]}}}',
      'events.yaml:1:3: events[0].object.metadata.name: Invalid value',
    ],
    ['a lifetime below 0', pod('a', 'ms: 1, lifetime: -1s'), 'events[0].lifetime: "-1s": a duration of 0 or more'],
    ['no list', 'kind: Pod', 'events.yaml: a list of events is expected'],
    ['no YAML', '- {ms: 1', 'events.yaml:1:'],
  ])('refuses %s, and says where and what was expected', (_, text, message) => {
    expect(() => read(text)).toThrow(InputError);
    expect(() => read(text)).toThrow(message);
  });
});
