/**
 * What extenders answer, read as Go reads it: the first JSON value of the body, field names in any case, unknown fields
 * skipped, null the same as absent, and Go's words for what does not fit.
 * Source: `extender/v1/types.go` of k8s.io/kube-scheduler v0.37.2, Go 1.26's `encoding/json`.
 */
import type { Node } from '../../api/index.ts';
import { JsonSyntaxError, parseFirstJson } from '../../api/text/json.ts';
import { isList, NumberText, ObjectValue, toPlain, typeName, type Value } from '../../api/text/value.ts';
import { Reader } from '../config/schema/reader.ts';
import type { ExtenderResponse, FailedNodes, HostPriority, NodeVictimUids } from './extender.ts';
import { plainFilterResult } from './plain-answers.ts';

export interface FilterResult {
  readonly nodeNames?: readonly string[];
  readonly nodes?: readonly Node[];
  readonly failedNodes: FailedNodes;
  readonly failedAndUnresolvableNodes: FailedNodes;
  readonly error: string;
}

export function readFilterResult(response: ExtenderResponse): FilterResult {
  const plain = plainFilterResult(response.body);
  if (plain !== undefined) return plain;
  return read(response, (value, reader) => {
    let nodeNames: readonly string[] | undefined;
    let nodes: readonly Node[] | undefined;
    const failedNodes = new Map<string, string>();
    const failedAndUnresolvableNodes = new Map<string, string>();
    let error = '';
    struct(value, 'ExtenderFilterResult', reader, {
      Nodes: (field) => {
        nodes = nodeList(field, reader);
      },
      NodeNames: (field) => {
        nodeNames = list(field, '[]string', reader, (item) => text(item, reader));
      },
      FailedNodes: (field) => reasons(field, failedNodes, reader),
      FailedAndUnresolvableNodes: (field) => reasons(field, failedAndUnresolvableNodes, reader),
      Error: (field) => {
        error = text(field, reader, error);
      },
    });
    return { nodeNames, nodes, failedNodes, failedAndUnresolvableNodes, error };
  });
}

export function readHostPriorities(response: ExtenderResponse): readonly HostPriority[] {
  return read(response, (value, reader) => {
    const priorities = list(value, 'v1.HostPriorityList', reader, (item): HostPriority => {
      let host = '';
      let score = 0n;
      struct(item, 'HostPriority', reader, {
        Host: (field) => {
          host = text(field, reader, host);
        },
        Score: (field) => {
          score = int64(field, reader, score);
        },
      });
      return { host, score };
    });
    return priorities ?? [];
  });
}

/** Sorted by node, for upstream keeps them in a map. */
export function readPreemptionResult(response: ExtenderResponse): readonly NodeVictimUids[] {
  return read(response, (value, reader) => {
    const byNode = new Map<string, NodeVictimUids>();
    struct(value, 'ExtenderPreemptionResult', reader, {
      NodeNameToMetaVictims: (field) => {
        mapEntries(field, 'map[string]*v1.MetaVictims', reader, (nodeName, victims) => {
          byNode.set(nodeName, metaVictims(nodeName, victims, reader));
        });
      },
    });
    return [...byNode.values()].sort((a, b) => (a.nodeName < b.nodeName ? -1 : 1));
  });
}

/** The error that the extender reports; '' when it has bound the pod. */
export function readBindingError(response: ExtenderResponse): string {
  return read(response, (value, reader) => {
    let error = '';
    struct(value, 'ExtenderBindingResult', reader, {
      Error: (field) => {
        error = text(field, reader, error);
      },
    });
    return error;
  });
}

// --- Go types --------------------------------------------------------------------------------------------------------

function metaVictims(nodeName: string, value: Value, reader: Reader): NodeVictimUids {
  let uids: readonly string[] = [];
  let pdbViolations = 0n;
  struct(value, 'MetaVictims', reader, {
    Pods: (field) => {
      uids = list(field, '[]*v1.MetaPod', reader, (pod) => metaPodUid(pod, reader)) ?? [];
    },
    NumPDBViolations: (field) => {
      pdbViolations = int64(field, reader, pdbViolations);
    },
  });
  return { nodeName, uids, pdbViolations: Number(pdbViolations) };
}

