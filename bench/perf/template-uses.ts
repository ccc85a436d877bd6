/** Which files the operations of a workload make objects of, for looking at them before anything runs. */
import { InputError, type KubeObject } from '../../api/index.ts';
import { type ImpliedKind, type ObjectTemplates, templateData } from './objects.ts';
import type { RunnableOp } from './schema/resolve-op.ts';
import type { ResolvedWorkload } from './schema/test-case.ts';

interface Use {
  readonly file: string;
  /** Field path in the suite. */
  readonly path: string;
  readonly kind?: ImpliedKind;
  readonly isTemplate: boolean;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly count?: number;
}

export interface UsedObject {
  readonly op: RunnableOp;
  readonly object: KubeObject;
}

/** The first object that each operation makes of each of its files. Throws InputError, with the place in the suite. */
export function firstObjects({ ops, testCase }: ResolvedWorkload, templates: ObjectTemplates): UsedObject[] {
  return ops.flatMap((op) =>
    usesOf(op, testCase.defaultPodTemplatePath, testCase.path).map(
      ({ file, path, kind, isTemplate, params, count }) => {
        try {
          const object = isTemplate
            ? templates.render(file, templateData(params ?? {}, 0, count), kind)
            : templates.plain(file, kind);
          return { op, object };
        } catch (error) {
          if (error instanceof InputError && error.location.file === undefined) {
            throw testCase.source.error(path, error.message);
          }
          throw error;
        }
      },
    ),
  );
}

function usesOf(op: RunnableOp, defaultPod: string | undefined, casePath: string): Use[] {
  const at = (field: string): string => `${op.path}.${field}`;
  switch (op.opcode) {
    case 'createNodes':
      return one(op.nodeTemplatePath, {
        path: at('nodeTemplatePath'),
        kind: 'Node',
        isTemplate: true,
        params: op.templateParams,
        count: op.count,
      });
    case 'createNamespaces':
      return one(op.namespaceTemplatePath, { path: at('namespaceTemplatePath'), kind: 'Namespace', isTemplate: false });
    case 'createPods':
      return [
        ...one(op.podTemplatePath ?? defaultPod, {
          path: op.podTemplatePath === undefined ? `${casePath}.defaultPodTemplatePath` : at('podTemplatePath'),
          kind: 'Pod',
          isTemplate: true,
          params: op.templateParams,
          count: op.count,
        }),
        ...one(op.persistentVolumeTemplatePath, {
          path: at('persistentVolumeTemplatePath'),
          kind: 'PersistentVolume',
          isTemplate: false,
        }),
        ...one(op.persistentVolumeClaimTemplatePath, {
          path: at('persistentVolumeClaimTemplatePath'),
          kind: 'PersistentVolumeClaim',
          isTemplate: false,
        }),
      ];
    case 'createPodGroups':
      return one(op.templatePath, {
        path: at('templatePath'),
        kind: 'PodGroup',
        isTemplate: true,
        params: op.templateParams,
      });
    case 'createAny':
      return one(op.templatePath, {
        path: at('templatePath'),
        isTemplate: true,
        params: op.templateParams,
        count: op.count,
      });
    case 'updateAny':
      return one(op.templatePath, { path: at('templatePath'), isTemplate: true, count: op.count });
    case 'createResourceClaims':
      return one(op.templatePath, { path: at('templatePath'), kind: 'ResourceClaim', isTemplate: false });
    case 'churn':
      return op.templatePaths.map((file, i) => ({ file, path: at(`templatePaths[${i}]`), isTemplate: false }));
    default:
      return [];
  }
}

const one = (file: string | undefined, use: Omit<Use, 'file'>): Use[] => (file === undefined ? [] : [{ file, ...use }]);
