/** Rules of configuration that the golden files do not reach. Every answer is kube-scheduler v1.37.2's own. */
import { describe, expect, test } from 'vitest';
import { inTreePoints } from './in-tree-points.contract.ts';
import { ConfigError, type ConfigStage, resolveConfig } from './index.ts';

const HEAD = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';
const withPlugins = (plugins: string): string => `${HEAD}profiles: [{plugins: {${plugins}}}]\n`;
const withArgs = (name: string, args: string): string =>
  `${HEAD}profiles: [{pluginConfig: [{name: ${name}, args: ${args}}]}]\n`;
const ONLY_SORT_AND_BIND =
  "multiPoint: {disabled: [{name: '*'}], enabled: [{name: PrioritySort}, {name: DefaultBinder}]}";

const META =
  'Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';
const UNREADABLE = "couldn't get version/kind; json parse error: json: cannot unmarshal";
const ARGS = 'decoding .profiles[0].pluginConfig[0]:';
const AT = 'profiles[0].pluginConfig[0].args';
const PROFILE = 'initializing profiles: creating profile for scheduler name default-scheduler:';

type Row = readonly [rule: string, text: string, message: string];

function rejects(stage: ConfigStage, rows: readonly Row[]): void {
  test.each(rows)('%s', (_, text, message) => {
    let thrown: unknown;
    try {
      resolveConfig(text, inTreePoints);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ConfigError);
    const { stage: found, message: told } = thrown as ConfigError;
    expect(`${found}: ${told}`).toBe(`${stage}: ${message}`);
  });
}

describe('decode: version and kind', () => {
  rejects('decode', [
    ['a list', '[]', `${UNREADABLE} array into ${META}`],
    ['a number as kind', 'kind: 5', `${UNREADABLE} number into Go struct field .kind of type string`],
    [
      'the case of "kind" does not matter for finding it, but is wrong all the same',
      HEAD.replace('kind', 'Kind'),
      'strict decoding error: unknown field "Kind"',
    ],
    ['too many slashes', 'apiVersion: a/b/c\nkind: X', 'unexpected GroupVersion string: a/b/c'],
    [
      'another kind',
      'apiVersion: v1\nkind: Pod',
      'no kind "Pod" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"',
    ],
  ]);
});

describe('decode: fields', () => {
  rejects('decode', [
    [
      'unknown, by path',
      withPlugins('score: {enable: []}'),
      'strict decoding error: unknown field "profiles[0].plugins.score.enable"',
    ],
    [
      'given twice in JSON, by path',
      '{"apiVersion":"kubescheduler.config.k8s.io/v1","kind":"KubeSchedulerConfiguration","profiles":[{"plugins":{"score":{"enabled":[]},"score":{}}}]}',
      'strict decoding error: duplicate field "profiles[0].plugins.score"',
    ],
    [
      'a wrong type goes before unknown fields',
      `${HEAD}unknown: 1\nparallelism: many\n`,
      'json: cannot unmarshal string into Go struct field KubeSchedulerConfiguration.parallelism of type int32',
    ],
    [
      'of an embedded struct',
      `${HEAD}enableProfiling: 3`,
      'json: cannot unmarshal number into Go struct field KubeSchedulerConfiguration.DebuggingConfiguration.enableProfiling of type bool',
    ],
    [
      'deep down',
      withPlugins('score: {enabled: [{name: 5}]}'),
      'json: cannot unmarshal number into Go struct field Plugin.profiles.plugins.score.enabled.name of type string',
    ],
    [
      'beyond int32',
      `${HEAD}parallelism: 2147483648`,
      'json: cannot unmarshal number 2147483648 into Go struct field KubeSchedulerConfiguration.parallelism of type int32',
    ],
    [
      'a number as duration',
      `${HEAD}leaderElection: {leaseDuration: 5}`,
      'json: cannot unmarshal number into Go struct field LeaderElectionConfiguration.leaderElection.leaseDuration of type string',
    ],
    ['a blank in a duration', `${HEAD}extenders: [{httpTimeout: 5 s}]`, 'time: unknown unit " s" in duration "5 s"'],
    ['not Base64', `${HEAD}extenders: [{tlsConfig: {certData: '!!'}}]`, 'illegal base64 data at input byte 0'],
  ]);
});

