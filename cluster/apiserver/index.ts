/** The API server and its client by reference; `wire/` serves it over HTTP. */
export { type AdmissionSwitches, DEFAULT_ADMISSION } from './admission/switches.ts';
export type * from './client.ts';
export type { Core, Review, ReviewRequest, Reviews, ServerAnswer } from './core.ts';
export * from './failures.ts';
export { type IdSource, seededIds, WordIds } from './ids.ts';
export { ADMIN, InProcessClient, type InProcessClientOptions } from './in-process-client.ts';
export type { Registry } from './kinds/registry.ts';
export type { Resource, StoredKind, Strategy, SubresourceInfo, Verb } from './kinds/resource.ts';
export { asWritten } from './kinds/schema/as-written.ts';
export { decodeStruct } from './kinds/schema/decode.ts';
export { type FieldSchema, type StructSchema, schemaOf, structSchema, type TypeSchema } from './kinds/schema/schema.ts';
export { RESOURCES, registry } from './kinds/table.ts';
export type { Authorize, RequestAttributes, RequestContext, UserInfo } from './request-context.ts';
export { ApiServer, type ApiServerOptions } from './server.ts';
export type { ServiceRanges } from './services/address-pool.ts';
export { serviceRanges } from './services/ranges.ts';
export type * from './status.ts';
