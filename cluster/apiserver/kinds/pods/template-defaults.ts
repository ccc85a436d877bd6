/**
 * The defaults of pod specs, in pods as in the templates of workloads, beside those that scheduling sees
 * (`api/default-pod.ts`). Source: `pkg/apis/core/v1/defaults.go` and `zz_generated.defaults.go`, v1.37.2.
 *
 * Cost: one new object per container and one for the spec.
 */
import type { Container, PodSpec, Volume } from '../../../../api/index.ts';

const GRACE_PERIOD_S = 30;

/** The spec itself where it has everything. */
export function defaultPodSpec(spec: PodSpec): PodSpec {
  const serviceAccount = spec.serviceAccountName || spec.serviceAccount;
  const volumes = spec.volumes && mapChanged(spec.volumes, defaultVolume);
  const containers = mapChanged(spec.containers ?? [], defaultContainer);
  const initContainers = spec.initContainers && mapChanged(spec.initContainers, defaultContainer);
  const hasAll =
    volumes === spec.volumes &&
    containers === spec.containers &&
    initContainers === spec.initContainers &&
    (serviceAccount === undefined || spec.serviceAccount === serviceAccount) &&
    spec.restartPolicy &&
    spec.terminationGracePeriodSeconds !== undefined &&
    spec.dnsPolicy &&
    spec.securityContext &&
    spec.schedulerName;
  if (hasAll) return spec;
  const defaulted: PodSpec = {
    ...spec,
    containers,
    restartPolicy: spec.restartPolicy || 'Always',
    terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds ?? GRACE_PERIOD_S,
    dnsPolicy: spec.dnsPolicy || 'ClusterFirst',
    securityContext: spec.securityContext ?? {},
    schedulerName: spec.schedulerName || 'default-scheduler',
  };
  if (volumes !== undefined) defaulted.volumes = volumes;
  if (initContainers !== undefined) defaulted.initContainers = initContainers;
  if (serviceAccount) {
    defaulted.serviceAccountName = serviceAccount;
    defaulted.serviceAccount = serviceAccount;
  }
  return defaulted;
}

