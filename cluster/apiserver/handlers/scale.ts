/** The subresource `scale`: the number of replicas of a workload, in the form that all workloads share. */
import { invalidValue, type KubeObject, type ObjectMeta } from '../../../api/index.ts';
import type { PatchType, WriteOptions } from '../client.ts';
import type { Core, Resolved, ServerAnswer } from '../core.ts';
import { ApiFailure, invalid } from '../failures.ts';
import { schemaOf } from '../kinds/schema/schema.ts';
import { checkName, readBody } from './body.ts';
import { write } from './update.ts';

interface Workload extends KubeObject {
  readonly spec?: { readonly replicas?: number; readonly selector?: Selector };
  readonly status?: { readonly replicas?: number };
}

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: ReadonlyArray<{ key: string; operator: string; values?: readonly string[] }>;
}

interface Scale extends KubeObject {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly replicas: number; readonly selector?: string };
}

const SUBRESOURCE = 'scale';
const SCALE = { kind: 'Scale', apiVersion: 'autoscaling/v1', schema: schemaOf('autoscaling/v1', 'Scale')! };

export function scaleOf(object: KubeObject): Scale {
  const { spec, status, metadata, kind } = object as Workload;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata ?? {};
  const replicas = spec?.replicas ?? 0;
  return {
    kind: SCALE.kind,
    apiVersion: SCALE.apiVersion,
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp } as ObjectMeta,
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: status?.replicas ?? 0, selector: selectorText(spec?.selector, kind) },
  };
}

export function updateScale(
  core: Core,
  resolved: Resolved,
  body: KubeObject,
  options: WriteOptions,
  answer: ServerAnswer<KubeObject>,
): void {
  const given = readBody(resolved.context, body, SCALE, options) as Scale;
  checkName(given, resolved.name, resolved.namespace);
  writeScale(core, resolved, options, () => given, answer);
}

export function patchScale(
  core: Core,
  resolved: Resolved,
  type: PatchType,
  patch: unknown,
  options: WriteOptions,
  answer: ServerAnswer<KubeObject>,
): void {
  const { fieldManager = '', force = false } = options;
  const next = (scale: Scale): Scale => {
    const time = core.timestamp();
    const { schema, apiVersion } = SCALE;
    const of = { schema, apiVersion, current: scale, subresource: SUBRESOURCE, hasStatus: false };
    const patched = core.patcher({ ...of, type, patch, fieldManager, force, time });
    return readBody({ ...resolved.context, decode: true }, patched, SCALE, options) as Scale;
  };
  writeScale(core, resolved, options, next, answer);
}

function writeScale(
  core: Core,
  resolved: Resolved,
  options: WriteOptions,
  next: (scale: Scale) => Scale,
  answer: ServerAnswer<KubeObject>,
): void {
  const { name } = resolved;
  const change = (current: KubeObject | undefined): KubeObject => {
    const scale = next(scaleOf(current!));
    const { replicas = 0 } = scale.spec ?? {};
    if (replicas < 0) {
      const detail = 'must be greater than or equal to 0';
      throw new ApiFailure(
        invalid({ group: 'autoscaling', resource: 'Scale' }, name, [invalidValue('spec.replicas', replicas, detail)]),
      );
    }
    const { uid, resourceVersion } = scale.metadata ?? {};
    const spec = { ...(current as Workload).spec, replicas };
    return { ...current, metadata: { ...current!.metadata, uid, resourceVersion }, spec } as KubeObject;
  };
  const scaled: ServerAnswer<KubeObject> = (error, object, code) => {
    if (error === undefined) answer(undefined, scaleOf(object), code);
    else answer(error, object, code);
  };
  write(core, { ...resolved, subresource: '' }, options, change, scaled, { through: SUBRESOURCE });
}

/** As `kubectl` writes selectors. */
function selectorText(selector: Selector | undefined, kind: string | undefined): string | undefined {
  if (selector === undefined) return undefined;
  // Replication controllers have labels only.
  const labels = kind === 'ReplicationController' ? (selector as Record<string, string>) : selector.matchLabels;
  const parts = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  for (const { key, operator, values = [] } of kind === 'ReplicationController'
    ? []
    : (selector.matchExpressions ?? [])) {
    if (operator === 'Exists') parts.push(key);
    else if (operator === 'DoesNotExist') parts.push(`!${key}`);
    else parts.push(`${key} ${operator.toLowerCase()} (${[...values].sort().join(',')})`);
  }
  return parts.sort().join(',');
}
