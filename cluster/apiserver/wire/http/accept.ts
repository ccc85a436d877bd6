/**
 * What form a client takes its answer in. Source: `apiserver/pkg/endpoints/handlers/negotiation/negotiate.go`, v0.37.2.
 * Answers are JSON or YAML; whoever prefers protobuf takes JSON too.
 */
import { ApiFailure, failure } from '../../failures.ts';
import { Recent } from './recent.ts';

export interface AnswerForm {
  readonly as: 'object' | 'table' | 'partial' | 'discovery';
  readonly isYaml: boolean;
}

const JSON_FORM: AnswerForm = { as: 'object', isYaml: false };
const PLAIN = new Map<string, AnswerForm>([
  ['*/*', JSON_FORM],
  ['application/*', JSON_FORM],
  ['application/json', JSON_FORM],
  ['application/yaml', { as: 'object', isYaml: true }],
]);

interface Clause {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** Clients say the same again and again. */
const known = new Recent<string, AnswerForm>(64);
const KEPT_CHARACTERS_MAX = 1024;

/** @param isDiscovery Whether an aggregated form is to be had. Throws ApiFailure: 406. */
export function answerForm(accept = '*/*', isDiscovery: boolean): AnswerForm {
  if (isDiscovery || accept.length > KEPT_CHARACTERS_MAX) return readForm(accept, isDiscovery);
  let form = known.get(accept);
  if (form === undefined) {
    form = readForm(accept, isDiscovery);
    known.set(accept, form);
  }
  return form;
}

function readForm(accept: string, isDiscovery: boolean): AnswerForm {
  const clauses = clausesOf(accept);
  for (const { type, parameters } of clauses) {
    const as = parameters.get('as');
    if (as === undefined) {
      const form = PLAIN.get(type);
      if (form !== undefined) return form;
    } else if (type === 'application/json') {
      const form = transformed(as, parameters, isDiscovery);
      if (form !== undefined) return { as: form, isYaml: false };
    }
  }
  throw new ApiFailure(notAcceptable());
}

function transformed(
  as: string,
  parameters: ReadonlyMap<string, string>,
  isDiscovery: boolean,
): AnswerForm['as'] | undefined {
  const group = parameters.get('g');
  const version = parameters.get('v');
  if (isDiscovery) {
    const isKnown = group === 'apidiscovery.k8s.io' && version === 'v2' && as === 'APIGroupDiscoveryList';
    return isKnown && parameters.get('profile') === undefined ? 'discovery' : undefined;
  }
  if (group !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) return undefined;
  if (as === 'Table') return 'table';
  return as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList' ? 'partial' : undefined;
}

/** The most wanted first, in the order given where they are wanted alike. */
function clausesOf(accept: string): Clause[] {
  const clauses = accept.split(',').map((part): Clause => {
    const [type = '', ...rest] = part.split(';').map((piece) => piece.trim());
    const parameters = new Map(
      rest.map((piece) => {
        const at = piece.indexOf('=');
        return at < 0 ? [piece, ''] : [piece.slice(0, at), piece.slice(at + 1)];
      }),
    );
    const quality = Number(parameters.get('q') ?? 1);
    return { type: type.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 1 : quality };
  });
  return clauses.filter(({ quality }) => quality > 0).sort((a, b) => b.quality - a.quality);
}

const AVAILABLE = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/json;stream=watch',
  'application/vnd.kubernetes.protobuf;stream=watch',
].join(', ');

const notAcceptable = () =>
  failure(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${AVAILABLE}`, {});