function metaPodUid(value: Value, reader: Reader): string {
  let uid = '';
  struct(value, 'MetaPod', reader, {
    UID: (field) => {
      uid = text(field, reader, uid);
    },
  });
  return uid;
}

/** Only the name is checked here; what else a node says is looked at when it is scored. */
function nodeList(value: Value, reader: Reader): readonly Node[] | undefined {
  if (value === null) return undefined;
  let nodes: readonly Node[] = [];
  struct(value, 'NodeList', reader, {
    items: (items) => {
      nodes = list(items, '[]v1.Node', reader, (item) => nodeOf(item, reader)) ?? [];
    },
  });
  return nodes;
}

function nodeOf(value: Value, reader: Reader): Node {
  struct(value, 'Node', reader, {
    metadata: (metadata) =>
      struct(metadata, 'ObjectMeta', reader, {
        name: (name) => {
          text(name, reader);
        },
      }),
  });
  return value instanceof ObjectValue ? (toPlain(value) as Node) : {};
}

function reasons(value: Value, into: Map<string, string>, reader: Reader): void {
  mapEntries(value, 'v1.FailedNodesMap', reader, (key, reason) => into.set(key, text(reason, reader)));
}

// --- reading ---------------------------------------------------------------------------------------------------------

function read<T>({ body, bodyError }: ExtenderResponse, decode: (value: Value, reader: Reader) => T): T {
  let value: Value;
  try {
    value = parseFirstJson(body);
  } catch (error) {
    // A body that breaks off is only noticed where more of it is needed.
    const isCutOff = error instanceof JsonSyntaxError && error.isAtEnd;
    throw isCutOff && bodyError !== undefined ? new Error(bodyError) : error;
  }
  const reader = new Reader();
  const result = decode(value, reader);
  reader.finish();
  return result;
}

type Fields = Readonly<Record<string, (value: Value) => void>>;

function struct(value: Value, name: string, reader: Reader, fields: Fields): void {
  if (value === null) return;
  if (!(value instanceof ObjectValue)) {
    reader.wrongType(typeName(value), `v1.${name}`);
    return;
  }
  for (const [key, child] of value.entries) {
    const field = Object.hasOwn(fields, key) ? key : sameInAnyCase(key, fields);
    if (field !== undefined) reader.inField(name, field, undefined, () => fields[field]!(child));
  }
}

const sameInAnyCase = (key: string, fields: Fields): string | undefined =>
  Object.keys(fields).find((field) => field.toLowerCase() === key.toLowerCase());

function list<T>(value: Value, goType: string, reader: Reader, item: (value: Value) => T): readonly T[] | undefined {
  if (value === null) return undefined;
  if (isList(value)) return value.map(item);
  reader.wrongType(typeName(value), goType);
  return undefined;
}

function mapEntries(value: Value, goType: string, reader: Reader, entry: (key: string, value: Value) => void): void {
  if (value === null) return;
  if (value instanceof ObjectValue) for (const [key, child] of value.entries) entry(key, child);
  else reader.wrongType(typeName(value), goType);
}

function text(value: Value, reader: Reader, absent = ''): string {
  if (typeof value === 'string') return value;
  if (value !== null) reader.wrongType(typeName(value), 'string');
  return absent;
}

function int64(value: Value, reader: Reader, absent: bigint): bigint {
  if (value === null) return absent;
  if (!(value instanceof NumberText)) {
    reader.wrongType(typeName(value), 'int64');
    return absent;
  }
  const integer = /^-?\d+$/.test(value.text) ? BigInt(value.text) : undefined;
  if (integer !== undefined && BigInt.asIntN(64, integer) === integer) return integer;
  reader.wrongType(`number ${value.text}`, 'int64');
  return absent;
}
