/**
 * Figures as people read them.
 * @module
 */
/** A mean normalised throughput for people. */
export function meanText(mean: number): string {
  return mean.toFixed(4);
}

/** A gap for people. */
export function gapText(value: { readonly gap: number | null; readonly proven: boolean }): string {
  if (value.gap === null) return "unknown";
  return value.proven ? "0 (proven)" : `${(value.gap * 100).toFixed(3)} %`;
}

/** The slowest container for people. */
export function worstText(worst: number | null): string {
  return worst === null ? "none" : worst.toFixed(4);
}

/** Seconds for people. */
export function secondsText(seconds: number): string {
  return seconds < 0.0005 ? "<0.001" : seconds.toFixed(3);
}
