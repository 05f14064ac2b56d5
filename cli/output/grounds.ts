import { type Grounds, groundsOf, type Surface } from "../../scheduling/mod.ts";
import { describeConfiguration } from "../../models/mod.ts";
import type { Placement } from "../../domain/mod.ts";
import type { Talk } from "./progress.ts";

/** Share of the containers in configurations far from all measured ones, from which on a plan is mostly a guess. */
const MOSTLY = 0.5;

/** What a placement rests on; with a notice where that is mostly guessed. @param whose Names the placement in the notice. */
export function loadGrounds(
  talk: Talk,
  surface: Surface,
  placement: Placement,
  whose: string,
): Grounds {
  const { grounds, weakest } = groundsOf(surface, placement);
  const { extrapolatedShare: far } = grounds;
  if (far !== null && far > MOSTLY && weakest !== null) {
    const named = describeConfiguration(surface.apps, weakest.counts);
    const apart = Number.isFinite(weakest.distance)
      ? `${weakest.distance} containers from the nearest measured one`
      : "where nothing was measured";
    talk.notice(
      `${
        percent(far)
      } of the containers of ${whose} are in configurations far from all measured ones, such as ${named} ` +
        `(${apart}): measure it with metis profile --series ${weakest.series}`,
    );
  }
  return grounds;
}

/** What a placement rests on, for people: lines of a list; none where a table answers for everything. */
export function groundsPairs(grounds: Partial<Grounds>): [string, string][] {
  if (grounds.provenUnder === "table") return [];
  const { measuredShare, nearShare, extrapolatedShare, meanLow, meanHigh } = grounds;
  const pairs: [string, string][] = [];
  if (typeof meanLow === "number" && typeof meanHigh === "number") {
    pairs.push([
      "expected when measured",
      `${meanLow.toFixed(4)} to ${meanHigh.toFixed(4)} (90 %)`,
    ]);
  }
  if (typeof measuredShare === "number") {
    pairs.push([
      "containers in configurations",
      `${percent(measuredShare)} measured, ${percent(nearShare ?? 0)} near, ${
        percent(extrapolatedShare ?? 0)
      } far from any`,
    ]);
  }
  return pairs;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
