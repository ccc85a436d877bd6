export { HttpTransport, httpTransport } from './http-transport.ts';
