import type { Grounds, PlanValue } from "../../mod.ts";
import { worstAppOf } from "../session/glance.ts";
import { changeText, percentText } from "../session/words.ts";

/** A mean speed for people; see {@link exactText}. */
export function meanText(mean: number): string {
  return `${(100 * mean).toFixed(1)} %`;
}

/** A gap for people. */
export function gapText({ gap, proven }: Pick<PlanValue, "gap" | "proven">): string {
  if (gap === null) return "unknown";
  return proven ? "0 (proven)" : changeText(gap).slice(1);
}

/** Mean and gap as the command line says them: shown to whom points at them. */
export function exactText(
  { mean, gap, proven }: Pick<PlanValue, "mean" | "gap" | "proven">,
): string {
  const below = gap === null ? "unknown" : proven ? "0 (proven)" : `${(gap * 100).toFixed(3)} %`;
  return `Mean normalised throughput ${mean.toFixed(4)}, gap under the model ${below}`;
}

/** Whom the mean leaves behind: the app that is slowest on average, and the slowest container. */
export function slowestText(value: Pick<PlanValue, "perApp" | "worst">): string {
  const app = worstAppOf(value);
  if (app === null || value.worst === null) return "";
  return `Slowest app ${app.app}: ${percentText(app.mean)}; slowest container: ${
    percentText(value.worst)
  }.`;
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
      `Expected mean when measured, nine times in ten: ${meanText(meanLow)} to ${
        meanText(meanHigh)
      }.`,
    );
  }
  return sentences.join(" ");
}

/** Seconds for people. */
export function secondsText(seconds: number): string {
  return seconds < 0.0005 ? "<0.001" : seconds.toFixed(3);
}
