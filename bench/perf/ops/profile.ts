/** `startCollectingProfile` and `stopCollectingProfile`: a CPU profile, in the form that V8 and Chrome's tools have. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { type Profiler, Session } from 'node:inspector/promises';
import path from 'node:path';
import { WorkloadError } from '../workload-run.ts';

export class CpuProfile {
  private session: Session | undefined;
  private file = '';

  async start(file: string): Promise<void> {
    if (this.session !== undefined) throw new WorkloadError('cpu profile collection is already ongoing');
    this.file = file;
    this.session = new Session();
    this.session.connect();
    await this.session.post('Profiler.enable');
    await this.session.post('Profiler.start');
  }

  async stop(): Promise<void> {
    const { session, file } = this;
    if (session === undefined) throw new WorkloadError('missing startCollectingProfile operation before stopping');
    const { profile }: Profiler.StopReturnType = await session.post('Profiler.stop');
    session.disconnect();
    this.session = undefined;
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(profile));
  }
}
