import { type AppIndex, type Rules, type Spread, suggest } from "../../domain/mod.ts";
import type { Faults, Path } from "./faults.ts";
import type { NodeNames } from "./nodes.ts";
import type { RulesForm } from "./schema.ts";

/** Names that are listed in a message. */
const LISTED = 20;

/** The rules of a problem file in indices of apps and nodes. */
export function rulesOf(
  form: RulesForm,
  apps: readonly string[],
  nodeNames: NodeNames,
  faults: Faults,
): Rules {
  const known = new Map(apps.map((app, at) => [app, at]));
  const indexOf = (app: string, path: Path): AppIndex | null => {
    const at = known.get(app) ?? null;
    if (at === null) {
      faults.add(path, `there is no app ${app}${suggest(app, apps.slice(0, LISTED))}`);
    }
    return at;
  };
  /** What a rule says of each app; empty if it says nothing. */
  const perApp = <From, To>(
    rule: keyof RulesForm,
    given: Readonly<Record<string, From>> = {},
    read: (from: From) => To,
  ): (To | null)[] => {
    const entries = Object.entries(given);
    if (entries.length === 0) return [];
    const values = new Array<To | null>(apps.length).fill(null);
    for (const [app, from] of entries) {
      const at = indexOf(app, ["rules", rule, app]);
      if (at !== null) values[at] = read(from);
    }
    return values;
  };
  /** All pairs of each list of different apps. */
  const pairs = (
    rule: "apart" | "together",
    lists: readonly (readonly string[])[] = [],
  ): (readonly [AppIndex, AppIndex])[] =>
    lists.flatMap((names, at) => {
      const path = ["rules", rule, at];
      if (new Set(names).size < names.length) {
        faults.add(path, `must be different apps: got ${names.join(", ")}`);
        return [];
      }
      const indices = names.flatMap((app, place) => indexOf(app, [...path, place]) ?? []);
      return indices.flatMap((a, place) => indices.slice(place + 1).map((b) => [a, b] as const));
    });
  const together = pairs("together", form.together);
  refuseEmpty("require", form.require, "names no label", faults);
  refuseEmpty("spread", form.spread, "says no limit: maxPerDomain, minDomains or maxSkew", faults);
  const require = perApp("require", form.require, (labels) => labels);
  const spread = perApp("spread", form.spread, (one): Spread => ({
    maxPerDomain: one.maxPerDomain ?? null,
    minDomains: one.minDomains ?? null,
    maxSkew: one.maxSkew ?? null,
  }));
  return {
    maxPerNode: perApp("maxPerNode", form.maxPerNode, (limit) => limit),
    apart: pairs("apart", form.apart),
    fencedNodes: fencedNodes(form.fence ?? [], nodeNames, faults),
    ...(together.length === 0 ? {} : { together }),
    ...(require.length === 0 ? {} : { require }),
    ...(spread.length === 0 ? {} : { spread }),
  };
}

/** What says nothing of an app was meant to say something. */
function refuseEmpty(
  rule: keyof RulesForm,
  given: Readonly<Record<string, object>> = {},
  problem: string,
  faults: Faults,
): void {
  for (const [app, one] of Object.entries(given)) {
    if (Object.keys(one).length === 0) faults.add(["rules", rule, app], problem);
  }
}

/** Indices of nodes that are named, numbered, or in a range of numbers; ascending, each once. */
function fencedNodes(
  given: readonly (string | number)[],
  nodeNames: NodeNames,
  faults: Faults,
): number[] {
  const fenced = new Set<number>();
  given.forEach((one, at) => {
    const found = nodeNames.find(`${one}`);
    if (found === null) faults.add(["rules", "fence", at], nodeNames.noNode(`${one}`));
    else found.forEach((node) => fenced.add(node));
  });
  return [...fenced].sort((a, b) => a - b);
}
