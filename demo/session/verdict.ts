import type { PlanValue } from "../../mod.ts";
import type { Panel } from "./panel.ts";
import type { Bound } from "./placing.ts";
import type { Session } from "./session.ts";
import { changeText, countText, percentText } from "./words.ts";

/** What is said of the two placements that are shown. */
export interface Verdict {
  /** One sentence. */
  readonly headline: string;
  /** Who is slow, and what is proven; empty where there is nothing to compare. */
  readonly more: string;
}

/** Relative difference up to which two means count as the same. */
const SAME = 1e-9;
/** Loss of speed from which an app pays for the mean. */
const PAYS = 0.005;

/** How the two placements compare that the panels show now; where one is missing, why. Null before a profile is open. */
export function verdictOf(
  { profile, panels, bound, excess, demand, capacities }: Pick<
    Session,
    "profile" | "panels" | "bound" | "excess" | "demand" | "capacities"
  >,
): Verdict | null {
  if (profile === null) return null;
  if (excess > 0) {
    const slots = capacities.reduce((sum, each) => sum + each, 0);
    return {
      headline: `${countText(excess, "container")} too many: nothing is placed`,
      more: `${countText(demand.reduce((sum, each) => sum + each, 0), "container")} do not fit ${
        countText(slots, "slot")
      }. Ask for fewer, or choose more nodes.`,
    };
  }
  const working = panels.filter(({ status }) => status === "placing" || status === "waiting");
  if (working.length > 0) {
    return { headline: `Placing by ${working.map(({ name }) => name).join(" and ")}…`, more: "" };
  }
  const failed = panels.filter(({ status }) => status === "failed");
  if (failed.length > 0) {
    const why = failed.map(({ scheduler, error }) => `${scheduler}: ${lowerFirst(error ?? "")}`);
    const words = failed.length === 2 ? "Neither placement is there" : "One placement is missing";
    return { headline: `${words}: there is nothing to compare`, more: `${why.join("; ")}.` };
  }
  return compared(panels, bound);
}

function compared([a, b]: readonly [Panel, Panel], bound: Bound): Verdict {
  const total = bound.kind === "proved" ? bound.total : null;
  const [first, second] = [a.value(total), b.value(total)];
  const aIsFaster = first.mean > second.mean;
  const [fast, slow] = aIsFaster ? [a, b] : [b, a];
  const [high, low] = aIsFaster ? [first, second] : [second, first];
  const share = low.mean === 0 ? 0 : high.mean / low.mean - 1;
  const headline = share < SAME
    ? `${a.title} and ${b.title} are equally fast on average`
    : `${fast.title} runs these containers ${
      fasterText(share)
    } faster than ${slow.title} on average${payersText(high, low)}`;
  return { headline, more: `${slowestText(high, low)} ${proofText(high, bound)}`.trim() };
}

function fasterText(share: number): string {
  return share < 5e-5 ? "less than 0.01 %" : changeText(share).slice(1);
}

/** Who runs slower in the faster placement: said in the same breath. */
function payersText(high: PlanValue, low: PlanValue): string {
  const payers = Object.entries(high.perApp).flatMap(([app, after]) => {
    const before = low.perApp[app] ?? null;
    return after === null || before === null || after > before * (1 - PAYS)
      ? []
      : [{ app, share: after / before - 1 }];
  }).sort((one, other) => one.share - other.share);
  const [most] = payers;
  if (most === undefined) {
    return high.worst! < low.worst! * (1 - PAYS)
      ? `; no app pays, but the slowest container does: ${
        changeText(high.worst! / low.worst! - 1).slice(1)
      } slower`
      : ", and no app pays for it";
  }
  const others = payers.length === 1 ? "" : ` most of ${payers.length} apps`;
  return `, and ${most.app} pays${others}: ${changeText(most.share).slice(1)} slower`;
}

function slowestText(high: PlanValue, low: PlanValue): string {
  if (high.worst === null || low.worst === null) return "";
  return `The slowest container runs at ${percentText(high.worst)} of its speed alone, against ${
    percentText(low.worst)
  }.`;
}

function proofText({ gap, proven }: PlanValue, bound: Bound): string {
  if (bound.kind === "proving") return "Proving the best possible…";
  if (gap === null) return "How far the best possible is, is not known.";
  return proven
    ? "No placement has a higher mean: that is proven under the model."
    : `Within ${(gap * 100).toFixed(3)} % of the optimum that is proven under the model.`;
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
