import type { Grounds, PlanValue } from "../../mod.ts";
import { percentText } from "../session/words.ts";

/** A mean normalised throughput for people. */
export function meanText(mean: number): string {
  return mean.toFixed(4);
}

/** A gap for people, as the command line says it. */
export function gapText({ gap, proven }: Pick<PlanValue, "gap" | "proven">): string {
  if (gap === null) return "unknown";
  return proven ? "0 (proven)" : `${(gap * 100).toFixed(3)} %`;
}

/** Whom the mean leaves behind: the app that is slowest on average, and the slowest container. */
export function slowestText({ perApp, worst }: Pick<PlanValue, "perApp" | "worst">): string {
  const means = Object.entries(perApp).flatMap(([app, mean]) =>
    mean === null ? [] : [{ app, mean }]
  );
  if (means.length === 0 || worst === null) return "";
  const { app, mean } = means.reduce((least, one) => one.mean < least.mean ? one : least);
  return `Worst app ${app} ${meanText(mean)}, worst container ${meanText(worst)}.`;
}

/** What a placement rests on, in plain words; empty where nothing is known. */
export function groundsText(grounds: Grounds | null): string {
  if (grounds === null) return "";
  const { measuredShare, nearShare, extrapolatedShare, meanLow, meanHigh } = grounds;
  const sentences: string[] = [];
  if (measuredShare === 1) sentences.push("All containers are in measured configurations.");
  else if (measuredShare !== null) {
    sentences.push(
      `${percentText(measuredShare)} of the containers are in measured configurations, ` +
        `${percentText(nearShare ?? 0)} near such, ${
          percentText(extrapolatedShare ?? 0)
        } far from any.`,
    );
  }
  if (meanLow !== null && meanHigh !== null) {
    sentences.push(
      `Expected mean when measured: ${meanText(meanLow)} to ${meanText(meanHigh)} (90 %).`,
    );
  }
  return sentences.join(" ");
}

/** Seconds for people. */
export function secondsText(seconds: number): string {
  return seconds < 0.0005 ? "<0.001" : seconds.toFixed(3);
}
