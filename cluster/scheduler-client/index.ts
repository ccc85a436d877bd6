/** The scheduler against an API server. */
export { ClientSchedulerApi, type ClientSchedulerApiOptions } from './client-scheduler-api.ts';
export { EventRecorder } from './event-recorder.ts';
export { SchedulerMetrics } from './metrics.ts';
export { Reflector, type ReflectorOptions } from './reflector.ts';
export { FOLLOWED, LIVE_PODS } from './resources.ts';
export { type RunningScheduler, type RunSchedulerOptions, runScheduler } from './run-scheduler.ts';
