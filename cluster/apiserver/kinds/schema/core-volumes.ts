/** Volumes of pods and of the cluster. Source: `k8s.io/api`, v0.37.2, written by `generate/main.go`. How to read it: `schema.ts`. */
export const CORE_VOLUMES = `
## core
AWSElasticBlockStoreVolumeSource
 volumeID string #1 !
 fsType string #2
 partition int32 #3
 readOnly bool #4
AzureDiskVolumeSource
 diskName string #1 !
 diskURI string #2 !
 cachingMode string/v1.AzureDataDiskCachingMode #3 *
 fsType string #4 *
 readOnly bool #5 *
 kind string/v1.AzureDataDiskKind #6 *
AzureFilePersistentVolumeSource
 secretName string #1 !
 shareName string #2 !
 readOnly bool #3
 secretNamespace string #4 * !
AzureFileVolumeSource
 secretName string #1 !
 shareName string #2 !
 readOnly bool #3
CSIPersistentVolumeSource
 driver string #1 !
 volumeHandle string #2 !
 readOnly bool #3
 fsType string #4
 volumeAttributes {}string #5
 controllerPublishSecretRef .SecretReference #6 *
 nodeStageSecretRef .SecretReference #7 *
 nodePublishSecretRef .SecretReference #8 *
 controllerExpandSecretRef .SecretReference #9 *
 nodeExpandSecretRef .SecretReference #10 *
CSIVolumeSource
 driver string #1 !
 readOnly bool #2 *
 fsType string #3 *
 volumeAttributes {}string #4
 nodePublishSecretRef .LocalObjectReference #5 *
CephFSPersistentVolumeSource
 monitors []string #1 !
 path string #2
 user string #3
 secretFile string #4
 secretRef .SecretReference #5 *
 readOnly bool #6
CephFSVolumeSource
 monitors []string #1 !
 path string #2
 user string #3
 secretFile string #4
 secretRef .LocalObjectReference #5 *
 readOnly bool #6
CinderPersistentVolumeSource
 volumeID string #1 !
 fsType string #2
 readOnly bool #3
 secretRef .SecretReference #4 *
CinderVolumeSource
 volumeID string #1 !
 fsType string #2
 readOnly bool #3
 secretRef .LocalObjectReference #4 *
ClusterTrustBundleProjection
 name string #1 *
 signerName string #2 *
 labelSelector meta.LabelSelector #3 *
 optional bool #5 *
 path string #4 !
 user int64 #6 *
ConfigMapProjection
 name string #1 ^1
 items [].KeyToPath #2
 optional bool #4 *
ConfigMapVolumeSource
 name string #1 ^1
 items [].KeyToPath #2
 defaultMode int32 #3 *
 optional bool #4 *
 defaultUser int64 #5 *
DownwardAPIProjection
 items [].DownwardAPIVolumeFile #1
DownwardAPIVolumeFile
 path string #1 !
 fieldRef .ObjectFieldSelector #2 *
 resourceFieldRef .ResourceFieldSelector #3 *
 mode int32 #4 *
 user int64 #5 *
DownwardAPIVolumeSource
 items [].DownwardAPIVolumeFile #1
 defaultMode int32 #2 *
 defaultUser int64 #3 *
EmptyDirVolumeSource
 medium string/v1.StorageMedium #1
 sizeLimit quantity #2 *
 mode int32 #3 *
EphemeralVolumeSource
 volumeClaimTemplate .PersistentVolumeClaimTemplate #1 *
FCVolumeSource
 targetWWNs []string #1
 lun int32 #2 *
 fsType string #3
 readOnly bool #4
 wwids []string #5
FlexPersistentVolumeSource
 driver string #1 !
 fsType string #2
 secretRef .SecretReference #3 *
 readOnly bool #4
 options {}string #5
FlexVolumeSource
 driver string #1 !
 fsType string #2
 secretRef .LocalObjectReference #3 *
 readOnly bool #4
 options {}string #5
FlockerVolumeSource
 datasetName string #1
 datasetUUID string #2
GCEPersistentDiskVolumeSource
 pdName string #1 !
 fsType string #2
 partition int32 #3
 readOnly bool #4
GitRepoVolumeSource
 repository string #1 !
 revision string #2
 directory string #3
GlusterfsPersistentVolumeSource
 endpoints string #1 !
 path string #2 !
 readOnly bool #3
 endpointsNamespace string #4 *
GlusterfsVolumeSource
 endpoints string #1 !
 path string #2 !
 readOnly bool #3
HostPathVolumeSource
 path string #1 !
 type string/v1.HostPathType #2 *
ISCSIPersistentVolumeSource
 targetPortal string #1 !
 iqn string #2 !
 lun int32 #3 !
 iscsiInterface string #4
 fsType string #5
 readOnly bool #6
 portals []string #7
 chapAuthDiscovery bool #8
 chapAuthSession bool #11
 secretRef .SecretReference #10 *
 initiatorName string #12 *
ISCSIVolumeSource
 targetPortal string #1 !
 iqn string #2 !
 lun int32 #3 !
 iscsiInterface string #4
 fsType string #5
 readOnly bool #6
 portals []string #7
 chapAuthDiscovery bool #8
 chapAuthSession bool #11
 secretRef .LocalObjectReference #10 *
 initiatorName string #12 *
ImageVolumeSource
 reference string #1
 pullPolicy string/v1.PullPolicy #2
KeyToPath
 key string #1 !
 path string #2 !
 mode int32 #3 *
 user int64 #4 *
LocalObjectReference
 name string #1
LocalVolumeSource
 path string #1 !
 fsType string #2 *
ModifyVolumeStatus
 targetVolumeAttributesClassName string #1
 status string/v1.PersistentVolumeClaimModifyVolumeStatus #2 !
NFSVolumeSource
 server string #1 !
 path string #2 !
 readOnly bool #3
NodeSelector
 nodeSelectorTerms [].NodeSelectorTerm #1 !
NodeSelectorRequirement
 key string #1 !
 operator string/v1.NodeSelectorOperator #2 !
 values []string #3
NodeSelectorTerm
 matchExpressions [].NodeSelectorRequirement #1
 matchFields [].NodeSelectorRequirement #2
ObjectFieldSelector
 apiVersion string #1
 fieldPath string #2 !
ObjectReference
 kind string #1
 namespace string #2
 name string #3
 uid string/types.UID #4
 apiVersion string #5
 resourceVersion string #6
 fieldPath string #7
PersistentVolume
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .PersistentVolumeSpec #2 !
 status .PersistentVolumeStatus #3 !
PersistentVolumeClaim
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .PersistentVolumeClaimSpec #2 !
 status .PersistentVolumeClaimStatus #3 !
PersistentVolumeClaimCondition
 type string/v1.PersistentVolumeClaimConditionType #1 !
 status string/v1.ConditionStatus #2 !
 lastProbeTime time #3 !
 lastTransitionTime time #4 !
 reason string #5
 message string #6
PersistentVolumeClaimSpec
 accessModes []string/v1.PersistentVolumeAccessMode #1
 selector meta.LabelSelector #4 *
 resources .VolumeResourceRequirements #2 !
 volumeName string #3
 storageClassName string #5 *
 volumeMode string/v1.PersistentVolumeMode #6 *
 dataSource .TypedLocalObjectReference #7 *
 dataSourceRef .TypedObjectReference #8 *
 volumeAttributesClassName string #9 *
PersistentVolumeClaimStatus
 phase string/v1.PersistentVolumeClaimPhase #1
 accessModes []string/v1.PersistentVolumeAccessMode #2
 capacity {}quantity #3
 conditions [].PersistentVolumeClaimCondition #4 =type @type
 allocatedResources {}quantity #5
 allocatedResourceStatuses {}string/v1.ClaimResourceStatus #7
 currentVolumeAttributesClassName string #8 *
 modifyVolumeStatus .ModifyVolumeStatus #9 *
 healthStatus .VolumeHealthStatus #10 *
PersistentVolumeClaimTemplate
 metadata meta.ObjectMeta #1 !
 spec .PersistentVolumeClaimSpec #2 !
PersistentVolumeClaimVolumeSource
 claimName string #1 !
 readOnly bool #2
PersistentVolumeSpec
 capacity {}quantity #1
 gcePersistentDisk .GCEPersistentDiskVolumeSource #1 * ^2
 awsElasticBlockStore .AWSElasticBlockStoreVolumeSource #2 * ^2
 hostPath .HostPathVolumeSource #3 * ^2
 glusterfs .GlusterfsPersistentVolumeSource #4 * ^2
 nfs .NFSVolumeSource #5 * ^2
 rbd .RBDPersistentVolumeSource #6 * ^2
 iscsi .ISCSIPersistentVolumeSource #7 * ^2
 cinder .CinderPersistentVolumeSource #8 * ^2
 cephfs .CephFSPersistentVolumeSource #9 * ^2
 fc .FCVolumeSource #10 * ^2
 flocker .FlockerVolumeSource #11 * ^2
 flexVolume .FlexPersistentVolumeSource #12 * ^2
 azureFile .AzureFilePersistentVolumeSource #13 * ^2
 vsphereVolume .VsphereVirtualDiskVolumeSource #14 * ^2
 quobyte .QuobyteVolumeSource #15 * ^2
 azureDisk .AzureDiskVolumeSource #16 * ^2
 photonPersistentDisk .PhotonPersistentDiskVolumeSource #17 * ^2
 portworxVolume .PortworxVolumeSource #18 * ^2
 scaleIO .ScaleIOPersistentVolumeSource #19 * ^2
 local .LocalVolumeSource #20 * ^2
 storageos .StorageOSPersistentVolumeSource #21 * ^2
 csi .CSIPersistentVolumeSource #22 * ^2
 accessModes []string/v1.PersistentVolumeAccessMode #3
 claimRef .ObjectReference #4 *
 persistentVolumeReclaimPolicy string/v1.PersistentVolumeReclaimPolicy #5
 storageClassName string #6
 mountOptions []string #7
 volumeMode string/v1.PersistentVolumeMode #8 *
 nodeAffinity .VolumeNodeAffinity #9 *
 volumeAttributesClassName string #10 *
PersistentVolumeStatus
 phase string/v1.PersistentVolumePhase #1
 message string #2
 reason string #3
 lastPhaseTransitionTime time #4 *
PhotonPersistentDiskVolumeSource
 pdID string #1 !
 fsType string #2
PodCertificateProjection
 signerName string #1
 keyType string #2
 maxExpirationSeconds int32 #3 *
 credentialBundlePath string #4
 keyPath string #5
 certificateChainPath string #6
 userAnnotations {}string #7
 user int64 #8 *
PortworxVolumeSource
 volumeID string #1 !
 fsType string #2
 readOnly bool #3
ProjectedVolumeSource
 sources [].VolumeProjection #1 !
 defaultMode int32 #2 *
 defaultUser int64 #3 *
QuobyteVolumeSource
 registry string #1 !
 volume string #2 !
 readOnly bool #3
 user string #4
 group string #5
 tenant string #6
RBDPersistentVolumeSource
 monitors []string #1 !
 image string #2 !
 fsType string #3
 pool string #4
 user string #5
 keyring string #6
 secretRef .SecretReference #7 *
 readOnly bool #8
RBDVolumeSource
 monitors []string #1 !
 image string #2 !
 fsType string #3
 pool string #4
 user string #5
 keyring string #6
 secretRef .LocalObjectReference #7 *
 readOnly bool #8
ResourceFieldSelector
 containerName string #1
 resource string #2 !
 divisor quantity #3
ScaleIOPersistentVolumeSource
 gateway string #1 !
 system string #2 !
 secretRef .SecretReference #3 * !
 sslEnabled bool #4
 protectionDomain string #5
 storagePool string #6
 storageMode string #7
 volumeName string #8
 fsType string #9
 readOnly bool #10
ScaleIOVolumeSource
 gateway string #1 !
 system string #2 !
 secretRef .LocalObjectReference #3 * !
 sslEnabled bool #4
 protectionDomain string #5
 storagePool string #6
 storageMode string #7
 volumeName string #8
 fsType string #9
 readOnly bool #10
SecretProjection
 name string #1 ^1
 items [].KeyToPath #2
 optional bool #4 *
SecretReference
 name string #1
 namespace string #2
SecretVolumeSource
 secretName string #1
 items [].KeyToPath #2
 defaultMode int32 #3 *
 optional bool #4 *
 defaultUser int64 #5 *
ServiceAccountTokenProjection
 audience string #1
 expirationSeconds int64 #2 *
 path string #3 !
 user int64 #4 *
StorageOSPersistentVolumeSource
 volumeName string #1
 volumeNamespace string #2
 fsType string #3
 readOnly bool #4
 secretRef .ObjectReference #5 *
StorageOSVolumeSource
 volumeName string #1
 volumeNamespace string #2
 fsType string #3
 readOnly bool #4
 secretRef .LocalObjectReference #5 *
TypedLocalObjectReference
 apiGroup string #1 * !
 kind string #2 !
 name string #3 !
TypedObjectReference
 apiGroup string #1 * !
 kind string #2 !
 name string #3 !
 namespace string #4 *
Volume
 name string #1 !
 hostPath .HostPathVolumeSource #1 * ^2
 emptyDir .EmptyDirVolumeSource #2 * ^2
 gcePersistentDisk .GCEPersistentDiskVolumeSource #3 * ^2
 awsElasticBlockStore .AWSElasticBlockStoreVolumeSource #4 * ^2
 gitRepo .GitRepoVolumeSource #5 * ^2
 secret .SecretVolumeSource #6 * ^2
 nfs .NFSVolumeSource #7 * ^2
 iscsi .ISCSIVolumeSource #8 * ^2
 glusterfs .GlusterfsVolumeSource #9 * ^2
 persistentVolumeClaim .PersistentVolumeClaimVolumeSource #10 * ^2
 rbd .RBDVolumeSource #11 * ^2
 flexVolume .FlexVolumeSource #12 * ^2
 cinder .CinderVolumeSource #13 * ^2
 cephfs .CephFSVolumeSource #14 * ^2
 flocker .FlockerVolumeSource #15 * ^2
 downwardAPI .DownwardAPIVolumeSource #16 * ^2
 fc .FCVolumeSource #17 * ^2
 azureFile .AzureFileVolumeSource #18 * ^2
 configMap .ConfigMapVolumeSource #19 * ^2
 vsphereVolume .VsphereVirtualDiskVolumeSource #20 * ^2
 quobyte .QuobyteVolumeSource #21 * ^2
 azureDisk .AzureDiskVolumeSource #22 * ^2
 photonPersistentDisk .PhotonPersistentDiskVolumeSource #23 * ^2
 projected .ProjectedVolumeSource #26 * ^2
 portworxVolume .PortworxVolumeSource #24 * ^2
 scaleIO .ScaleIOVolumeSource #25 * ^2
 storageos .StorageOSVolumeSource #27 * ^2
 csi .CSIVolumeSource #28 * ^2
 ephemeral .EphemeralVolumeSource #29 * ^2
 image .ImageVolumeSource #30 * ^2
VolumeHealthCondition
 status string/v1.VolumeHealthStatusType #1 !
 reason string #2 !
 message string #3
VolumeHealthStatus
 healthConditions [].VolumeHealthCondition #1 =status @status,reason
 lastTransitionTime time #2 !
VolumeNodeAffinity
 required .NodeSelector #1 *
VolumeProjection
 secret .SecretProjection #1 *
 downwardAPI .DownwardAPIProjection #2 *
 configMap .ConfigMapProjection #3 *
 serviceAccountToken .ServiceAccountTokenProjection #4 *
 clusterTrustBundle .ClusterTrustBundleProjection #5 *
 podCertificate .PodCertificateProjection #6 *
VolumeResourceRequirements
 limits {}quantity #1
 requests {}quantity #2
VsphereVirtualDiskVolumeSource
 volumePath string #1 !
 fsType string #2
 storagePolicyName string #3
 storagePolicyID string #4
`;
