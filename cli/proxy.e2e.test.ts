import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { proxyCommand } from './proxy.ts';

const EXAMPLE = 'docs/examples/proxy.yaml';
const INPUT = ['--services', EXAMPLE, '--slices', EXAMPLE, '--node', 'node-1'];

async function berth(...args: string[]): Promise<string> {
  let out = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  try {
    await proxyCommand().parseAsync(args, { from: 'user' });
  } finally {
    write.mockRestore();
  }
  return out;
}

describe('berth proxy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'berth-proxy-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['pod', '10.96.0.10:80', /10\.244\.1\.21:8080 {2}0\.333333 {2}node-2[\s\S]*masquerade: no/],
    ['external', '10.96.0.10:80', /masquerade: yes/],
    ['external', '192.168.0.2:30080', /\n {2}10\.244\.0\.22:8080 {2}1\.000000 {2}this node\nmasquerade: no/],
    ['pod', '10.96.0.20:9000', /reject: shop\/cart:grpc has no endpoints/],
    ['pod', '10.96.7.7:80', /drop: unused address of the service range/],
  ])('tells where a connection from %s to %s goes', async (from, to, expected) => {
    expect(await berth('probe', ...INPUT, '--from', from, '--to', to)).toMatch(expected);
  });

  it('prints the rules of both modes', async () => {
    expect(await berth('rules', ...INPUT)).toContain('chain local-KHN6ECMT-shop/web/tcp/http {');
    expect(await berth('rules', ...INPUT, '--mode', 'iptables')).toContain('KUBE-SVL-67NZLRHBNDSAWJRO');
  });

  it('says what is wrong with its input, and where', async () => {
    const broken = join(folder, 'broken.yaml');
    writeFileSync(broken, 'apiVersion: v1\nkind: Service\nspec: { clusterIP: 10.96.0.1, ports: 5 }\n');
    const rules = (file: string) => berth('rules', '--services', file, '--slices', EXAMPLE, '--node', 'n');
    await expect(rules(broken)).rejects.toThrow(/broken\.yaml:1:1: this is not the form of a Service/);
    await expect(rules('none.yaml')).rejects.toThrow('file "none.yaml" not found');
    await expect(berth('probe', ...INPUT, '--from', 'me', '--to', '10.96.0.1:80')).rejects.toThrow(
      '--from: "me" is no',
    );
  });
});
