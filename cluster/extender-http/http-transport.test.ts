import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { extenderOf } from '../../scheduler/config/extender.ts';
import { readFilterResult } from '../../scheduler/extender/answers.ts';
import { ConfigError, type ExtenderConfig } from '../../scheduler/index.ts';
import { AUTHORITY, CLIENT, EXPIRED, FOREIGN_AUTHORITY, OTHER_HOST, SERVER } from './certificates.fixture.ts';
import { FaultyServer, type TlsIdentity } from './faulty-server.fixture.ts';
import { HttpTransport } from './http-transport.ts';

const TIMEOUT_MS = 400;

type Tls = Readonly<Record<string, string | boolean>>;

/** TLS data is given as text here, in Base64 in a configuration. */
function transport(tls?: Tls, enableHTTPS = tls !== undefined): HttpTransport {
  const base64 = (name: string): string => Buffer.from(String(tls?.[name] ?? '')).toString('base64');
  const tlsConfig = tls && {
    ...{ insecure: false, serverName: '', certFile: '', keyFile: '', caFile: '', ...tls },
    ...{ certData: base64('certData'), keyData: base64('keyData'), caData: base64('caData') },
  };
  const given = { urlPrefix: '', filterVerb: 'filter', preemptVerb: '', prioritizeVerb: '', bindVerb: '', weight: 0n };
  const rest = { nodeCacheCapable: true, ignorable: false, managedResources: undefined, httpTimeout: 400_000_000n };
  const config = extenderOf({ ...given, ...rest, enableHTTPS, tlsConfig } as Parameters<typeof extenderOf>[0]);
  return new HttpTransport(config satisfies ExtenderConfig);
}

const plain = transport();

/** The names that came back, or the text of the error. */
function ask(url: string, by = plain): readonly string[] | string {
  try {
    const response = by.post(`${url}/filter`, '{"asked":"something"}');
    if (response.status !== 200) return String(response.status);
    return readFilterResult(response).nodeNames ?? [];
  } catch (error) {
    return (error as Error).message;
  }
}

describe('an exchange, in the words of Go', () => {
  let server: FaultyServer;
  beforeAll(async () => {
    server = await FaultyServer.start();
  });
  afterAll(() => server.stop());
  const post = (behaviour: string): string => `Post "${server.url(behaviour)}/filter": `;

  test('is a POST of JSON', () => {
    const [request] = ask(server.url('echo'));
    expect(request).toMatch(/^POST \/echo\/filter HTTP\/1\.1\r\n/);
    expect(request).toMatch(/^content-type: application\/json\r$/im);
    expect(request).toMatch(/\r\n\r\n\{"asked":"something"\}$/);
  });

  test('uses one connection for several requests', () => {
    const [first] = ask(server.url('connections'));
    expect(ask(server.url('connections'))).toEqual([first]);
  });

  test.each([
    ['ok', ['n1']],
    ['status-500', '500'],
    ['status-500-hang', '500'],
    ['status-204', '204'],
    ['hang-body', 'context deadline exceeded (Client.Timeout or context cancellation while reading body)'],
    ['hang-after-body', ['n1']],
    ['close-in-body', 'unexpected EOF'],
    ['close-in-chunk', 'unexpected EOF'],
    ['close-without-length', 'unexpected EOF'],
    ['empty-body', 'EOF'],
  ])('%s: %s', (behaviour, expected) => {
    expect(ask(server.url(behaviour))).toEqual(expected);
  });

  test.each([
    ['hang', 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'],
    ['hang-headers', 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'],
    ['close', 'EOF'],
    ['garbage', 'net/http: HTTP/1.x transport connection broken: malformed HTTP response'],
  ])('%s: Post "…": %s', (behaviour, expected) => {
    expect(ask(server.url(behaviour))).toBe(post(behaviour) + expected);
  });

  test('a connection that is reset, before the answer and in it', () => {
    const reset = /^read tcp 127\.0\.0\.1:\d+->127\.0\.0\.1:\d+: read: connection reset by peer$/;
    const first = ask(server.url('reset')) as string;
    expect(first.startsWith(post('reset'))).toBe(true);
    expect(first.slice(post('reset').length)).toMatch(reset);
    expect(ask(server.url('reset-in-body'))).toMatch(reset);
  });

  test('redirections: 307 repeats the request, 302 becomes a GET, ten are enough', () => {
    expect(ask(server.url('redirect-307'))[0]).toMatch(/^POST \/echo\/filter.*\{"asked":"something"\}$/s);
    expect(ask(server.url('redirect-302'))[0]).toMatch(/^GET \/echo\/filter/);
    expect(ask(server.url('redirect-round'))).toBe(`${post('redirect-round')}stopped after 10 redirects`);
  });

  test('an answer of a hanging server takes no longer than the timeout', () => {
    const startedMs = performance.now();
    ask(server.url('hang'));
    const tookMs = performance.now() - startedMs;
    expect(tookMs).toBeGreaterThan(TIMEOUT_MS - 20);
    expect(tookMs).toBeLessThan(TIMEOUT_MS + 2000);
  });
});

describe('no exchange at all', () => {
  test('nobody listens', async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => listener.once('listening', resolve));
    const { port } = listener.address() as { port: number };
    await new Promise((resolve) => listener.close(resolve));
    const address = `127.0.0.1:${port}`;
    expect(ask(`http://${address}`)).toBe(
      `Post "http://${address}/filter": dial tcp ${address}: connect: connection refused`,
    );
  });

  test.each([
    ['nonsense', 'Post "nonsense/filter": unsupported protocol scheme ""'],
    ['ftp://127.0.0.1/x', 'Post "ftp://127.0.0.1/x/filter": unsupported protocol scheme "ftp"'],
    ['http://127.0.0.1:99999/x', 'Post "http://127.0.0.1:99999/x/filter": dial tcp: address 99999: invalid port'],
    ['http://exa mple/x', 'parse "http://exa mple/x/filter": not a URL'],
  ])('%s: %s', (url, expected) => {
    expect(ask(url)).toBe(expected);
  });
});

