/** Every family of traces that berth reads, by name; a new one is added here. */
import { InputError } from '../../api/index.ts';
import { batch2017Family } from '../from-alibaba-2017.ts';
import { batch2018Family } from '../from-alibaba-2018.ts';
import { dlrmFamily } from '../from-alibaba-dlrm.ts';
import { spotFamily } from '../from-alibaba-spot.ts';
import { azurePackingFamily } from '../from-azure-packing.ts';
import { azureVmFamily } from '../from-azure-vm.ts';
import { google2011Family } from '../from-google-2011.ts';
import { google2019Family } from '../from-google-2019.ts';
import { heliosFamily } from '../from-helios.ts';
import { kwokFamily } from '../from-kwok.ts';
import { opendcFamily } from '../from-opendc.ts';
import { paiFamily } from '../from-pai.ts';
import { phillyFamily } from '../from-philly.ts';
import { simkubeFamily } from '../from-simkube.ts';
import { swfFamily } from '../from-swf.ts';
import type { TraceFamily } from './model.ts';
import { openbFamily } from './openb-family.ts';

export const TRACE_FAMILIES: readonly TraceFamily[] = [
  openbFamily,
  dlrmFamily,
  spotFamily,
  batch2017Family,
  batch2018Family,
  paiFamily,
  azureVmFamily,
  azurePackingFamily,
  phillyFamily,
  heliosFamily,
  swfFamily,
  opendcFamily,
  google2011Family,
  google2019Family,
  kwokFamily,
  simkubeFamily,
];

/** Throws InputError for an unknown name. */
export function familyOf(name: string): TraceFamily {
  const family = TRACE_FAMILIES.find((candidate) => candidate.name === name);
  if (family !== undefined) return family;
  throw new InputError(
    `"${name}" is not a family of traces; the families are ${TRACE_FAMILIES.map((known) => known.name).join(', ')}`,
  );
}
