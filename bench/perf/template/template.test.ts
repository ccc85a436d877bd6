/** The expected texts are what Go 1.26 prints for the same template and data. */
import { describe, expect, test } from 'vitest';
import { Template } from './template.ts';

const DATA = {
  a: 'A',
  f: 9999999,
  nul: null,
  list: ['x', 1, null],
  m: { k: 15_000_000 },
  i: 2n,
  n: 3n,
  zero: 0,
  five: 5,
};

const render = (source: string, data: Parameters<Template['render']>[0] = DATA) =>
  new Template(source, 'object.yaml').render(data);

describe('actions', () => {
  test.each([
    [
      '{{.a}}|{{.f}}|{{.missing}}|{{.nul}}|{{.list}}|{{.m}}',
      'A|9.999999e+06|<no value>|<no value>|[x 1 <nil>]|map[k:1.5e+07]',
    ],
    ['{{range 3}}{{.}},{{end}}', '0,1,2,'],
    ['{{range $i := .n}}{{$i}}{{end}}', '012'],
    ['{{ .a -}}   \n   x {{- /* c */ -}}  y', 'Axy'],
    ['{{/* alone */}}x', 'x'],
    ['{{range .list}}{{.}}{{else}}none{{end}}', 'x1<no value>'],
    ['{{range .missing}}{{.}}{{else}}none{{end}}', 'none'],
    ['{{range $k, $v := .m}}{{$k}}={{$v}};{{end}}', 'k=1.5e+07;'],
    ['{{range 5}}{{if eq . 3}}{{break}}{{end}}{{.}}{{end}}', '012'],
    ['{{range 3}}{{if eq . 1}}{{continue}}{{end}}{{.}}{{end}}', '02'],
    ['{{with .zero}}a{{else}}b{{end}}', 'b'],
    ['{{with .m}}{{.k}}{{end}}', '1.5e+07'],
    ['{{if .zero}}a{{else if .a}}b{{else}}c{{end}}', 'b'],
    ['{{$a := 1}}{{range 2}}{{$a = 5}}{{end}}{{$a}}', '5'],
    ['{{(.m).k}}', '1.5e+07'],
    ['{{$.a}}', 'A'],
    ['{{`raw`}}{{"a\\tb"}}', 'rawa\tb'],
    ['{{1e3}}{{0x10}}', '100016'],
  ])('%s', (source, text) => {
    expect(render(source)).toBe(text);
  });
});

describe('numbers are printed as Go prints them', () => {
  test.each([
    [1, '1'],
    [100_000, '100000'],
    [123_456, '123456'],
    [1_000_000, '1e+06'],
    [123_456_789, '1.23456789e+08'],
    [1e21, '1e+21'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [1.5e-7, '1.5e-07'],
    [-0.25, '-0.25'],
  ])('%d', (value, text) => {
    expect(render('{{.v}}', { v: value })).toBe(text);
    expect(render('{{.v}}', { v: BigInt(Math.trunc(value)) })).toBe(String(BigInt(Math.trunc(value))));
  });
});

describe('functions', () => {
  test.each([
    ['{{AddInt 0 .f}}', '9999999'],
    ['{{AddInt 8000 (Mod .Index (DivideInt .podsCount .nodesCount))}}', '8003'],
    ['{{AddFloat 1 0.5 "2"}}', '3.5'],
    ['{{MultiplyInt 3 .five}}', '15'],
    ['{{MultiplyFloat 0.5 .five}}', '2.5'],
    ['{{SubtractInt .five 7}}', '-2'],
    ['{{SubtractFloat .five 0.5}}', '4.5'],
    ['{{DivideInt 7 2}}', '3'],
    ['{{DivideFloat 7 2}}', '3.5'],
    ['{{Mod 17.9 .five}}', '2'],
    ['{{Int "12"}}', '12'],
    ['{{or .missing 1 | Int}}', '1'],
    ['{{$n := (or .missing 2) | Int}}{{range $n}}{{.}}{{end}}', '01'],
    ['{{(or .missing nil) | JSON}}', 'null'],
    ['{{.m | JSON}}{{JSON "<a>"}}', '{"k":15000000}"<a>"'],
    [
      '{{eq .i 1 2 3}} {{ne .a "A"}} {{ge 3 2}} {{lt 2 2}} {{le 2 2}} {{gt "b" "a"}}',
      'true false true false true true',
    ],
    ['{{and .a 0}} {{or .zero nil}} {{not 1}}', '0 <no value> false'],
    ['{{len .list}}{{index .list 0}}{{index .m "k"}}', '3x1.5e+07'],
    ['{{printf "%03d-%s-%v-%q" .i "a" .f "q"}}', '002-a-9.999999e+06-"q"'],
    ['{{1 | printf "%d"}}', '1'],
  ])('%s', (source, text) => {
    expect(render(source, { ...DATA, Index: 13n, podsCount: 50, nodesCount: 10 })).toBe(text);
  });
});

describe('errors say where in the file', () => {
  test.each([
    ['a\n{{.a.b}}', "object.yaml:2:3: executing the template: can't evaluate field b in type string"],
    [
      '{{AddInt 1 .missing}}',
      'object.yaml:1:3: executing the template: error calling AddInt: cannot cast <nil> to float64',
    ],
    ['{{DivideInt 1 .zero}}', 'object.yaml:1:3: executing the template: error calling DivideInt: division by zero'],
    [
      '{{Mod 1 0}}',
      'object.yaml:1:3: executing the template: error calling Mod: runtime error: integer divide by zero',
    ],
    [
      '{{eq .f 1}}',
      'object.yaml:1:3: executing the template: error calling eq: incompatible types for comparison: float64 and int',
    ],
    ['{{range .f}}{{end}}', "object.yaml:1:9: executing the template: range can't iterate over 9.999999e+06"],
    ['{{Mod 1}}', 'object.yaml:1:3: executing the template: wrong number of args for Mod: want 2 got 1'],
    ['{{$x}}', 'object.yaml:1:3: undefined variable "$x"'],
    ['{{foo}}', 'object.yaml:1:3: function "foo" not defined'],
    ['{{if .a}}', 'object.yaml:1:10: unexpected EOF'],
    ['x {{end}}', 'object.yaml:1:5: unexpected {{end}}'],
    ['{{if', 'object.yaml:1:1: unclosed action'],
    ['{{ .a }', 'object.yaml:1:7: unexpected "}" in operand'],
    ['{{break}}', 'object.yaml:1:3: {{break}} outside {{range}}'],
    ['{{nil}}', 'object.yaml:1:3: nil is not a command'],
    ['{{define "x"}}{{end}}', 'object.yaml:1:3: {{define}} is not supported here'],
    ['{{/* open', 'object.yaml:1:3: unclosed comment'],
    ['{{(1}}', 'object.yaml:1:3: unclosed left paren'],
    ['{{1 | 2}}', 'object.yaml:1:7: non executable command in pipeline'],
  ])('%j', (source, message) => {
    expect(() => render(source)).toThrow(message);
  });
});
