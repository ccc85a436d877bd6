/** Stage files of KWOK, played in virtual time. */
import { describe, expect, it } from 'vitest';
import type { KubeObject, Node, Pod } from '../../api/index.ts';
import { ApiServer, InProcessClient, seededIds } from '../apiserver/index.ts';
import { VirtualClock } from '../clock.ts';
import { MemoryStore } from '../store/index.ts';
import { parseExpression } from './expression.ts';
import { readStages, StageRunner } from './index.ts';
import { parseTemplate } from './template.ts';

const pods = { group: '', version: 'v1', resource: 'pods', namespace: 'default' };
const nodes = { group: '', version: 'v1', resource: 'nodes' };

function playing(text: string, seed = 1) {
  const clock = new VirtualClock(Date.UTC(2026, 2, 4));
  const admission = { taintNodesByCondition: false };
  const server = new ApiServer({ store: new MemoryStore({ clock }), clock, ids: seededIds(1), admission });
  server.start((error) => expect(error).toBeUndefined());
  const client = new InProcessClient(server);
  const failures: string[] = [];
  const stages = readStages(text, 'stages.yaml');
  const runner = new StageRunner({
    client,
    clock,
    stages,
    seed,
    failed: (stage, why) => failures.push(`${stage}: ${why}`),
  });
  runner.start();
  const wait = (ms: number): void => {
    clock.settle();
    clock.runUntil(clock.nowMs + ms);
  };
  const create = (name: string, metadata: object = {}, spec: object = {}): void => {
    const containers = [{ name: 'c', image: 'i:1' }];
    const object = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, ...metadata },
      spec: { nodeName: 'n', containers, ...spec },
    };
    client.create(pods, object as unknown as KubeObject, {}, (error) => expect(error).toBeUndefined());
  };
  const node = (name: string, more: object = {}): void => {
    const object = { apiVersion: 'v1', kind: 'Node', metadata: { name }, ...more };
    client.create(nodes, object as KubeObject, {}, (error) => expect(error).toBeUndefined());
  };
  const pod = (name: string) => server.core.cached('Pod', 'default', name) as Pod | undefined;
  const nodeNow = (name: string) => server.core.cached('Node', '', name) as Node | undefined;
  const events = () =>
    ([...server.core.cachedAll('Event')] as unknown as { reason: string }[]).map(({ reason }) => reason);
  const configMap = (name: string) => server.core.cached('ConfigMap', 'default', name);
  return { clock, configMap, client, runner, wait, create, node, pod, nodeNow, events, failures };
}

const LIFE = `
apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: {name: start}
spec:
  resourceRef: {apiGroup: v1, kind: Pod}
  selector:
    matchExpressions:
      - {key: .metadata.deletionTimestamp, operator: DoesNotExist}
      - {key: .status.phase, operator: In, values: [Pending]}
  delay:
    durationMilliseconds: 2000
    durationFrom: {expressionFrom: '.metadata.annotations["start.stage.kwok.x-k8s.io/delay"]'}
  next:
    event: {type: Normal, reason: Started, message: it runs}
    finalizers:
      add: [{value: example.com/played}]
    statusTemplate: |
      {{ $now := Now }}
      phase: Running
      podIP: {{ PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) | Quote }}
      conditions:
      - {type: Ready, status: "True", lastTransitionTime: {{ $now | Quote }}}
      containerStatuses:
      {{ range $index, $item := .spec.containers }}
      - name: {{ $item.name | Quote }}
        image: {{ $item.image | Quote }}
        ready: true
        restartCount: {{ $index }}
        state:
          {{ if eq $item.name "c" }}
          running: {startedAt: {{ $now | Quote }}}
          {{ else }}
          waiting: {reason: Other}
          {{ end }}
      {{ end }}
---
apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: {name: release}
spec:
  resourceRef: {apiGroup: v1, kind: Pod}
  selector:
    matchExpressions:
      - {key: .metadata.deletionTimestamp, operator: Exists}
      - {key: '.metadata.finalizers.[]', operator: In, values: [example.com/played]}
  next:
    finalizers:
      remove: [{value: example.com/played}]
    delete: true
`;

