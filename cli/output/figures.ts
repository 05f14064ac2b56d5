/**
 * Figures as people read them.
 * @module
 */
import type { Grounds } from "../../scheduling/mod.ts";

/** A mean normalised throughput for people. */
export function meanText(mean: number): string {
  return mean.toFixed(4);
}

/** A gap for people. */
export function gapText(
  value: {
    readonly gap: number | null;
    readonly proven: boolean;
    readonly provenUnder?: Grounds["provenUnder"];
  },
): string {
  if (value.gap === null) return "unknown";
  if (!value.proven) return `${(value.gap * 100).toFixed(3)} %`;
  return value.provenUnder === "model" ? "0 (proven under the model)" : "0 (proven)";
}

/** The slowest container for people. */
export function worstText(worst: number | null): string {
  return worst === null ? "none" : worst.toFixed(4);
}

/** Seconds for people. */
export function secondsText(seconds: number): string {
  return seconds < 0.0005 ? "<0.001" : seconds.toFixed(3);
}
