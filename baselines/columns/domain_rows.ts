/**
 * Rules about failure domains as rows of a linear program. The skew of an app is kept by one more variable, the fewest
 * containers that any of its domains holds: no domain holds fewer, and none more than that and the skew.
 * @module
 */
import { type FailureDomains, type Problem, spreadOf } from "../../domain/mod.ts";

/** sign x containers of the app in the domain + least x fewest in any domain <= most. */
export interface DomainRow {
  readonly app: number;
  readonly domain: number;
  readonly sign: 1 | -1;
  /** Coefficient of the variable "fewest containers of the app in any domain". */
  readonly least: 1 | 0 | -1;
  readonly most: number;
}

/** An app that must be in at least so many of the domains that could hold it. */
export interface FewestDomains {
  readonly app: number;
  readonly domains: readonly number[];
  readonly fewest: number;
}

/** Maximum and skew of every app with such a rule. */
export function domainRows(problem: Problem, domains: FailureDomains): DomainRow[] {
  return problem.apps.flatMap((_, app) => {
    const rule = spreadOf(problem.rules, app);
    if (rule === null || problem.demand[app] === 0) return [];
    return open(problem, domains, app).flatMap((domain): DomainRow[] => {
      const { maxPerDomain, maxSkew } = rule;
      return [
        ...(maxPerDomain === null
          ? []
          : [{ app, domain, sign: 1, least: 0, most: maxPerDomain } as const]),
        ...(maxSkew === null ? [] : [
          { app, domain, sign: 1, least: -1, most: maxSkew } as const,
          { app, domain, sign: -1, least: 1, most: 0 } as const,
        ]),
      ];
    });
  });
}

/** Apps with a minimum of domains. */
export function fewestDomains(problem: Problem, domains: FailureDomains): FewestDomains[] {
  return problem.apps.flatMap((_, app) => {
    const fewest = spreadOf(problem.rules, app)?.minDomains ?? 0;
    if (fewest < 2 || problem.demand[app] === 0) return [];
    return [{ app, domains: open(problem, domains, app), fewest }];
  });
}

/** Prices of a container of each app in a domain. */
export function pricesIn(
  rows: readonly DomainRow[],
  domain: number,
  prices: Float64Array,
  rowPrices: Float64Array,
): Float64Array {
  if (rows.length === 0) return prices;
  const own = prices.slice();
  rows.forEach((row, at) => {
    if (row.domain === domain) own[row.app]! += row.sign * rowPrices[at]!;
  });
  return own;
}

/** What one more of "fewest containers in any domain" is worth to each app at the prices of the rows. */
export function leastValues(
  rows: readonly DomainRow[],
  apps: number,
  rowPrices: Float64Array,
): Float64Array {
  const values = new Float64Array(apps);
  rows.forEach(({ app, least }, at) => values[app]! -= least * rowPrices[at]!);
  return values;
}

/** Apps with a variable "fewest containers in any domain". */
export function skewedApps(rows: readonly DomainRow[]): number[] {
  return [...new Set(rows.flatMap(({ app, least }) => least === 0 ? [] : [app]))];
}

function open({ apps }: Problem, { names, eligible }: FailureDomains, app: number): number[] {
  return names.flatMap((_, domain) => eligible[domain * apps.length + app] ? [domain] : []);
}
