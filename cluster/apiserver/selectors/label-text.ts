/**
 * Label selectors as a query has them: `a=b,c in (d,e),!f`. The same grammar and the same words for what is wrong as
 * upstream. Source: `apimachinery/pkg/labels/selector.go`, v0.37.2.
 */
import {
  aggregate,
  type FieldError,
  invalidValue,
  type LabelMatcher,
  labelKeyErrors,
  makeRequirement,
  matcherOf,
  type Operator,
  type Requirement,
} from '../../../api/index.ts';
import { ApiFailure, badRequest } from '../failures.ts';

/** Throws ApiFailure: 400. */
export function parseLabelSelector(text: string): LabelMatcher {
  return matcherOf(new Parser(text).parse());
}

type Token = 'id' | 'end' | 'error' | 'in' | 'notin' | '(' | ')' | ',' | '!' | '=' | '==' | '!=' | '>' | '<';

interface Item {
  readonly token: Token;
  readonly text: string;
}

const SPECIAL = '=!(),><';
const SYMBOLS: ReadonlySet<string> = new Set([')', ',', '!', '==', '=', '>', '(', '!=', '<']);
const BINARY_OPERATORS = 'in, notin, =, ==, !=, gt, lt';
const OPERATORS: Readonly<Partial<Record<Token, Operator>>> = {
  in: 'in',
  notin: 'notin',
  '=': '=',
  '==': '=',
  '!=': 'notin',
  '>': 'gt',
  '<': 'lt',
};

const isSpace = (character: string): boolean =>
  character === ' ' || character === '\t' || character === '\r' || character === '\n';

class Parser {
  private readonly items: readonly Item[];
  private at = 0;

  constructor(text: string) {
    this.items = scan(text);
  }

  parse(): Requirement[] {
    const requirements: Requirement[] = [];
    for (;;) {
      const { token, text } = this.peek();
      if (token === 'end') return requirements;
      if (token !== 'id' && token !== '!') this.fail(`found '${text}', expected: !, identifier, or 'end of string'`);
      requirements.push(this.requirement());
      const next = this.take();
      if (next.token === 'end') return requirements;
      if (next.token !== ',') this.fail(`found '${next.text}', expected: ',' or 'end of string'`);
      const after = this.peek();
      if (after.token !== 'id' && after.token !== '!') {
        this.fail(`found '${after.text}', expected: identifier after ','`);
      }
    }
  }

  private requirement(): Requirement {
    let isNegated = false;
    let item = this.take();
    if (item.token === '!') {
      isNegated = true;
      item = this.take();
    }
    if (item.token !== 'id') this.failIn(`found '${item.text}', expected: identifier`);
    const key = item.text;
    const wrong = labelKeyErrors(key);
    if (wrong.length > 0) this.failIn(invalidValue('<nil>', key, wrong.join('; ')).text);
    const { token } = this.peek();
    if (isNegated) return this.made(key, '!', []);
    if (token === 'end' || token === ',') return this.made(key, 'exists', []);
    const operator = this.takeRaw();
    const known = OPERATORS[operator.token];
    if (known === undefined) this.failIn(`found '${operator.text}', expected: ${BINARY_OPERATORS}`);
    const values = operator.token === 'in' || operator.token === 'notin' ? this.values() : [this.exactValue()];
    return this.made(key, known!, [...new Set(values)].sort());
  }

  private made(key: string, operator: Operator, values: readonly string[]): Requirement {
    const { requirement, errors } = makeRequirement(key, operator, values, '');
    if (requirement === undefined) this.failIn(aggregate(errors as FieldError[]));
    return requirement!;
  }

  private values(): string[] {
    const open = this.take();
    if (open.token !== '(') this.failIn(`found '${open.text}' expected: '('`);
    const first = this.peek();
    if (first.token === ')') {
      this.take();
      return [''];
    }
    if (first.token !== 'id' && first.token !== ',') {
      this.failIn(`found '${first.text}', expected: ',', ')' or identifier`);
    }
    const values = this.identifiers();
    if (this.take().token !== ')') this.failIn(`found '${first.text}', expected: ')'`);
    return values;
  }

  private identifiers(): string[] {
    const values: string[] = [];
    for (;;) {
      const { token, text } = this.take();
      const next = this.peek();
      if (token === 'id') {
        values.push(text);
        if (next.token === ')') return values;
        if (next.token !== ',') this.failIn(`found '${next.text}', expected: ',' or ')'`);
      } else if (token === ',') {
        if (values.length === 0 || next.token === ')' || next.token === ',') values.push('');
        if (next.token === ')') return values;
      } else this.failIn(`found '${text}', expected: ',', or identifier`);
    }
  }

  private exactValue(): string {
    const { token } = this.peek();
    if (token === 'end' || token === ',') return '';
    const item = this.take();
    if (item.token !== 'id') this.failIn(`found '${item.text}', expected: identifier`);
    return item.text;
  }

  /** Keywords are names wherever no operator is due. */
  private peek(): Item {
    const item = this.items[Math.min(this.at, this.items.length - 1)]!;
    return item.token === 'in' || item.token === 'notin' ? { token: 'id', text: item.text } : item;
  }

  private take(): Item {
    const item = this.peek();
    this.at++;
    return item;
  }

  private takeRaw(): Item {
    return this.items[Math.min(this.at++, this.items.length - 1)]!;
  }

  private failIn(why: string): never {
    return this.fail(`unable to parse requirement: ${why}`);
  }

  private fail(why: string): never {
    throw new ApiFailure(badRequest(why));
  }
}

function scan(text: string): Item[] {
  const items: Item[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text[at]!;
    if (isSpace(character)) at++;
    else if (SPECIAL.includes(character)) {
      const symbol = longestSymbol(text, at);
      items.push({ token: symbol as Token, text: symbol });
      at += symbol.length;
    } else {
      let end = at;
      while (end < text.length && !isSpace(text[end]!) && !SPECIAL.includes(text[end]!)) end++;
      const word = text.slice(at, end);
      items.push({ token: word === 'in' || word === 'notin' ? word : 'id', text: word });
      at = end;
    }
  }
  items.push({ token: 'end', text: '' });
  return items;
}

/** Every single special character is a symbol, and so are `==` and `!=`. */
const longestSymbol = (text: string, at: number): string => {
  const two = text.slice(at, at + 2);
  return SYMBOLS.has(two) ? two : text[at]!;
};
