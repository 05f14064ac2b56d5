import { type Formulation, skewedApps } from "../columns/mod.ts";
import type { MatrixByRows } from "./matrix.ts";

/** A variable of a program besides those that place containers: whole, from 0 to `upper`. */
export interface DomainVariable {
  readonly upper: number;
  /** Its value in a placement. */
  readonly value: (held: HeldInDomain) => number;
}

/** Containers of an app that a placement has in a failure domain. */
export type HeldInDomain = (app: number, domain: number) => number;

/**
 * Adds the rules about failure domains to a program, as rows of sums over what a domain holds.
 * @param addContainers Adds `sign` x the containers of an app in a domain to the row that was begun last.
 * @param first Column of the first variable.
 * @returns The variables that the rows need: the fewest containers in any domain of an app with a skew, and for an app
 * with a minimum of domains whether each domain holds one.
 */
export function addDomainRows(
  matrix: MatrixByRows,
  { demand, domainRows, fewestDomains }: Pick<
    Formulation,
    "demand" | "domainRows" | "fewestDomains"
  >,
  addContainers: (app: number, domain: number, sign: number) => void,
  first: number,
): DomainVariable[] {
  const variables: DomainVariable[] = [];
  const add = (variable: DomainVariable): number => first + variables.push(variable) - 1;
  const fewest = new Map(
    skewedApps(domainRows).map((app) => {
      const domains = domainRows.flatMap((row) =>
        row.app === app && row.least !== 0 ? [row.domain] : []
      );
      const value = (held: HeldInDomain) => Math.min(...domains.map((domain) => held(app, domain)));
      return [app, add({ upper: demand[app]!, value })];
    }),
  );
  for (const { app, domain, sign, least, most } of domainRows) {
    matrix.beginRow(-Infinity, most);
    addContainers(app, domain, sign);
    if (least !== 0) matrix.add(fewest.get(app)!, least);
  }
  for (const { app, domains, fewest } of fewestDomains) {
    const used = domains.map((domain) => {
      const column = add({ upper: 1, value: (held) => Math.min(1, held(app, domain)) });
      matrix.beginRow(0, Infinity);
      addContainers(app, domain, 1);
      matrix.add(column, -1);
      return column;
    });
    matrix.beginRow(fewest, Infinity);
    for (const column of used) matrix.add(column, 1);
  }
  return variables;
}
