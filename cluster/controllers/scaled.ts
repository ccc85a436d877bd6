/** A number, or a share of a total: `3`, `"25%"`. Source: `apimachinery/pkg/util/intstr`, v0.37.2. */
export function scaled(value: number | string, total: number, round: (number: number) => number): number {
  return typeof value === 'number' ? value : round((Number(value.replace('%', '')) * total) / 100);
}
