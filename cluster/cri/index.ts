/** CRI v1: what a kubelet and a runtime say to each other, by direct call or over gRPC. */
export { CriClient, type CriClientOptions } from './grpc-client.ts';
export { type CriServer, serveCri } from './grpc-server.ts';
export * from './messages.ts';
export * from './services.ts';
