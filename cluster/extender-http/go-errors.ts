/**
 * Failed exchanges in the words of Go's `net/http`, which upstream puts into events and conditions as they are. Checked
 * against Go 1.26; where Node knows less than Go (the bytes of a broken reply, the server that was asked for a name) the
 * text ends earlier.
 */
import { isIP } from 'node:net';
import type { HttpFailure } from './http-thread.ts';

const TIMEOUT = '(Client.Timeout exceeded while awaiting headers)';
const UNKNOWN_AUTHORITY = 'tls: failed to verify certificate: x509: certificate signed by unknown authority';

/** The network's errors by Node's code, with Go's name for each. */
const SYSCALL_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by peer',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  ETIMEDOUT: 'connection timed out',
  EPIPE: 'broken pipe',
  EADDRNOTAVAIL: 'cannot assign requested address',
};

const TLS_ERRORS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  CERT_SIGNATURE_FAILURE: UNKNOWN_AUTHORITY,
  CERT_HAS_EXPIRED: 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid',
  CERT_NOT_YET_VALID: 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'remote error: tls: certificate required',
};

/** No reply came. */
export function requestError(failure: HttpFailure): string {
  const { method, url } = failure;
  return `${method[0]}${method.slice(1).toLowerCase()} ${JSON.stringify(url)}: ${cause(failure)}`;
}

/** A reply came, but not all of it. */
export function bodyError({ isTimeout, code, syscall, local, remote }: HttpFailure): string {
  if (isTimeout) return 'context deadline exceeded (Client.Timeout or context cancellation while reading body)';
  if (code === 'ECONNRESET' && syscall === 'read') return connectionError('read', code, local, remote);
  return 'unexpected EOF';
}

function cause(failure: HttpFailure): string {
  const { isTimeout, isConnected, code, syscall, message, local, remote, url } = failure;
  if (isTimeout) {
    return isConnected
      ? `context deadline exceeded ${TIMEOUT}`
      : `net/http: request canceled while waiting for connection ${TIMEOUT}`;
  }
  const host = new URL(url).hostname;
  // In all likelihood; OpenSSL does not tell what it got instead of TLS.
  if (/wrong version number|packet length too long/.test(message))
    return 'http: server gave HTTP response to HTTPS client';
  if (syscall === 'getaddrinfo') return `dial tcp: lookup ${host}: ${code === 'ENOTFOUND' ? 'no such host' : message}`;
  if (syscall === 'connect') return `dial tcp ${remote}: connect: ${SYSCALL_ERRORS[code] ?? message}`;
  if (syscall === 'read' || syscall === 'write') return connectionError(syscall, code, local, remote);
  // Node's word for a connection that ended between two messages.
  if (code === 'ECONNRESET') return 'EOF';
  if (code.startsWith('HPE_')) return 'net/http: HTTP/1.x transport connection broken: malformed HTTP response';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return wrongHost(failure, host);
  return TLS_ERRORS[code] ?? message;
}

const connectionError = (syscall: string, code: string, local: string, remote: string): string =>
  `${syscall} tcp ${local}->${remote}: ${syscall}: ${SYSCALL_ERRORS[code] ?? code}`;

/** The certificate is for somebody else. Source: `HostnameError` in Go's `crypto/x509/verify.go`. */
function wrongHost({ certificateNames = '', message }: HttpFailure, urlHost: string): string {
  const prefix = 'tls: failed to verify certificate: x509:';
  // The name that was checked, which the configuration may have set.
  const host =
    /^Hostname\/IP does not match certificate's altnames: (?:Host|IP): (\S+?)\.? is not/.exec(message)?.[1] ?? urlHost;
  const names = certificateNames.split(', ').filter((name) => name !== '');
  const ofKind = (kind: string): string[] =>
    names.filter((name) => name.startsWith(`${kind}:`)).map((name) => name.slice(kind.length + 1));
  if (isIP(host) !== 0) {
    const addresses = ofKind('IP Address');
    return addresses.length === 0
      ? `${prefix} cannot validate certificate for ${host} because it doesn't contain any IP SANs`
      : `${prefix} certificate is valid for ${addresses.join(', ')}, not ${host}`;
  }
  const hosts = ofKind('DNS');
  return hosts.length === 0
    ? `${prefix} certificate is not valid for any names, but wanted to match ${host}`
    : `${prefix} certificate is valid for ${hosts.join(', ')}, not ${host}`;
}
