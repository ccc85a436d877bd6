/**
 * Extenders that bind, in a simulation: one that says yes has told no API server, for there is none that it could know. The
 * simulation's own API then takes the binding, as if the extender had sent it there.
 */
import type { Pod } from '../../api/index.ts';
import { readBindingError } from '../../scheduler/extender/answers.ts';
import type { ExtenderResponse, ExtenderTransport } from '../../scheduler/extender/extender.ts';
import { type ApiModel, keyOf } from './api-model.ts';

/** How a binding begins, and no other request. */
const BINDING = '{"PodName":';
const OK = 200;

export class ApiBinding implements ExtenderTransport {
  private readonly inner: ExtenderTransport;
  private readonly api: () => ApiModel;

  constructor(inner: ExtenderTransport, api: () => ApiModel) {
    this.inner = inner;
    this.api = api;
  }

  post(url: string, body: string): ExtenderResponse {
    const response = this.inner.post(url, body);
    if (!body.startsWith(BINDING) || response.status !== OK || readBindingError(response) !== '') return response;
    const error = this.bind(JSON.parse(body) as { PodNamespace: string; PodName: string; Node: string });
    return error === undefined ? response : { status: OK, body: JSON.stringify({ Error: error }) };
  }

  private bind({
    PodNamespace,
    PodName,
    Node,
  }: {
    PodNamespace: string;
    PodName: string;
    Node: string;
  }): string | undefined {
    const api = this.api();
    const pod = api.get('Pod', keyOf('Pod', PodNamespace, PodName)) ?? {
      metadata: { namespace: PodNamespace, name: PodName },
    };
    let problem: string | undefined;
    api.bind(pod as Pod, Node, (error) => {
      problem = error?.message;
    });
    return problem;
  }
}