function defaultContainer(container: Container): Container {
  const { ports, env, livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  const isPlain =
    ports === undefined &&
    env === undefined &&
    livenessProbe === undefined &&
    readinessProbe === undefined &&
    startupProbe === undefined &&
    lifecycle === undefined;
  const hasAll =
    container.imagePullPolicy &&
    container.terminationMessagePath &&
    container.terminationMessagePolicy &&
    container.resources;
  if (isPlain && hasAll) return container;
  const defaulted: Container = {
    ...container,
    resources: container.resources ?? {},
    terminationMessagePath: container.terminationMessagePath || '/dev/termination-log',
    terminationMessagePolicy: container.terminationMessagePolicy || 'File',
    imagePullPolicy: container.imagePullPolicy || pullPolicyOf(container.image ?? ''),
  };
  return isPlain ? defaulted : withParts(defaulted);
}

function withParts(container: Container): Container {
  const { ports, env, livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  if (ports !== undefined) {
    container.ports = mapChanged(ports, (port) => (port.protocol ? port : { ...port, protocol: 'TCP' }));
  }
  if (env !== undefined) container.env = mapChanged(env, defaultVariable);
  if (livenessProbe !== undefined) container.livenessProbe = defaultProbe(livenessProbe);
  if (readinessProbe !== undefined) container.readinessProbe = defaultProbe(readinessProbe);
  if (startupProbe !== undefined) container.startupProbe = defaultProbe(startupProbe);
  if (lifecycle !== undefined) {
    container.lifecycle = {
      ...lifecycle,
      ...(lifecycle.postStart && { postStart: defaultHandler(lifecycle.postStart) }),
      ...(lifecycle.preStop && { preStop: defaultHandler(lifecycle.preStop) }),
    };
  }
  return container;
}

/** `latest`, and no tag at all, are pulled always; a digest never changes. */
export function pullPolicyOf(image: string): 'Always' | 'IfNotPresent' {
  if (image.includes('@')) return 'IfNotPresent';
  const tag = image.slice(image.lastIndexOf('/') + 1).split(':')[1];
  return tag === undefined || tag === 'latest' ? 'Always' : 'IfNotPresent';
}

type Variable = NonNullable<Container['env']>[number];

function defaultVariable(variable: Variable): Variable {
  const field = variable.valueFrom?.fieldRef;
  if (field === undefined || field.apiVersion) return variable;
  return { ...variable, valueFrom: { ...variable.valueFrom, fieldRef: { ...field, apiVersion: 'v1' } } };
}

type Probe = NonNullable<Container['livenessProbe']>;

function defaultProbe(probe: Probe): Probe {
  const { timeoutSeconds, periodSeconds, successThreshold, failureThreshold } = probe;
  return {
    ...defaultHandler(probe),
    timeoutSeconds: timeoutSeconds || 1,
    periodSeconds: periodSeconds || 10,
    successThreshold: successThreshold || 1,
    failureThreshold: failureThreshold || 3,
  };
}

interface Handler {
  httpGet?: Probe['httpGet'];
  grpc?: { port: number; service?: string };
}

function defaultHandler<H extends Handler>(handler: H): H {
  const { httpGet } = handler;
  if (httpGet === undefined) return handler;
  return { ...handler, httpGet: { ...httpGet, path: httpGet.path || '/', scheme: httpGet.scheme || 'HTTP' } };
}

const FILE_MODE = 0o644;
const TOKEN_SECONDS = 3600;

function defaultVolume(volume: Volume): Volume {
  const { name, ...sources } = volume;
  if (Object.values(sources).every((source) => source === undefined)) return { name, emptyDir: {} };
  const { secret, configMap, downwardAPI, projected, hostPath, iscsi, image, ephemeral } = volume;
  if (secret)
    return secret.defaultMode === undefined ? { ...volume, secret: { ...secret, defaultMode: FILE_MODE } } : volume;
  if (configMap) {
    if (configMap.defaultMode !== undefined) return volume;
    return { ...volume, configMap: { ...configMap, defaultMode: FILE_MODE } };
  }
  if (downwardAPI) {
    const items = downwardAPI.items?.map(defaultDownwardFile);
    return {
      ...volume,
      downwardAPI: { ...downwardAPI, ...(items && { items }), defaultMode: downwardAPI.defaultMode ?? FILE_MODE },
    };
  }
  if (projected) {
    const sources = projected.sources?.map(defaultProjection) ?? [];
    return { ...volume, projected: { ...projected, sources, defaultMode: projected.defaultMode ?? FILE_MODE } };
  }
  if (hostPath) return hostPath.type === undefined ? { ...volume, hostPath: { ...hostPath, type: '' } } : volume;
  if (iscsi) return iscsi.iscsiInterface ? volume : { ...volume, iscsi: { ...iscsi, iscsiInterface: 'default' } };
  if (image) {
    if (image.pullPolicy) return volume;
    return { ...volume, image: { ...image, pullPolicy: pullPolicyOf(image.reference ?? '') } };
  }
  const template = ephemeral?.volumeClaimTemplate;
  if (template === undefined || template.spec?.volumeMode) return volume;
  const spec = { ...template.spec, volumeMode: 'Filesystem' };
  return { ...volume, ephemeral: { ...ephemeral, volumeClaimTemplate: { ...template, spec } } } as Volume;
}

type DownwardFile = NonNullable<NonNullable<Volume['downwardAPI']>['items']>[number];

function defaultDownwardFile(file: DownwardFile): DownwardFile {
  const { fieldRef } = file;
  return fieldRef === undefined || fieldRef.apiVersion
    ? file
    : { ...file, fieldRef: { ...fieldRef, apiVersion: 'v1' } };
}

type Projection = NonNullable<NonNullable<Volume['projected']>['sources']>[number];

function defaultProjection(projection: Projection): Projection {
  const { serviceAccountToken: token, downwardAPI } = projection;
  if (token !== undefined && token.expirationSeconds === undefined) {
    return { ...projection, serviceAccountToken: { ...token, expirationSeconds: TOKEN_SECONDS } };
  }
  if (downwardAPI?.items === undefined) return projection;
  return { ...projection, downwardAPI: { ...downwardAPI, items: downwardAPI.items.map(defaultDownwardFile) } };
}

/** The list itself when nothing in it changes. */
function mapChanged<T>(items: T[], change: (item: T) => T): T[] {
  let changed: T[] | undefined;
  for (let i = 0; i < items.length; i++) {
    const item = change(items[i]!);
    if (item === items[i]) continue;
    changed ??= [...items];
    changed[i] = item;
  }
  return changed ?? items;
}
