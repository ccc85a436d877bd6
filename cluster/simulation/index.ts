export { ApiBinding } from './api-binding.ts';
export {
  ApiModel,
  type ApiModelOptions,
  type ApiObserver,
  type ApiWrite,
  KNOWN_KINDS,
  keyOf,
  keyOfObject,
} from './api-model.ts';
export { AttemptRecorder, groupName } from './attempt-recorder.ts';
export { type AttemptTime, attemptTime, durationMs, upstreamAttemptMs } from './attempt-time.ts';
export { type EventsFile, readEventsFile } from './events-file.ts';
export type { Departure } from './kubelets.ts';
export {
  Simulation,
  type SimulationEvent,
  type SimulationObserver,
  type SimulationOptions,
  type StepInfo,
} from './simulation.ts';
export { Volumes, type VolumesOptions } from './volumes.ts';
