import { pricesIn } from "./domain_rows.ts";
import type { Formulation } from "./formulation.ts";

/** Prices of containers and of the rows about failure domains. */
export interface Prices {
  /** Price of a container of each app; length apps. */
  readonly prices: Float64Array;
  /** Price of each row about failure domains, at least 0. */
  readonly rowPrices: Float64Array;
}

/** What a container of each app costs the nodes of a family. */
export function familyPrices(
  { families, domainRows }: Formulation,
  family: number,
  { prices, rowPrices }: Prices,
): Float64Array {
  return pricesIn(domainRows, families[family]!.domain, prices, rowPrices);
}
