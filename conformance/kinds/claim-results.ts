/** What a decision case leaves behind in resource claims, in the form of the golden files. */
import type { ContainerDeviceMapping, ResourceClaim } from '../../api/index.ts';
import type { PluginRegistry } from '../../scheduler/index.ts';
import type { PluginApi, PluginDefinition } from '../../scheduler/plugin.ts';
import type { ClaimResult, DecisionCase } from './decision-types.ts';

const PLUGIN = 'DynamicResources';

interface ExtendedStatus {
  readonly resourceClaimName: string;
  readonly requestMappings: readonly ContainerDeviceMapping[];
}

export class ClaimResults {
  private readonly testCase: DecisionCase;
  private readonly extended = new Map<string, ExtendedStatus>();

  constructor(testCase: DecisionCase) {
    this.testCase = testCase;
  }

  /** The plugins, so that what is written to pods is seen, and as little is written as the case asks for. */
  registry(plugins: PluginRegistry): PluginRegistry {
    const definition = plugins.get(PLUGIN);
    return definition === undefined ? plugins : new Map([...plugins, [PLUGIN, this.observed(definition)]]);
  }

  extendedClaimOf(podUid: string): unknown {
    const status = this.extended.get(podUid);
    return status && { claim: status.resourceClaimName, mappings: status.requestMappings };
  }

  final(claims: Iterable<ResourceClaim>): ClaimResult[] {
    const given = new Set(this.testCase.resourceClaims?.map(({ metadata }) => metadata?.name));
    const results = Array.from(claims, (claim) => resultOf(claim, given.has(claim.metadata?.name)));
    return results.sort((a, b) => (a.claim < b.claim ? -1 : 1));
  }

  private observed(definition: PluginDefinition): PluginDefinition {
    return {
      ...definition,
      create: (args, handle) => {
        const plugin = definition.create(args, { ...handle, api: this.observedApi(handle.api) });
        if (this.testCase.options?.reserveOnly === true) plugin.preBind = undefined;
        return plugin;
      },
    };
  }

  private observedApi(api: PluginApi): PluginApi {
    return {
      get: (object, answer) => api.get(object, answer),
      create: (object, answer) => api.create(object, answer),
      update: (object, answer) => api.update(object, answer),
      delete: (object, answer) => api.delete(object, answer),
      patchPodStatus: (pod, fields, answer) => {
        const status = fields.extendedResourceClaimStatus as ExtendedStatus | undefined;
        if (status !== undefined) this.extended.set(pod.metadata?.uid ?? '', status);
        api.patchPodStatus(pod, fields, answer);
      },
    };
  }
}

function resultOf({ metadata, spec, status }: ResourceClaim, isGiven: boolean): ClaimResult {
  const { allocation } = status ?? {};
  const results = allocation?.devices.results?.map((result) =>
    result.shareID === undefined || result.shareID.startsWith('given') ? result : { ...result, shareID: 'share' },
  );
  const [owner] = metadata?.ownerReferences ?? [];
  return {
    claim: `${metadata?.namespace ?? 'default'}/${metadata?.name ?? ''}`,
    ...(isGiven ? {} : { owner: owner?.name, requests: spec?.devices?.requests }),
    allocation: allocation && { ...allocation, devices: { ...allocation.devices, results } },
    reservedFor: status?.reservedFor?.length ? status.reservedFor : undefined,
  };
}
