import type { Formula } from "../../domain/mod.ts";
import type { Address } from "../build/core_exports.ts";
import type { Core } from "../core/core.ts";
import { placePairwise } from "./pairwise.ts";

/** Formulas that are evaluated as they are, without implicit/. */
export type ModelFormula = Exclude<Formula, { readonly kind: "contention" }>;

/** Writes the formula of a model into a core, to be given back by freeOwner. Returns where it is. */
export function placeFormula(core: Core, apps: number, formula: ModelFormula): Address {
  return placePairwise(core, apps, formula);
}
