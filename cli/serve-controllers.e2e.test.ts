/** `berth serve` has controllers: what real kubectl makes and deletes is looked after. */
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BuiltCli } from './built-cli.fixture.ts';

const KUBECTL = process.env.BERTH_KUBECTL ?? 'kubectl';

function hasKubectl(): boolean {
  try {
    execFileSync(KUBECTL, ['version', '--client'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let waited = 0; !isTrue(); waited += 200) {
    if (waited > 30_000) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

describe.skipIf(!hasKubectl())('berth serve --controllers', () => {
  let cli: BuiltCli;
  let stop: () => Promise<unknown>;
  const kubectl = (...args: string[]): string =>
    execFileSync(KUBECTL, ['--kubeconfig', path.join(cli.cwd, 'kc'), ...args], { encoding: 'utf8' });

  beforeAll(async () => {
    cli = new BuiltCli();
    const flags = ['--listen', '127.0.0.1:0', '--store', 'memory', '--kubeconfig', 'kc', '--ready-file', 'ready'];
    const { child, done } = cli.start(['serve', ...flags]);
    await until(() => existsSync(path.join(cli.cwd, 'ready')) || child.exitCode !== null);
    stop = () => {
      child.kill('SIGTERM');
      return done;
    };
  });
  afterAll(async () => {
    await stop();
    cli.remove();
  });

  it('makes the pods of a Deployment, and empties a namespace that is deleted', async () => {
    kubectl('create', 'namespace', 'shop');
    kubectl('create', 'deployment', 'web', '--image=nginx', '-n', 'shop');
    kubectl('scale', 'deployment', 'web', '--replicas=3', '-n', 'shop');
    const pods = (): string[] => kubectl('get', 'pods', '-n', 'shop', '-o', 'name').split('\n').filter(Boolean);
    await until(() => pods().length === 3);
    const account = ['get', 'serviceaccount', 'default', '-n', 'shop', '-o', 'name'];
    expect(kubectl(...account)).toBe('serviceaccount/default\n');
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 't', annotations: { 'kubernetes.io/service-account.name': 'default' } },
      type: 'kubernetes.io/service-account-token',
    };
    writeFileSync(path.join(cli.cwd, 'secret.json'), JSON.stringify(secret));
    kubectl('create', '-f', path.join(cli.cwd, 'secret.json'), '-n', 'shop');
    await until(() => kubectl('get', 'secret', 't', '-n', 'shop', '-o', 'jsonpath={.data.token}') !== '');
    kubectl('delete', 'namespace', 'shop');
    expect(kubectl('get', 'namespaces', '-o', 'name')).not.toContain('shop');
    expect(kubectl('get', 'pods,deployments,replicasets', '--all-namespaces', '-o', 'name')).not.toContain('web');
  });
});