describe('HTTPS', () => {
  const servers: FaultyServer[] = [];
  afterAll(() => Promise.all(servers.map((server) => server.stop())));
  const start = async (identity?: TlsIdentity): Promise<string> => {
    const server = await FaultyServer.start(identity);
    servers.push(server);
    return server.url('ok', 'https');
  };
  const x509 = 'tls: failed to verify certificate: x509:';

  test('a server that the given authority has signed', async () => {
    expect(ask(await start(SERVER), transport({ caData: AUTHORITY }))).toEqual(['n1']);
  });

  test('an authority from a file', async () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'berth-ca-'));
    const caFile = path.join(dir, 'ca.pem');
    writeFileSync(caFile, AUTHORITY);
    expect(ask(await start(SERVER), transport({ caFile }))).toEqual(['n1']);
    rmSync(dir, { recursive: true });
  });

  test('without an authority nothing is checked, unless the URL alone asks for TLS', async () => {
    const url = await start(SERVER);
    expect(ask(url, transport(undefined, true))).toEqual(['n1']);
    expect(ask(url, transport({ insecure: true }))).toEqual(['n1']);
    expect(ask(url)).toBe(`Post "${url}/filter": ${x509} certificate signed by unknown authority`);
  });

  test("somebody else's authority", async () => {
    const url = await start(SERVER);
    const answer = ask(url, transport({ caData: FOREIGN_AUTHORITY }));
    expect(answer).toBe(`Post "${url}/filter": ${x509} certificate signed by unknown authority`);
  });

  test('a certificate for another host, and the name that makes it right', async () => {
    const url = await start(OTHER_HOST);
    expect(ask(url, transport({ caData: AUTHORITY }))).toBe(
      `Post "${url}/filter": ${x509} cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs`,
    );
    expect(ask(url, transport({ caData: AUTHORITY, serverName: 'other.example' }))).toEqual(['n1']);
    expect(ask(url, transport({ caData: AUTHORITY, serverName: 'nope.example' }))).toBe(
      `Post "${url}/filter": ${x509} certificate is valid for other.example, not nope.example`,
    );
  });

  test('a certificate that has expired', async () => {
    const url = await start(EXPIRED);
    expect(ask(url, transport({ caData: AUTHORITY }))).toBe(
      `Post "${url}/filter": ${x509} certificate has expired or is not yet valid`,
    );
  });

  test('a server that wants to know who asks', async () => {
    const url = await start({ ...SERVER, clientAuthority: AUTHORITY });
    const known = transport({ caData: AUTHORITY, certData: CLIENT.cert, keyData: CLIENT.key });
    expect(ask(url, known)).toEqual(['n1']);
    expect(ask(url, transport({ caData: AUTHORITY }))).toBe(
      `Post "${url}/filter": remote error: tls: certificate required`,
    );
  });

  test('a server without TLS', async () => {
    const url = await start();
    const answer = ask(url, transport({ caData: AUTHORITY }));
    expect(answer).toBe(`Post "${url}/filter": http: server gave HTTP response to HTTPS client`);
  });

  test('a server that hangs in the handshake', async () => {
    // This thread waits, so it does not even accept the connection.
    const listener = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => listener.once('listening', resolve));
    const url = `https://127.0.0.1:${(listener.address() as { port: number }).port}`;
    expect(ask(url, transport({ caData: AUTHORITY }))).toBe(
      `Post "${url}/filter": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)`,
    );
    listener.close();
  });
});

describe('certificates that cannot be used fail at the start', () => {
  test.each<[string, Tls, string]>([
    ['a missing file', { caFile: '/nonexistent/ca.pem' }, 'open /nonexistent/ca.pem: no such file or directory'],
    [
      'an authority that is none',
      { caData: 'garbage' },
      'unable to load root certificates: unable to parse bytes as PEM block',
    ],
    [
      'no certificate',
      { caData: AUTHORITY, certData: 'c', keyData: 'k' },
      'tls: failed to find any PEM data in certificate input',
    ],
    [
      'no key',
      { caData: AUTHORITY, certData: CLIENT.cert, keyData: 'k' },
      'tls: failed to find any PEM data in key input',
    ],
    [
      'a certificate for a key',
      { caData: AUTHORITY, certData: CLIENT.cert, keyData: CLIENT.cert },
      'tls: found a certificate rather than a key in the PEM for the private key',
    ],
    [
      "somebody else's key",
      { caData: AUTHORITY, certData: CLIENT.cert, keyData: SERVER.key },
      'tls: private key does not match public key',
    ],
  ])('%s', (_, tls, expected) => {
    expect(() => transport(tls)).toThrow(new ConfigError('build', `couldn't build extenders: ${expected}`));
  });

  test('a certificate without a key counts for nothing, as upstream', async () => {
    const server = await FaultyServer.start(SERVER);
    const halves = transport({ caData: AUTHORITY, certData: CLIENT.cert });
    expect(ask(server.url('ok', 'https'), halves)).toEqual(['n1']);
    await server.stop();
  });
});
