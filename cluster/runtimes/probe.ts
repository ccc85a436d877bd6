/**
 * What a command that runs in a modelled container finds. A model has no network, so that probes over it come as the command
 * `berth-probe KIND ...`; commands of exec probes are told apart by an annotation of the container.
 */
import type { ExecSyncResult } from '../cri/index.ts';
import type { Behaviour } from './behaviour.ts';
import type { ContainerRecord } from './records.ts';

export const PROBE = 'berth-probe';
/** Of a container: JSON of what each command of an exec probe asks for. */
export const EXEC_PROBES = 'berth/exec-probes';

export type ProbeKind = 'startup' | 'liveness' | 'readiness';

const NOTHING = new Uint8Array();
const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const OK: ExecSyncResult = { stdout: NOTHING, stderr: NOTHING, exitCode: 0 };

export function probeAnswer(
  { annotations, behaviour }: ContainerRecord,
  command: readonly string[],
  ranMs: number,
  _timeoutS: number,
): ExecSyncResult {
  const kind = kindOf(annotations[EXEC_PROBES], command);
  if (kind === undefined) return { ...OK, stdout: text(`${command.join(' ')}\n`) };
  if (succeeds(kind, behaviour, ranMs)) return OK;
  return { stdout: text(FAILURES[kind]), stderr: NOTHING, exitCode: 1 };
}

const FAILURES: Readonly<Record<ProbeKind, string>> = {
  startup: 'not started yet',
  liveness: 'not alive',
  readiness: 'not ready',
};

function kindOf(annotation: string | undefined, command: readonly string[]): ProbeKind | undefined {
  if (command[0] === PROBE) return command[1] as ProbeKind;
  if (annotation === undefined) return undefined;
  return (JSON.parse(annotation) as Record<string, ProbeKind>)[command.join(' ')];
}

function succeeds(kind: ProbeKind, behaviour: Behaviour, ranMs: number): boolean {
  const {
    startedMs = 0,
    readyMs = 0,
    unreadyMs = Number.POSITIVE_INFINITY,
    liveMs = Number.POSITIVE_INFINITY,
  } = behaviour;
  if (kind === 'startup') return ranMs >= startedMs;
  if (kind === 'liveness') return ranMs < liveMs;
  return ranMs >= Math.max(startedMs, readyMs) && ranMs < unreadyMs;
}
