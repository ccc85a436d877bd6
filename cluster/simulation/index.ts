export { type ApiObserver, type ApiWrite, KNOWN_KINDS, keyOf, keyOfObject } from './api-model.ts';
export { Simulation, type SimulationEvent, type SimulationOptions, type StepInfo } from './simulation.ts';
