/**
 * The certificates of an extender's configuration, read once, with the errors that upstream has for them at the start.
 * Source: `TLSConfigFor` in `client-go/transport/transport.go`, Go's `tls.X509KeyPair`.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { ConfigError, type ExtenderConfig } from '../../scheduler/index.ts';
import type { TlsSettings } from './http-thread.ts';

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;
const PEM_BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----/;

/** Throws ConfigError. */
export function tlsSettings({ tlsConfig = {} }: ExtenderConfig): TlsSettings {
  const text = (field: string): string => String(tlsConfig[field] ?? '');
  /** What the configuration holds itself goes before a file. */
  const load = (name: string): string => {
    const data = text(`${name}Data`);
    if (data !== '') return Buffer.from(data, 'base64').toString('latin1');
    const file = text(`${name}File`);
    return file === '' ? '' : readPem(file);
  };
  const ca = load('ca');
  const cert = load('cert');
  const key = load('key');
  if (ca !== '') checkAuthorities(ca);
  // Upstream takes a certificate without a key, or a key without a certificate, for none.
  const isClientKnown = cert !== '' && key !== '';
  if (isClientKnown) checkPair(cert, key);
  return {
    ca: ca || undefined,
    cert: isClientKnown ? cert : undefined,
    key: isClientKnown ? key : undefined,
    serverName: text('serverName') || undefined,
    insecure: tlsConfig.insecure === true,
  };
}

const FILE_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
};

function readPem(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw unusable(`${code === 'EISDIR' ? 'read' : 'open'} ${file}: ${FILE_ERRORS[code] ?? message}`);
  }
}

function checkAuthorities(pem: string): void {
  const blocks = pem.match(PEM_CERTIFICATE);
  if (blocks === null) throw unusable('unable to load root certificates: unable to parse bytes as PEM block');
  try {
    for (const block of blocks) new X509Certificate(block);
  } catch (error) {
    throw unusable(`unable to load root certificates: ${(error as Error).message}`);
  }
}

function checkPair(cert: string, key: string): void {
  if (!PEM_BLOCK.test(cert)) throw unusable('tls: failed to find any PEM data in certificate input');
  const [, kind] = PEM_BLOCK.exec(key) ?? [];
  if (kind === undefined) throw unusable('tls: failed to find any PEM data in key input');
  if (kind === 'CERTIFICATE') {
    throw unusable('tls: found a certificate rather than a key in the PEM for the private key');
  }
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw unusable(
      code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH' ? 'tls: private key does not match public key' : `tls: ${message}`,
    );
  }
}

const unusable = (problem: string): ConfigError => new ConfigError('build', `couldn't build extenders: ${problem}`);
