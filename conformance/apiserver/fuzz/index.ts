/** Odd requests against the API server. */
export { type CampaignResult, type Finding, runCampaign } from './campaign.ts';
export { HeapWatch } from './heap-watch.ts';
export { faultOf } from './judge.ts';
export { recordedRequests } from './recordings.ts';
export { FuzzTarget } from './target.ts';
