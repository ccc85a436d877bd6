/** Every request that was recorded, of whoever sent it. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedAnswers, RecordedClients, RecordedRequest } from '../recorded.ts';
import { readRecording } from '../replay.ts';

export function recordedRequests(folder: string): RecordedRequest[] {
  return readdirSync(folder)
    .filter((name) => /\.json(\.gz)?$/.test(name))
    .sort()
    .flatMap((name) => requestsIn(JSON.parse(readRecording(join(folder, name))) as RecordedAnswers | RecordedClients));
}

function requestsIn(recorded: RecordedAnswers | RecordedClients): RecordedRequest[] {
  if ('cases' in recorded) return recorded.cases.map(({ req }) => req);
  return recorded.recordings.flatMap(({ commands, requests = [] }) => [
    ...(commands ?? []).flatMap((command) => command.requests),
    ...requests,
  ]);
}
