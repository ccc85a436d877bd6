/** What `status` says of the project's own stores: the etcd whose semantics they keep. */
export const STORE_VERSION = '3.4.23-berth';
