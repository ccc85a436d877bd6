/** Storage classes, drivers and attachments. Source: `k8s.io/api`, v0.37.2, written by `generate/main.go`. How to read it: `schema.ts`. */
export const STORAGE = `
## storage
CSIDriver
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .CSIDriverSpec #2 !
CSIDriverSpec
 attachRequired bool #1 *
 podInfoOnMount bool #2 *
 volumeLifecycleModes []string/v1.VolumeLifecycleMode #3 @set
 storageCapacity bool #4 *
 fsGroupPolicy string/v1.FSGroupPolicy #5 *
 tokenRequests [].TokenRequest #6
 requiresRepublish bool #7 *
 seLinuxMount bool #8 *
 nodeAllocatableUpdatePeriodSeconds int64 #9 *
 serviceAccountTokenInSecrets bool #10 *
 preventPodSchedulingIfMissing bool #11 *
CSINode
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .CSINodeSpec #2 !
 status .CSINodeStatus #3 !
CSINodeDriver
 name string #1 !
 nodeID string #2 !
 topologyKeys []string #3 !
 allocatable .VolumeNodeResources #4 *
CSINodeSpec
 drivers [].CSINodeDriver #1 ! =name @name
CSINodeStatus
 storageHealth [].StorageHealth #1 =name @name
CSIStorageCapacity
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 nodeTopology meta.LabelSelector #2 *
 storageClassName string #3 !
 capacity quantity #4 *
 maximumVolumeSize quantity #5 *
StorageClass
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 provisioner string #2 !
 parameters {}string #3
 reclaimPolicy string/v1.PersistentVolumeReclaimPolicy #4 *
 mountOptions []string #5
 allowVolumeExpansion bool #6 *
 volumeBindingMode string/v1.VolumeBindingMode #7 *
 allowedTopologies []core.TopologySelectorTerm #8
StorageHealth
 name string #1 !
 healthConditions [].StorageHealthCondition #2
StorageHealthCondition
 status string/v1.StorageHealthStatusType #1 !
 reason string #2 !
 message string #3
 accessMode string/v1.PersistentVolumeAccessMode #4 *
 volumeMode string/v1.PersistentVolumeMode #5 *
 lastTransitionTime time #6 !
TokenRequest
 audience string #1 !
 expirationSeconds int64 #2 *
VolumeAttachment
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 spec .VolumeAttachmentSpec #2 !
 status .VolumeAttachmentStatus #3 !
VolumeAttachmentSource
 persistentVolumeName string #1 *
 capacity {}quantity #1 ^2
 gcePersistentDisk core.GCEPersistentDiskVolumeSource #1 * ^2 ^2
 awsElasticBlockStore core.AWSElasticBlockStoreVolumeSource #2 * ^2 ^2
 hostPath core.HostPathVolumeSource #3 * ^2 ^2
 glusterfs core.GlusterfsPersistentVolumeSource #4 * ^2 ^2
 nfs core.NFSVolumeSource #5 * ^2 ^2
 rbd core.RBDPersistentVolumeSource #6 * ^2 ^2
 iscsi core.ISCSIPersistentVolumeSource #7 * ^2 ^2
 cinder core.CinderPersistentVolumeSource #8 * ^2 ^2
 cephfs core.CephFSPersistentVolumeSource #9 * ^2 ^2
 fc core.FCVolumeSource #10 * ^2 ^2
 flocker core.FlockerVolumeSource #11 * ^2 ^2
 flexVolume core.FlexPersistentVolumeSource #12 * ^2 ^2
 azureFile core.AzureFilePersistentVolumeSource #13 * ^2 ^2
 vsphereVolume core.VsphereVirtualDiskVolumeSource #14 * ^2 ^2
 quobyte core.QuobyteVolumeSource #15 * ^2 ^2
 azureDisk core.AzureDiskVolumeSource #16 * ^2 ^2
 photonPersistentDisk core.PhotonPersistentDiskVolumeSource #17 * ^2 ^2
 portworxVolume core.PortworxVolumeSource #18 * ^2 ^2
 scaleIO core.ScaleIOPersistentVolumeSource #19 * ^2 ^2
 local core.LocalVolumeSource #20 * ^2 ^2
 storageos core.StorageOSPersistentVolumeSource #21 * ^2 ^2
 csi core.CSIPersistentVolumeSource #22 * ^2 ^2
 accessModes []string/v1.PersistentVolumeAccessMode #3 ^2
 claimRef core.ObjectReference #4 * ^2
 persistentVolumeReclaimPolicy string/v1.PersistentVolumeReclaimPolicy #5 ^2
 storageClassName string #6 ^2
 mountOptions []string #7 ^2
 volumeMode string/v1.PersistentVolumeMode #8 * ^2
 nodeAffinity core.VolumeNodeAffinity #9 * ^2
 volumeAttributesClassName string #10 * ^2
VolumeAttachmentSpec
 attacher string #1 !
 source .VolumeAttachmentSource #2 !
 nodeName string #3 !
VolumeAttachmentStatus
 attached bool #1 !
 attachmentMetadata {}string #2
 attachError .VolumeError #3 *
 detachError .VolumeError #4 *
VolumeAttributesClass
 kind string
 apiVersion string
 metadata meta.ObjectMeta #1 !
 driverName string #2 !
 parameters {}string #3
VolumeError
 time time #1 !
 message string #2
 errorCode int32 #3 *
VolumeNodeResources
 count int32 #1 *
`;
