/** The tokens of YAML 1.1, as libyaml names them. */
import type { Mark } from './cursor.ts';

/** With the place where it starts. */
export type Token = Mark &
  (
    | { readonly kind: PlainTokenKind }
    | { readonly kind: 'scalar'; readonly value: string; readonly plain: boolean }
    | { readonly kind: 'alias' | 'anchor'; readonly value: string }
    | { readonly kind: 'tag'; readonly handle: string; readonly suffix: string }
    | { readonly kind: 'version directive'; readonly version: string }
    | { readonly kind: 'tag directive'; readonly handle: string; readonly prefix: string }
  );

export type TokenKind = Token['kind'];

type PlainTokenKind =
  | 'stream end'
  | 'document start'
  | 'document end'
  | 'block sequence start'
  | 'block mapping start'
  | 'block end'
  | 'flow sequence start'
  | 'flow sequence end'
  | 'flow mapping start'
  | 'flow mapping end'
  | 'block entry'
  | 'flow entry'
  | 'key'
  | 'value';

export const plainToken = (kind: PlainTokenKind, { line, offset }: Mark): Token => ({ kind, line, offset });