describe('decode: plugin arguments', () => {
  rejects('decode', [
    [
      'of another plugin',
      withArgs('NodeAffinity', '{kind: InterPodAffinityArgs}'),
      `${ARGS} args for plugin NodeAffinity were not of type NodeAffinityArgs.kubescheduler.config.k8s.io, got InterPodAffinityArgs.kubescheduler.config.k8s.io`,
    ],
    [
      'of an unknown kind',
      withArgs('NodeAffinity', '{kind: Foo}'),
      `${ARGS} decoding args for plugin NodeAffinity: no kind "Foo" is registered for version "kubescheduler.config.k8s.io/v1" in scheme "pkg/runtime/scheme.go:111"`,
    ],
    [
      'of another version',
      withArgs('NodeAffinity', '{apiVersion: v1}'),
      `${ARGS} decoding args for plugin NodeAffinity: no kind "NodeAffinityArgs" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"`,
    ],
    [
      'that are no object',
      withArgs('NodeAffinity', 'text'),
      `${ARGS} decoding args for plugin NodeAffinity: ${UNREADABLE} string into ${META}`,
    ],
    [
      'with several unknown fields',
      withArgs('NodeResourcesFit', '{scoringStrategy: {typ: x}, foo: 1}'),
      `strict decoding error: ${ARGS} strict decoding error: decoding args for plugin NodeResourcesFit: strict decoding error: unknown field "foo", unknown field "scoringStrategy.typ"`,
    ],
  ]);
});

describe('validate', () => {
  rejects('validate', [
    [
      'an absent list of values is shown as null',
      withArgs(
        'NodeAffinity',
        "{addedAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: In}, {key: b, operator: Gt, values: ['x']}]}]}}}",
      ),
      `[${AT}.addedAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty, ${AT}.addedAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[1].values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer]`,
    ],
    [
      'timeouts of DynamicResources',
      withArgs('DynamicResources', '{filterTimeout: -1s, bindingTimeout: 999ms}'),
      `[${AT}.filterTimeout: Invalid value: "-1s": must be zero or positive, ${AT}.bindingTimeout: Invalid value: "999ms": must be at least 1 second]`,
    ],
    [
      'the shape of VolumeBinding',
      withArgs('VolumeBinding', '{shape: [{utilization: 0, score: 11}]}'),
      `${AT}.shape[0].score: Invalid value: 11: not in valid range [0, 10]`,
    ],
    [
      'a lease as short as its renewal (the value shown is the renewal)',
      `${HEAD}leaderElection: {leaseDuration: 5s, renewDeadline: 5s}`,
      'leaderElection.leaseDuration: Invalid value: "5s": must be greater than `RenewDeadline`',
    ],
    [
      'of several profiles none gets a default name',
      `${HEAD}profiles: [{}, {}]`,
      '[profiles[0].schedulerName: Required value, profiles[1].schedulerName: Required value, profiles[1].schedulerName: Duplicate value: {}]',
    ],
    [
      'plugins that upstream removed',
      withPlugins('filter: {enabled: [{name: EBSLimits}]}'),
      'profiles[0].plugins.filter.enabled[0]: Invalid value: "EBSLimits": was invalid in version "v1" (KubeSchedulerConfiguration is version "kubescheduler.config.k8s.io/v1")',
    ],
    [
      'resources that extenders manage',
      `${HEAD}extenders: [{managedResources: [{name: a}, {name: b/c}, {name: b/c}]}]`,
      '[extenders[0].managedResources[0].name: Invalid value: "a": is an invalid extended resource name, extenders[0].managedResources[2].name: Invalid value: "b/c": duplicate extender managed resource name]',
    ],
    [
      'two plugins that sort the queue',
      withPlugins('queueSort: {enabled: [{name: PrioritySort}, {name: DefaultBinder}]}'),
      'profiles[0].plugins.queueSort.Enabled: Invalid value: 2: only one queue sort plugin can be enabled',
    ],
  ]);
});

describe('build', () => {
  rejects('build', [
    [
      'a plugin twice in multiPoint',
      withPlugins('multiPoint: {enabled: [{name: NodeName}, {name: NodeName}]}'),
      `${PROFILE} plugin "NodeName" already registered as "PreFilterPlugin"`,
    ],
    [
      'a negative weight makes the overflow check of the next plugin wrap around',
      withPlugins('score: {enabled: [{name: NodeAffinity, weight: -1}, {name: ImageLocality}]}'),
      `${PROFILE} score plugins: total score of Score plugins could overflow`,
    ],
    [
      'a plugin that is enabled for podGroupPostFilter alone gets no default arguments',
      withPlugins(`${ONLY_SORT_AND_BIND}, podGroupPostFilter: {enabled: [{name: DefaultPreemption}]}`),
      `${PROFILE} initializing plugin "DefaultPreemption": got args of type <nil>, want *DefaultPreemptionArgs`,
    ],
    [
      'arguments of NodeResourcesFit',
      withArgs('NodeResourcesFit', '{scoringStrategy: {type: MostAllocated, requestedToCapacityRatio: {}}}'),
      `${PROFILE} initializing plugin "NodeResourcesFit": scoringStrategy.requestedToCapacityRatio: Forbidden: must be nil when type is not RequestedToCapacityRatio`,
    ],
    [
      'different arguments of the plugin that sorts the one queue',
      `${HEAD}profiles: [{schedulerName: a, pluginConfig: [{name: PrioritySort, args: {x: 1}}]}, {schedulerName: b, pluginConfig: [{name: PrioritySort, args: {x: 2}}]}]`,
      'initializing profiles: different queue sort plugin args for profile "b"',
    ],
    [
      'a resource to ignore where there is no NodeResourcesFit',
      `${withPlugins(ONLY_SORT_AND_BIND)}extenders: [{managedResources: [{name: a/b, ignoredByScheduler: true}]}]`,
      "couldn't build extenders: can't find NodeResourcesFitArgs in plugin config",
    ],
    [
      'an extender with an authority that is not to be asked',
      `${HEAD}extenders: [{tlsConfig: {insecure: true, caData: QUFB}}]`,
      "couldn't build extenders: specifying a root certificates file with the insecure flag is not allowed",
    ],
  ]);
});

