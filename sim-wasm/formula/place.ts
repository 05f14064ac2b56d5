import type { Formula } from "../../domain/mod.ts";
import type { Address } from "../build/core_exports.ts";
import type { Core } from "../core/core.ts";
import { placeContention } from "../implicit/contention.ts";
import { placeGaussian } from "./gaussian.ts";
import { placePairwise } from "./pairwise.ts";
import { placeTrees } from "./trees.ts";

/** True if evaluating a formula costs no more than a look into a cache would. */
export function isQuick(formula: Formula): boolean {
  const { kind } = formula;
  if (kind === "arranged" || kind === "worth") return isQuick(formula.formula);
  return kind === "contention" || kind === "pairwise";
}

/**
 * Writes a formula into a core, for as long as the core lives. Returns where it is.
 * @param known What is there already: several surfaces may be made of one formula.
 * @throws {ShapeError | InputError} if its arrays are not sound.
 */
export function placeFormula(
  core: Core,
  apps: number,
  formula: Formula,
  known: Map<Formula, Address> = new Map(),
): Address {
  const found = known.get(formula);
  if (found !== undefined) return found;
  const placed = place(core, apps, formula, known);
  known.set(formula, placed);
  return placed;
}

function place(
  core: Core,
  apps: number,
  formula: Formula,
  known: Map<Formula, Address>,
): Address {
  const { functions } = core;
  switch (formula.kind) {
    case "contention":
      return functions.createContentionFormula(placeContention(core, formula));
    case "pairwise":
      return placePairwise(core, apps, formula);
    case "trees":
      return placeTrees(core, formula);
    case "gaussian":
      return placeGaussian(core, formula);
    case "blend": {
      const { members } = formula;
      const blend = functions.createBlend(apps, members.length);
      const formulas = members.map(({ formula: member }) =>
        placeFormula(core, apps, member, known)
      );
      core.write("u32", functions.blendFormulas(blend), formulas, members.length);
      const weights = members.map(({ weight }) => weight);
      core.write("f64", functions.blendWeights(blend), weights, members.length);
      return blend;
    }
    case "measured": {
      const { counts, rps, others } = formula;
      const rest = placeFormula(core, apps, others, known);
      const measured = functions.createMeasured(apps, counts.length / apps, rest);
      core.write("u8", functions.measuredCounts(measured), counts, counts.length);
      core.write("f64", functions.measuredSpeeds(measured), rps, counts.length);
      functions.indexMeasured(measured);
      return measured;
    }
    case "arranged": {
      const { places, speed } = formula;
      const model = placeFormula(core, formula.apps, formula.formula, known);
      const arranged = functions.createArranged(apps, model);
      core.write("u32", functions.arrangedPlaces(arranged), places, apps);
      core.write("f64", functions.arrangedFactors(arranged), speed, apps);
      return arranged;
    }
    case "worth": {
      const model = placeFormula(core, apps, formula.formula, known);
      const worth = functions.createWorth(model, formula.leastLogarithm ?? 0);
      core.write("f64", functions.worthWeights(worth), formula.weights, apps);
      return worth;
    }
  }
}
