/** Calls of the API as promises. */
import type { KubeObject } from '../../../api/index.ts';
import type { ApiClient, Target } from '../../../cluster/apiserver/client.ts';

export const created = (client: ApiClient, target: Target, object: KubeObject): Promise<void> =>
  new Promise((resolve, reject) => {
    client.create(target, object, {}, (error) => {
      if (error === undefined) resolve();
      else reject(new Error(error.message));
    });
  });