const refs = (plugins: string, point: 'score' | 'filter' | 'placementScore'): string => {
  const list = resolveConfig(withPlugins(plugins), inTreePoints).profiles[0]!.plugins[point] ?? [];
  return list.map(({ name, weight }) => (weight === undefined ? name : `${name} ${weight}`)).join(', ');
};

describe('order and weights', () => {
  test('what a point lists again goes to the front, what it adds to the end; weights of the point win', () => {
    const plugins =
      'multiPoint: {enabled: [{name: TaintToleration}], disabled: [{name: ImageLocality}]}, score: {enabled: [{name: NodeResourcesFit, weight: 5}, {name: ImageLocality}], disabled: [{name: NodeAffinity}]}';
    expect(refs(plugins, 'score')).toBe(
      'NodeResourcesFit 5, TaintToleration 1, VolumeBinding 1, PodTopologySpread 2, InterPodAffinity 2, DynamicResources 2, NodeResourcesBalancedAllocation 1, ImageLocality 1',
    );
    expect(refs(plugins, 'filter')).toContain('NodeAffinity');
  });

  test('"*" empties a point of what multiPoint brings, not of its own list', () => {
    const plugins = "score: {disabled: [{name: '*'}], enabled: [{name: ImageLocality, weight: 7}]}";
    expect(refs(plugins, 'score')).toBe('ImageLocality 7');
  });

  test('a negative weight of the last plugin is accepted', () => {
    const plugins = "score: {disabled: [{name: '*'}], enabled: [{name: ImageLocality, weight: -3}]}";
    const alone = `multiPoint: {disabled: [{name: '*'}], enabled: [{name: PrioritySort}, {name: DefaultBinder}]}, ${plugins}`;
    expect(refs(alone, 'score')).toBe('ImageLocality -3');
  });
});

describe('what a resolved configuration carries', () => {
  test('resources that an extender manages and the scheduler shall ignore replace those of NodeResourcesFit', () => {
    const text = `${withArgs('NodeResourcesFit', '{ignoredResources: [c/d]}')}extenders: [{managedResources: [{name: a/b, ignoredByScheduler: true}, {name: e/f}]}]`;
    const { pluginConfig } = resolveConfig(text, inTreePoints).profiles[0]!;
    expect(pluginConfig[0]).toMatchObject({ name: 'NodeResourcesFit', args: { ignoredResources: ['a/b'] } });
  });

  test('an extender, its time in milliseconds and unverified HTTPS told apart', () => {
    const text = `${HEAD}extenders: [{urlPrefix: https://x/y, filterVerb: filter, enableHTTPS: true}, {urlPrefix: http://z, httpTimeout: 1.5s, weight: 3, prioritizeVerb: rank}]`;
    const { extenders } = resolveConfig(text, inTreePoints);
    expect(extenders).toMatchObject([
      { urlPrefix: 'https://x/y', filterVerb: 'filter', httpTimeoutMs: 5000, tlsConfig: { insecure: true } },
      { urlPrefix: 'http://z', prioritizeVerb: 'rank', weight: 3, httpTimeoutMs: 1500 },
    ]);
    expect(extenders[1]!.tlsConfig).toBeUndefined();
  });

  test('arguments of plugins that are not in-tree as they are written', () => {
    const text = withArgs('Other', '{b: [1, ~], a: yes}');
    expect(resolveConfig(text, inTreePoints).profiles[0]!.pluginConfig[0]).toEqual({
      name: 'Other',
      args: { a: true, b: [1, null] },
    });
  });

  test.each([
    ['', false, 0],
    ['percentageOfNodesToScore: 0\n', true, 0],
    ['percentageOfNodesToScore: 30\n', true, 30],
  ])('whether the percentage was named: %j', (line, explicit, percentage) => {
    const config = resolveConfig(HEAD + line, inTreePoints);
    expect([config.percentageIsExplicit, config.percentageOfNodesToScore]).toEqual([explicit, percentage]);
  });
});
