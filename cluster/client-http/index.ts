/** The API server over HTTP, as a client sees it. */
export { HttpClient, type HttpClientOptions } from './http-client.ts';
export { type Access, kubeconfigText, readKubeconfig } from './kubeconfig.ts';
