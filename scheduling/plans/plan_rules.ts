import * as v from "valibot";
import { InputError, type Rules, type Spread } from "../../domain/mod.ts";
import { name, notList, record, wholeNumber } from "./forms.ts";

const limit = v.optional(v.nullable(v.pipe(wholeNumber, v.minValue(1))), null);
const pairs = v.optional(v.array(v.strictTuple([name, name])), []);

/** Form of the rules in a plan file. */
export const rulesSchema = notList(v.strictObject({
  maxPerNode: v.optional(record(v.string(), wholeNumber), {}),
  apart: pairs,
  fencedNodes: v.optional(v.array(wholeNumber), []),
  together: pairs,
  require: v.optional(record(v.string(), record(v.string(), v.string())), {}),
  spread: v.optional(
    record(
      v.string(),
      v.strictObject({ maxPerDomain: limit, minDomains: limit, maxSkew: limit }),
    ),
    {},
  ),
}));

/** Rules in the field names of `--json`, with apps by name; the later ones only where they are used. */
export interface PlanRules {
  /** Most containers of an app on one node. */
  readonly maxPerNode: Readonly<Record<string, number>>;
  /** Pairs of apps that may not share a node. */
  readonly apart: readonly (readonly [string, string])[];
  /** Nodes that take no container. */
  readonly fencedNodes: readonly number[];
  /** Pairs [a, b]: every node with an a holds a b. */
  readonly together?: readonly (readonly [string, string])[];
  /** Labels that the nodes of an app have. */
  readonly require?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** How an app is spread over failure domains. */
  readonly spread?: Readonly<Record<string, Spread>>;
}

/** True for rules that version 1 of the format does not know. */
export function hasFurtherRules({ together = [], require = [], spread = [] }: Rules): boolean {
  return together.length > 0 || [...require, ...spread].some((one) => one !== null);
}

/** Rules with apps by name. */
export function namedRules(rules: Rules, apps: readonly string[]): PlanRules {
  const { maxPerNode, apart, fencedNodes, together = [], require = [], spread = [] } = rules;
  const byName = <T>(values: readonly (T | null)[]): Record<string, T> =>
    Object.fromEntries(
      values.flatMap((value, app) => value === null ? [] : [[apps[app]!, value] as const]),
    );
  const named = (pairs: Rules["apart"]) => pairs.map(([a, b]) => [apps[a]!, apps[b]!] as const);
  const further = {
    together: named(together),
    require: byName(require),
    spread: byName(spread),
  };
  return {
    maxPerNode: byName(maxPerNode),
    apart: named(apart),
    fencedNodes,
    ...Object.fromEntries(
      Object.entries(further).filter(([, value]) => Object.keys(value).length > 0),
    ),
  };
}

/** Rules in indices of apps. @throws {InputError} naming the file and an app that does not exist. */
export function rulesOf(
  rules: v.InferOutput<typeof rulesSchema>,
  apps: readonly string[],
  file: string,
): Rules {
  const index = (app: string): number => {
    const at = apps.indexOf(app);
    if (at < 0) throw new InputError(`${file}: rules name ${app}, which is not among the apps`);
    return at;
  };
  const perApp = <T>(given: Readonly<Record<string, T>>): (T | null)[] => {
    const values = new Array<T | null>(apps.length).fill(null);
    for (const [app, value] of Object.entries(given)) values[index(app)] = value;
    return values;
  };
  const indexed = (pairs: readonly (readonly [string, string])[]) =>
    pairs.map(([a, b]) => [index(a), index(b)] as const);
  const { maxPerNode, apart, fencedNodes, together, require, spread } = rules;
  return {
    maxPerNode: perApp(maxPerNode),
    apart: indexed(apart),
    fencedNodes,
    ...(together.length === 0 ? {} : { together: indexed(together) }),
    ...(Object.keys(require).length === 0 ? {} : { require: perApp(require) }),
    ...(Object.keys(spread).length === 0 ? {} : { spread: perApp(spread) }),
  };
}
