import { describe, expect, it } from 'vitest';
import type { PersistentVolume } from '../../api/index.ts';
import { inTreePluginNamed, inTreePluginOf, translateVolume, type VolumeSources } from './csi-migration.ts';

const ZONE = 'topology.kubernetes.io/zone';
const BETA_ZONE = 'failure-domain.beta.kubernetes.io/zone';
const BETA_REGION = 'failure-domain.beta.kubernetes.io/region';
const GCE_ZONE = 'topology.gke.io/zone';

const translate = (source: VolumeSources, labels: Record<string, string> = {}, terms?: object[]) => {
  const nodeAffinity = terms && { required: { nodeSelectorTerms: terms } };
  const volume = { metadata: { name: 'v', labels }, spec: { ...source, nodeAffinity } } as PersistentVolume;
  return translateVolume(volume, inTreePluginOf(source)!);
};
const handle = (source: VolumeSources, labels?: Record<string, string>) => translate(source, labels).volumeHandle;

describe('what a driver calls an in-tree volume', () => {
  const ebs = (volumeID: string) => ({ awsElasticBlockStore: { volumeID } });
  const gce = { gcePersistentDisk: { pdName: 'd' } };
  const azure = (kind?: string) => ({ azureDisk: { diskURI: '/disks/d', kind } });

  it.each([
    ['EBS, plain', ebs('vol-1'), {}, 'vol-1'],
    ['EBS, anything that is no address', ebs('disk'), {}, 'disk'],
    ['EBS, with a zone', ebs('aws://zone/vol-1'), {}, 'vol-1'],
    ['EBS, without a zone', ebs('aws:///vol-1'), {}, 'vol-1'],
    ['GCE, no zone', gce, {}, 'projects/UNSPECIFIED/zones/UNSPECIFIED/disks/d'],
    ['GCE, one zone', gce, { [ZONE]: 'us-east1-a' }, 'projects/UNSPECIFIED/zones/us-east1-a/disks/d'],
    ['GCE, the beta label first', gce, { [ZONE]: 'x', [BETA_ZONE]: 'y' }, 'projects/UNSPECIFIED/zones/y/disks/d'],
    ['GCE, a region', gce, { [ZONE]: 'us-east1-a__us-east1-b' }, 'projects/UNSPECIFIED/regions/us-east1/disks/d'],
    ['Azure', azure(), {}, '/disks/d'],
    ['Azure, of the kind that drivers know', azure('managed'), {}, '/disks/d'],
    ['Cinder', { cinder: { volumeID: 'c' } }, {}, 'c'],
    ['Portworx', { portworxVolume: { volumeID: 'p' } }, {}, 'p'],
  ])('%s', (_, source, labels, expected) => {
    expect(handle(source, labels)).toBe(expected);
  });

  it.each([
    [
      ebs('aws://zone/disk'),
      {},
      'failed to translate Kubernetes ID to EBS Volume ID Invalid format for AWS volume (aws://zone/disk)',
    ],
    [azure('Dedicated'), {}, 'kind(Dedicated) is not supported in csi migration'],
    [
      gce,
      { [ZONE]: 'us-east1-a__here' },
      'failed to get region from zones: zone in unexpected format, expected: {locale}-{region}-{zone}, got: here',
    ],
    [
      gce,
      { [ZONE]: 'us-west2-a__us-east1-a' },
      'failed to get region from zones: multiple or no regions gotten from zones, got: map[us-east1:{} us-west2:{}]',
    ],
  ])('or why it cannot: %j %j', (source, labels, message) => {
    expect(() => handle(source, labels)).toThrow(message);
  });
});

describe('where a driver can use an in-tree volume', () => {
  const gce = { gcePersistentDisk: { pdName: 'd' } };
  const needs = (key: string, ...values: string[]) => ({ matchExpressions: [{ key, operator: 'In', values }] });
  const terms = (...args: Parameters<typeof translate>) => translate(...args).requiredAffinity?.nodeSelectorTerms;

  it('anywhere, when the volume says nothing', () => {
    expect(terms(gce)).toBeUndefined();
  });

  it("in the zones of its affinity, under the driver's key", () => {
    expect(terms(gce, { [ZONE]: 'label' }, [needs(ZONE, 'a'), needs('disk', 'x')])).toEqual([
      needs(GCE_ZONE, 'a'),
      needs('disk', 'x'),
    ]);
  });

  it('in the zones of its label, when its affinity names none', () => {
    const zones = ['us-east1-a', 'us-east1-b'];
    expect(terms(gce, { [ZONE]: zones.join('__') })).toEqual([needs(GCE_ZONE, ...zones)]);
    const [term] = terms(gce, { [ZONE]: 'a' }, [needs('disk', 'x')])!;
    expect(term!.matchExpressions).toEqual(
      [needs('disk', 'x'), needs(GCE_ZONE, 'a')].flatMap(({ matchExpressions }) => matchExpressions),
    );
  });

  it('with beta regions under their new key, when the zones are beta too', () => {
    const beta = [
      { matchExpressions: [BETA_ZONE, BETA_REGION].map((key) => ({ key, operator: 'In', values: ['x'] })) },
    ];
    const keys = terms(gce, {}, beta)![0]!.matchExpressions!.map(({ key }) => key);
    expect(keys).toEqual([GCE_ZONE, 'topology.kubernetes.io/region']);
    expect(terms(gce, {}, [needs(BETA_REGION, 'x')])).toEqual([needs(BETA_REGION, 'x')]);
  });

  it('as it is, for Azure disks and Portworx', () => {
    const source = { azureDisk: { diskURI: 'd' } };
    expect(terms(source, {}, [needs(ZONE, 'a')])).toEqual([needs(ZONE, 'a')]);
  });
});

it('in-tree plugins are found by volume and by name', () => {
  expect(inTreePluginOf({})).toBeUndefined();
  expect(inTreePluginOf({ cinder: { volumeID: 'c' } })).toBe(inTreePluginNamed('kubernetes.io/cinder'));
  expect(inTreePluginNamed('kubernetes.io/cinder')?.driver).toBe('cinder.csi.openstack.org');
  expect(inTreePluginNamed('csi')).toBeUndefined();
});