describe('stages of pods', () => {
  it('go from one to the next after their delay, with event, finalizers, status and deletion', () => {
    const each = playing(LIFE);
    each.node('n', { spec: { podCIDR: '10.5.0.0/24' } });
    each.create('web');
    each.create('slow', { annotations: { 'start.stage.kwok.x-k8s.io/delay': '1m' } });
    each.wait(1900);
    expect(each.pod('web')?.status?.phase).toBe('Pending');
    each.wait(200);
    expect(each.pod('web')).toMatchObject({
      metadata: { finalizers: ['example.com/played'] },
      status: {
        phase: 'Running',
        podIP: '10.5.0.2',
        conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-03-04T00:00:02Z' }],
        containerStatuses: [
          { name: 'c', ready: true, restartCount: 0, state: { running: { startedAt: '2026-03-04T00:00:02Z' } } },
        ],
      },
    });
    expect(each.events()).toEqual(['Started']);
    expect(each.pod('slow')?.status?.phase).toBe('Pending');
    each.wait(58_000);
    expect(each.pod('slow')?.status?.phase).toBe('Running');
    each.client.delete({ ...pods, name: 'web' }, {}, (error) => expect(error).toBeUndefined());
    each.wait(1000);
    expect(each.pod('web')).toBeUndefined();
    expect(each.failures).toEqual([]);
  });

  it('leave pods without a node alone', () => {
    const each = playing(LIFE);
    each.create('pending', {}, { nodeName: undefined });
    each.wait(60_000);
    expect(each.pod('pending')?.status?.phase).toBe('Pending');
  });

  const stage = (name: string, more: string, status: string): string => `
kind: Stage
metadata: {name: ${name}}
spec:
  resourceRef: {kind: Pod}
  selector: {matchExpressions: [{key: .status.phase, operator: In, values: [Pending]}]}
  ${more}
  next: {statusTemplate: '${status}'}
`;

  it('are drawn by weight, those without one only when nobody has any', () => {
    const text = [
      stage('often', 'weight: 3', 'phase: Running'),
      stage('seldom', 'weight: 1', 'phase: Failed'),
      stage('never', 'weight: 0', 'phase: Succeeded'),
    ].join('---');
    const each = playing(text);
    for (let i = 0; i < 200; i++) each.create(`p${i}`);
    each.wait(1000);
    const phases = Array.from({ length: 200 }, (_, i) => each.pod(`p${i}`)?.status?.phase);
    const count = (phase: string): number => phases.filter((each) => each === phase).length;
    expect(count('Running') + count('Failed')).toBe(200);
    // 150 ± 4 standard deviations of 6.1.
    expect(Math.abs(count('Running') - 150)).toBeLessThan(25);
  });

  it('have delays spread evenly up to the jitter, the same for the same seed', () => {
    const text = stage(
      'run',
      'delay: {durationMilliseconds: 1000, jitterDurationMilliseconds: 5000}',
      'phase: Running',
    );
    const times = [1, 1, 2].map((seed) => {
      const each = playing(text, seed);
      for (let i = 0; i < 100; i++) each.create(`p${i}`);
      const counts: number[] = [];
      for (let s = 1; s <= 6; s++) {
        each.wait(1000);
        counts.push(
          Array.from({ length: 100 }, (_, i) => each.pod(`p${i}`)?.status?.phase).filter((phase) => phase === 'Running')
            .length,
        );
      }
      return counts;
    });
    expect(times[0]).toEqual(times[1]);
    expect(times[0]).not.toEqual(times[2]);
    expect(times[0]![0]).toBe(0);
    expect(times[0]![4]).toBe(100);
    expect(Math.abs(times[0]![2]! - 50)).toBeLessThan(21);
  });

  it('whose jitter is the smaller wait just for that', () => {
    const text = stage(
      'run',
      'delay: {durationMilliseconds: 5000, jitterDurationMilliseconds: 1000}',
      'phase: Running',
    );
    const each = playing(text);
    each.create('p');
    each.wait(1001);
    expect(each.pod('p')?.status?.phase).toBe('Running');
  });

  it('are chosen anew when the object changes so that they match no more', () => {
    const text = stage('run', 'delay: {durationMilliseconds: 5000}', 'phase: Running');
    const each = playing(text);
    each.create('p');
    each.wait(3000);
    each.client.patch(
      { ...pods, name: 'p', subresource: 'status' },
      'merge',
      { status: { phase: 'Failed' } },
      {},
      () => {},
    );
    each.wait(10_000);
    expect(each.pod('p')?.status?.phase).toBe('Failed');
  });
});

describe('stages of nodes', () => {
  it('repeat as heartbeats do, and take patches of each kind', () => {
    const each = playing(
      `
kind: Stage
metadata: {name: heartbeat}
spec:
  resourceRef: {kind: Node}
  delay: {durationMilliseconds: 10000}
  next:
    statusTemplate: |
      conditions:
      {{ range NodeConditions }}
      - {type: {{ .type }}, status: {{ .status | Quote }}, reason: {{ .reason }}, lastHeartbeatTime: {{ Now | Quote }}}
      {{ end }}
    patches:
      - {type: merge, root: metadata, template: '{labels: {beat: {{ Now | Quote }}}}'}
`.replace('{labels: {beat: {{ Now | Quote }}}}', 'labels: {beat: "yes"}'),
    );
    each.node('n');
    each.wait(10_500);
    const beat = () => each.nodeNow('n')?.status?.conditions?.find(({ type }) => type === 'Ready');
    expect(beat()).toMatchObject({ status: 'True', reason: 'KubeletReady', lastHeartbeatTime: '2026-03-04T00:00:10Z' });
    expect(each.nodeNow('n')?.metadata?.labels).toEqual({ beat: 'yes' });
    each.wait(30_000);
    expect(beat()?.lastHeartbeatTime).toBe('2026-03-04T00:00:40Z');
    expect(each.failures).toEqual([]);
  });
});

