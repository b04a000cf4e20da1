// SPDX-License-Identifier: MIT
// Curves of different moments, at the moments of all of them: what a chart of several needs. Between two moments of its
// own a curve is the line that joins them; before its first and after its last there is none.

export interface TimedValues {
  times: readonly number[];
  values: readonly (number | null)[];
}

export interface Aligned {
  times: number[];
  /** One for each curve, in their order. */
  values: (number | null)[][];
}

export function atCommonTimes(curves: readonly TimedValues[]): Aligned {
  const times = [...new Set(curves.flatMap((curve) => curve.times))].sort((a, b) => a - b);
  return { times, values: curves.map((curve) => valuesAt(curve, times)) };
}

/** `at` ascends. */
function valuesAt({ times, values }: TimedValues, at: readonly number[]): (number | null)[] {
  let i = 0; // the last moment of the curve that is not after the wanted one
  return at.map((time) => {
    if (times.length === 0 || time < times[0]! || time > times[times.length - 1]!) return null;
    while (i + 1 < times.length && times[i + 1]! <= time) i++;
    const value = values[i] ?? null;
    const next = values[i + 1] ?? null;
    if (value === null || times[i] === time || next === null) return value;
    return value + ((next - value) * (time - times[i]!)) / (times[i + 1]! - times[i]!);
  });
}
