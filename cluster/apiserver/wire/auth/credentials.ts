/** What the server has to keep of its own: keys, certificates and the administrator's token, in files only its owner reads. */
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isGood, type KeyAndCertificate, newAuthority, newServerCertificate } from './certificates.ts';
import { newSigningKey } from './service-account-tokens.ts';
import { newToken } from './tokens.ts';

export interface Credentials {
  /** PEM, for clients to trust. */
  readonly authority: string;
  readonly server: KeyAndCertificate;
  readonly signingKey: string;
  readonly adminToken: string;
}

/**
 * What stands in the folder is used again; what is missing, or about to end, is made.
 * @param folder Undefined keeps everything in memory.
 */
export async function credentialsIn(
  folder: string | undefined,
  hosts: readonly string[],
  nowMs: number,
): Promise<Credentials> {
  const files = folder === undefined ? undefined : new PrivateFiles(folder);
  const signingKey = files?.read('service-account.key') ?? newSigningKey();
  const adminToken = files?.read('admin.token')?.trim() || newToken();
  const known = pair(files?.read('ca.crt'), files?.read('ca.key'));
  const authority = known ?? (await newAuthority(nowMs));
  const ofServer = pair(files?.read('server.crt'), files?.read('server.key'));
  const isKept = ofServer !== undefined && known !== undefined && isGood(ofServer.cert, authority.cert, hosts, nowMs);
  const server = isKept ? ofServer : await newServerCertificate(authority, hosts, nowMs);
  files?.write('service-account.key', signingKey);
  files?.write('admin.token', `${adminToken}\n`);
  files?.write('ca.crt', authority.cert);
  files?.write('ca.key', authority.key);
  files?.write('server.crt', server.cert);
  files?.write('server.key', server.key);
  return { authority: authority.cert, server, signingKey, adminToken };
}

const pair = (cert: string | undefined, key: string | undefined): KeyAndCertificate | undefined =>
  cert === undefined || key === undefined ? undefined : { cert, key };

class PrivateFiles {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  read(name: string): string | undefined {
    const path = join(this.folder, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  }

  write(name: string, text: string): void {
    if (this.read(name) !== text) writePrivate(join(this.folder, name), text);
    else chmodSync(join(this.folder, name), 0o600);
  }
}

/** Whole or not at all, and for nobody else from the first byte on. */
export function writePrivate(path: string, text: string): void {
  const part = `${path}.${process.pid}.tmp`;
  writeFileSync(part, text, { mode: 0o600 });
  chmodSync(part, 0o600);
  renameSync(part, path);
}