describe('stages in steps', () => {
  it('with conditions in CEL make other objects on the way', () => {
    const each = playing(`
kind: Stage
metadata: {name: provision}
spec:
  resourceRef: {kind: Pod}
  selector:
    matchExpressions:
      - {cel: {expression: 'self.status.phase == "Pending" && !has(self.metadata.deletionTimestamp)'}}
      - {cel: {expression: 'self.metadata.name.startsWith("web")'}}
  steps:
    - apply:
        template: |
          apiVersion: v1
          kind: ConfigMap
          metadata: {name: of-{{ .metadata.name }}, namespace: {{ .metadata.namespace }}}
          data: {size: {{ default "small" .spec.hostname | Quote }}}
    - event: {type: Normal, reason: Provisioned}
    - patch: {subresource: status, root: status, template: 'phase: Running'}
`);
    each.create('web');
    each.create('other');
    each.wait(1000);
    expect(each.failures).toEqual([]);
    expect(each.pod('web')?.status?.phase).toBe('Running');
    expect(each.pod('other')?.status?.phase).toBe('Pending');
    expect(each.configMap('of-web')).toMatchObject({ data: { size: 'small' } });
    expect(each.events()).toEqual(['Provisioned']);
  });
});

describe('expressions', () => {
  const object = {
    metadata: { annotations: { 'a/b': '1' } },
    status: {
      conditions: [
        { type: 'Ready', status: 'True' },
        { type: 'Initialized', status: 'False' },
      ],
    },
    spec: { n: 3, list: [1, 2] },
  };
  it.each([
    ['.spec.n', [3]],
    ['.spec.absent', []],
    ['.metadata.annotations["a/b"]', ['1']],
    ['.spec.list.[]', [1, 2]],
    ['.spec.list[1]', [2]],
    ['.status.conditions.[] | select( .type == "Ready" ) | .status', ['True']],
    ['.status.conditions[] | select(.type == "Ready" and .status != "True") | .type', []],
    ['.status.conditions[] | select(.type == "x" or .status == "False") | .type', ['Initialized']],
    ['.spec.absent // "none"', ['none']],
    ['.', [object]],
  ])('%s', (text, expected) => {
    expect(parseExpression(text, 'here')(object)).toEqual(expected);
  });
  it('that cannot be read are refused with their place', () => {
    expect(() => parseExpression('.a | map(.b)', 'here')).toThrow(
      'here: ".a | map(.b)": a path, a text, a number, true, false or null is expected at character 6',
    );
  });
});

describe('templates', () => {
  const render = (text: string, data: object = {}) =>
    parseTemplate(text, new Set(['Upper']), 'here')(data, { Upper: (value) => String(value).toUpperCase() });
  it.each([
    ['{{ .a.b }}', { a: { b: 1 } }, '1'],
    ['{{ if .a }}yes{{ else if .b }}b{{ else }}no{{ end }}', { b: true }, 'b'],
    ['{{ with .a }}{{ .b }}{{ else }}none{{ end }}', { a: { b: 2 } }, '2'],
    ['{{ range $i, $x := .list }}{{ $i }}={{ $x }};{{ else }}empty{{ end }}', { list: ['p', 'q'] }, '0=p;1=q;'],
    ['{{ range .list }}{{ . }}{{ else }}empty{{ end }}', { list: [] }, 'empty'],
    ['{{ $x := or .a "d" }}{{ $x | Upper }}', {}, 'D'],
    ['{{ index .m "k" }}{{ index ( dict "a" 7 ) "a" }}', { m: { k: 5 } }, '57'],
    ['{{ if and ( eq .a 1 ) ( not .b ) }}x{{ end }}', { a: 1 }, 'x'],
    ['a {{- "b" -}} c', {}, 'abc'],
    ['{{ printf "%s-%d" .a 3 }}', { a: 'z' }, 'z-3'],
    ['{{/* nothing */}}{{ $.a }}', { a: 9 }, '9'],
  ])('%s', (text, data, expected) => {
    expect(render(text, data)).toBe(expected);
  });
  it('that cannot be read are refused', () => {
    expect(() => render('{{ if .a }}')).toThrow('here: {{ end }} is missing');
    expect(() => render('{{ Lower .a }}')).toThrow('here: function "Lower" not defined');
  });
});

describe('Stage files', () => {
  it('that are wrong say where', () => {
    expect(() => readStages('kind: Pod', 's.yaml')).toThrow('s.yaml: no object of kind Stage');
    expect(() => readStages('kind: Stage\nmetadata: {name: x}\nspec: {}', 's.yaml')).toThrow(
      's.yaml: Stage x: spec.resourceRef.kind is missing',
    );
    const selector =
      'kind: Stage\nmetadata: {name: x}\nspec: {resourceRef: {kind: Pod}, selector: {matchExpressions: [{key: .a, operator: Is}]}}';
    expect(() => readStages(selector, 's.yaml')).toThrow(
      's.yaml: Stage x: spec.selector.matchExpressions[0].operator: "Is": In, NotIn, Exists or DoesNotExist is expected',
    );
    expect(() => readStages('kind: [', 's.yaml')).toThrow(/^s\.yaml:1:\d+: /);
  });
});
