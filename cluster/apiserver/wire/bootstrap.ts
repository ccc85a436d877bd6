/** What a cluster that is served has from the start. What an administrator has changed stays as it is. */
import type { KubeObject } from '../../../api/index.ts';
import type { InProcessClient } from '../in-process-client.ts';
import type { ApiServer } from '../server.ts';
import { firstIp } from '../services/address-pool.ts';
import type { Status } from '../status.ts';
import { defaultBindings, defaultRoles } from './auth/default-roles.ts';

const RBAC = { group: 'rbac.authorization.k8s.io', version: 'v1' };
const SERVICES = { group: '', version: 'v1', resource: 'services', namespace: 'default' };

export async function seedRoles(client: InProcessClient): Promise<void> {
  for (const role of defaultRoles()) await create(client, { ...RBAC, resource: 'clusterroles' }, role);
  for (const binding of defaultBindings()) await create(client, { ...RBAC, resource: 'clusterrolebindings' }, binding);
}

/** Where pods find the API server. Source: `pkg/controlplane/controller/kubernetesservice`, v1.37.2. */
export async function seedService(client: InProcessClient, { core }: ApiServer, port: number): Promise<void> {
  const ports = [{ name: 'https', port: 443, protocol: 'TCP', targetPort: port }];
  const clusterIP = firstIp(core.addresses.ranges.clusterIps[0]!);
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: { type: 'ClusterIP', clusterIP, clusterIPs: [clusterIP], ipFamilyPolicy: 'SingleStack', ports },
  } as KubeObject;
  const target = { ...SERVICES, name: 'kubernetes' };
  if (core.cached('Service', 'default', 'kubernetes') === undefined) await create(client, SERVICES, service);
  else await answered((done) => client.patch(target, 'strategic', { spec: { ports } }, {}, (error) => done(error)));
}

type Target = Parameters<InProcessClient['create']>[0];

const create = (client: InProcessClient, target: Target, object: KubeObject): Promise<void> =>
  answered((done) =>
    client.create(target, object, {}, (error) => done(error?.reason === 'AlreadyExists' ? undefined : error)),
  );

export function answered(call: (done: (error: Status | undefined) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    call((error) => {
      if (error === undefined) resolve();
      else reject(new Error(error.message));
    });
  });
}
