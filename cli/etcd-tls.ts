/** Certificates for a real etcd, from the files that options name. */
import { readFileSync } from 'node:fs';
import { InputError } from '../api/index.ts';
import type { EtcdStoreOptions } from '../cluster/store/index.ts';

/** What was given, and the flag that it was given with. */
export type NamedFile = readonly [flag: string, file: string | undefined];

/** Undefined without an authority. Throws InputError for a file that cannot be read. */
export function etcdTls(authority: NamedFile, certificate: NamedFile, key: NamedFile): EtcdStoreOptions['tls'] {
  const [ca, cert, privateKey] = [read(authority), read(certificate), read(key)];
  return ca === undefined ? undefined : { ca, cert, key: privateKey };
}

function read([flag, file]: NamedFile): Buffer | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file);
  } catch {
    throw new InputError(`${flag} ${file}: the file cannot be read`);
  }
}
