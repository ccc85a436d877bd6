/** Where a cluster is and how one gets in, as kubectl keeps it. */
import { parse, stringify } from 'yaml';
import { InputError } from '../../api/index.ts';

export interface Access {
  readonly server: string;
  /** PEM. */
  readonly authority?: string;
  readonly token?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  readonly insecure?: boolean;
  /** Where a request that names none goes. */
  readonly namespace?: string;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

export function kubeconfigText({ server, authority, token }: Access, name: string, user: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name,
        cluster: { server, ...(authority === undefined ? {} : { 'certificate-authority-data': base64(authority) }) },
      },
    ],
    users: [{ name: user, user: token === undefined ? {} : { token } }],
    contexts: [{ name, context: { cluster: name, user } }],
    'current-context': name,
  });
}

type Entry = Readonly<Record<string, unknown>>;

/**
 * Access by the current context, or by one that is named.
 * @param readFile For what stands in files of its own. @throws InputError
 */
export function readKubeconfig(
  text: string,
  file: string,
  readFile: (path: string) => string,
  contextName?: string,
): Access {
  let config: Entry;
  try {
    config = parse(text) as Entry;
  } catch (error) {
    throw new InputError(`${file}: ${(error as Error).message}`);
  }
  const wanted = contextName ?? String(config?.['current-context'] ?? '');
  const context = named(config, 'contexts', wanted, file).context as Entry;
  const cluster = named(config, 'clusters', String(context.cluster), file).cluster as Entry;
  const user = (context.user === undefined ? {} : named(config, 'users', String(context.user), file).user) as Entry;
  const data = (entry: Entry, name: string): string | undefined => {
    const inline = entry?.[`${name}-data`];
    if (typeof inline === 'string') return Buffer.from(inline, 'base64').toString();
    const path = entry?.[name];
    return typeof path === 'string' ? readFile(path) : undefined;
  };
  const tokenFile = user?.tokenFile;
  return {
    server: String(cluster.server),
    authority: data(cluster, 'certificate-authority'),
    token: typeof tokenFile === 'string' ? readFile(tokenFile).trim() : (user?.token as string | undefined),
    clientCertificate: data(user, 'client-certificate'),
    clientKey: data(user, 'client-key'),
    insecure: cluster['insecure-skip-tls-verify'] === true,
    namespace: context.namespace as string | undefined,
  };
}

function named(config: Entry, list: string, name: string, file: string): Entry {
  const entries = config?.[list];
  const found = Array.isArray(entries) ? (entries as Entry[]).find((entry) => entry?.name === name) : undefined;
  if (found === undefined) throw new InputError(`${file}: ${list}: there is none by the name "${name}"`);
  return found;
}
