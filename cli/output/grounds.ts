import { type Grounds, groundsOf, type Surface } from "../../scheduling/mod.ts";
import { describeConfiguration, TableModel } from "../../models/mod.ts";
import { countOf, type Placement } from "../../domain/mod.ts";
import { percentText } from "./figures.ts";
import type { Talk } from "./progress.ts";

/** Share of the containers in configurations far from all measured ones, from which on a plan is mostly a guess. */
const MOSTLY = 0.5;

/** What a placement rests on, and whose it is, for notices. */
export interface GroundsOf extends ReturnType<typeof groundsOf> {
  /** Such as "the plan". */
  readonly whose: string;
}

/**
 * What a placement rests on; with a notice where that is mostly guessed. Of several surfaces it is only told whether all are
 * tables.
 * @param whose Names the placement in the notice.
 */
export function loadGrounds(
  talk: Talk,
  surfaces: readonly [Surface, ...Surface[]],
  placement: Placement,
  whose: string,
): Partial<Grounds> {
  const [surface, ...more] = surfaces;
  if (more.length > 0) return { provenUnder: surfaces.every(isTableAlone) ? "table" : "model" };
  const found = { ...groundsOf(surface, placement), whose };
  tellGuesses(talk, surface.apps, [found]);
  return found.grounds;
}

/** True if measurements alone answer. */
export function isTableAlone({ model }: Surface): boolean {
  return model instanceof TableModel && model.fallback === null;
}

/** A notice where placements are mostly guessed: it names the worst of them, and what would be worth measuring. */
export function tellGuesses(
  talk: Talk,
  apps: readonly string[],
  placements: readonly GroundsOf[],
): void {
  const guessed = placements.flatMap(({ grounds, weakest, whose }) => {
    const far = grounds.extrapolatedShare ?? 0;
    return far > MOSTLY && weakest !== null ? [{ far, weakest, whose }] : [];
  });
  const [worst, ...others] = guessed.sort((a, b) =>
    b.far - a.far || b.weakest.distance - a.weakest.distance
  );
  if (worst === undefined) return;
  const { far, weakest, whose } = worst;
  const named = describeConfiguration(apps, weakest.counts);
  const apart = Number.isFinite(weakest.distance)
    ? `${countOf(weakest.distance, "container")} from the nearest measured one`
    : "where nothing was measured";
  const more = others.length === 0
    ? ""
    : `; ${countOf(others.length, "more placement")} ${
      others.length === 1 ? "is" : "are"
    } mostly so`;
  talk.notice(
    `${
      percentText(far)
    } of the containers of ${whose} are in configurations far from all measured ones, such as ${named} ` +
      `(${apart}): measure it with metis profile --series ${weakest.series}${more}`,
  );
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
      `${percentText(measuredShare)} measured, ${percentText(nearShare ?? 0)} near, ${
        percentText(extrapolatedShare ?? 0)
      } far from any`,
    ]);
  }
  return pairs;
}
