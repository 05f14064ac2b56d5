/**
 * Figures as people read them.
 * @module
 */
import { type Cluster, countOf, nodeCount, printable } from "../../domain/mod.ts";
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

/** The upper bound on the mean for people; its name says under what it is proven. */
export function boundPair(
  value: { readonly bound: number | null; readonly provenUnder?: Grounds["provenUnder"] },
): [string, string] {
  return [
    value.provenUnder === "model" ? "upper bound under the model" : "proven upper bound",
    value.bound === null ? "none" : value.bound.toFixed(6),
  ];
}

/** The slowest container for people. */
export function worstText(worst: number | null): string {
  return worst === null ? "none" : worst.toFixed(4);
}

/** The app whose containers are slowest on average, for people. */
export function worstAppText(perApp: Readonly<Record<string, number | null>>): string {
  const slowest = Object.entries(perApp).reduce<readonly [string, number] | null>(
    (least, [app, mean]) =>
      mean === null || (least !== null && least[1] <= mean) ? least : [app, mean],
    null,
  );
  return slowest === null ? "none" : `${slowest[1].toFixed(4)} ${printable(slowest[0])}`;
}

/** A share for people, to whole percents. */
export function percentText(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Seconds for people. */
export function secondsText(seconds: number): string {
  return seconds < 0.0005 ? "<0.001" : seconds.toFixed(3);
}

/** A cluster in words: nodes by their slots. */
export function clusterText({ nodeClasses }: Cluster): string {
  const counts = new Map<number, number>();
  for (const { capacity, count } of nodeClasses) {
    counts.set(capacity, (counts.get(capacity) ?? 0) + count);
  }
  const slots = Array.from(
    counts,
    ([capacity, count]) =>
      counts.size === 1
        ? `${countOf(capacity, "slot")} each`
        : `${count} with ${countOf(capacity, "slot")}`,
  );
  return `${countOf(nodeCount({ nodeClasses }), "node")} (${slots.join(", ")})`;
}
