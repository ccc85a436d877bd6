/**
 * One run of a probe. Commands run in the container by CRI; a model has no network, so that what would go over it is asked of
 * the container as well, by a command of its own. Source of the messages: `pkg/probe/{http,tcp,grpc}`, v1.37.2.
 */
import type { Container } from '../../api/index.ts';
import type { CriAnswer, ExecSyncResult, RuntimeService } from '../cri/index.ts';
import { EXEC_PROBES, PROBE } from '../runtimes/probe.ts';
import type { Probe, ProbeKind } from './probes.ts';

export interface ProbeRun {
  /** Undefined: it could not be run. */
  readonly isSuccess: boolean | undefined;
  readonly output: string;
}

export function runProbe(
  runtime: RuntimeService,
  id: string,
  kind: ProbeKind,
  probe: Probe,
  podIp: string,
  done: (run: ProbeRun) => void,
): void {
  const command = probe.exec?.command ?? [PROBE, kind];
  const answer: CriAnswer<ExecSyncResult> = (error, result) => {
    if (error !== undefined) done({ isSuccess: undefined, output: error.text });
    else if (result.exitCode === 0) done({ isSuccess: true, output: '' });
    else done({ isSuccess: false, output: failureOf(probe, podIp, result) });
  };
  runtime.execSync(id, command, probe.timeoutSeconds ?? 1, answer);
}

const UNAVAILABLE = 503;

function failureOf(probe: Probe, podIp: string, { stdout }: ExecSyncResult): string {
  if (probe.httpGet !== undefined) return `HTTP probe failed with statuscode: ${UNAVAILABLE}`;
  if (probe.tcpSocket !== undefined) return `dial tcp ${podIp}:${probe.tcpSocket.port}: connect: connection refused`;
  if (probe.grpc !== undefined) return 'service unhealthy (responded with "NOT_SERVING")';
  return new TextDecoder().decode(stdout);
}

const KINDS = [
  ['startup', 'startupProbe'],
  ['liveness', 'livenessProbe'],
  ['readiness', 'readinessProbe'],
] as const;

/** What a modelled container needs to tell the commands of its exec probes apart; undefined without any. */
export function execProbesOf(container: Container): Readonly<Record<string, string>> | undefined {
  const commands: Record<string, ProbeKind> = {};
  for (const [kind, field] of KINDS) {
    const command = container[field]?.exec?.command;
    if (command !== undefined) commands[command.join(' ')] = kind;
  }
  return Object.keys(commands).length === 0 ? undefined : { [EXEC_PROBES]: JSON.stringify(commands) };
}
