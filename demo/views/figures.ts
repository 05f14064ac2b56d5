import type { PlanValue } from "../../mod.ts";

/** A mean normalised throughput for people. */
export function meanText(mean: number): string {
  return mean.toFixed(4);
}

/** A gap for people, as the command line says it. */
export function gapText({ gap, proven }: Pick<PlanValue, "gap" | "proven">): string {
  if (gap === null) return "unknown";
  return proven ? "0 (proven)" : `${(gap * 100).toFixed(3)} %`;
}

/** Seconds for people. */
export function secondsText(seconds: number): string {
  return seconds < 0.0005 ? "<0.001" : seconds.toFixed(3);
}

/** A change in percent with its sign. */
export function changeText(share: number): string {
  const percent = Math.abs(share * 100);
  const digits = percent >= 9.95 ? 0 : percent >= 0.995 ? 1 : 2;
  const sign = share < 0 ? "−" : "+";
  return `${sign}${percent.toFixed(digits)} %`;
}

/** A count with its noun. */
export function countText(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
