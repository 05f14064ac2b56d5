const BARS = "▁▂▃▄▅▆▇█";

/**
 * Values as a line of bars, one for each; where there are more than `width`, neighbours are averaged.
 * @param range Values of the lowest and the highest bar. @default the least and the greatest of the values
 */
export function sparkline(
  values: readonly number[],
  width: number = 40,
  range?: readonly [number, number],
): string {
  const shown = thin(values.filter(Number.isFinite), width);
  if (shown.length === 0) return "";
  const [low, high] = range ?? [Math.min(...shown), Math.max(...shown)];
  return shown.map((value) => {
    const share = high > low ? (value - low) / (high - low) : 0.5;
    return BARS[Math.min(BARS.length - 1, Math.max(0, Math.floor(share * BARS.length)))];
  }).join("");
}

function thin(values: readonly number[], width: number): number[] {
  const bins = Math.min(values.length, width);
  return Array.from({ length: bins }, (_, at) => {
    const from = Math.floor(at * values.length / bins);
    const some = values.slice(from, Math.floor((at + 1) * values.length / bins));
    return some.reduce((sum, value) => sum + value, 0) / some.length;
  });
}
