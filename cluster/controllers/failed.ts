/** A sync that cannot go on for a reason that no answer of the API gives; it is tried again like any other. */
import { Refusal } from './steps.ts';

export const failed = (message: string): Refusal =>
  new Refusal({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code: 500 });
