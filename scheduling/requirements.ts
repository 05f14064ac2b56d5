import { countOf, neededResources, type Problem, type Rules, type Spread } from "../domain/mod.ts";

/** A problem with what its containers must keep. */
export interface Wanted extends Problem {
  /** Normalised RPS per app that each of its containers must be predicted to keep; null = none. @default none */
  readonly floors?: readonly (number | null)[];
}

/** One thing that a problem asks for: in words, and the problem without it. */
export interface Requirement {
  /** In words, such as "at most 2 api on a node". */
  readonly text: string;
  /** True if it is containers to place, not how. */
  readonly isDemand?: boolean;
  /** The problem as if it were not asked for. */
  readonly without: (problem: Wanted) => Wanted;
}

/** Names of the fenced nodes that are listed. */
const LISTED = 6;

/**
 * All that a problem asks for, one by one: rules first, then floors, resources, and the containers of each app.
 * @param nodeName Name of a node. @default node 7
 */
export function requirementsOf(
  problem: Wanted,
  nodeName: (node: number) => string = (node) => `node ${node}`,
): Requirement[] {
  const { apps, demand, floors = [] } = problem;
  return [
    ...ruleRequirements(problem, nodeName),
    ...floors.flatMap((floor, app): Requirement[] =>
      floor === null || demand[app] === 0 ? [] : [{
        text: `a floor of ${floor} under ${apps[app]}`,
        without: ({ floors: now = [], ...rest }) => ({ ...rest, floors: now.with(app, null) }),
      }]
    ),
    ...neededResources(problem).map((name): Requirement => ({
      text: `the ${name} that containers take`,
      without: ({ needs = [], ...rest }) => ({
        ...rest,
        needs: needs.map(({ [name]: _, ...need }) => need),
      }),
    })),
    ...apps.flatMap((app, at): Requirement[] =>
      demand[at] === 0 ? [] : [{
        text: countOf(demand[at]!, "container") + ` of ${app}`,
        isDemand: true,
        // Others may need one beside them: whoever asks for none of an app does not ask for none at all.
        without: ({ rules, ...changed }) => ({
          ...changed,
          demand: changed.demand.with(at, 0),
          rules: {
            ...rules,
            ...(rules.together === undefined
              ? {}
              : { together: rules.together.filter(([, beside]) => beside !== at) }),
          },
        }),
      }]
    ),
  ];
}

/** The rules of a problem, one by one. */
export function ruleRequirements(
  { apps, rules }: Problem,
  nodeName: (node: number) => string = (node) => `node ${node}`,
): Requirement[] {
  const { maxPerNode, apart, together = [], require = [], spread = [], fencedNodes } = rules;
  const rule = (text: string, without: (rules: Rules) => Partial<Rules>): Requirement => ({
    text,
    without: (problem) => ({ ...problem, rules: { ...problem.rules, ...without(problem.rules) } }),
  });
  return [
    ...maxPerNode.flatMap((limit, app) =>
      limit === null ? [] : [rule(
        `at most ${limit} ${apps[app]} on a node`,
        (now) => ({ maxPerNode: now.maxPerNode.with(app, null) }),
      )]
    ),
    ...apart.map((pair) =>
      rule(
        `${apps[pair[0]]} and ${apps[pair[1]]} apart`,
        (now) => ({ apart: now.apart.filter((other) => other !== pair) }),
      )
    ),
    ...together.map((pair) =>
      rule(
        `every node with ${apps[pair[0]]} holds ${apps[pair[1]]}`,
        (now) => ({ together: (now.together ?? []).filter((other) => other !== pair) }),
      )
    ),
    ...require.flatMap((labels, app) => {
      if (labels === null) return [];
      const wanted = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
      return [rule(
        `${apps[app]} on nodes with ${wanted.join(" and ")}`,
        (now) => ({ require: (now.require ?? []).with(app, null) }),
      )];
    }),
    ...spread.flatMap((one, app) =>
      one === null ? [] : spreadRequirements(apps[app]!, app, one, rule)
    ),
    ...(fencedNodes.length === 0
      ? []
      : [rule(fenceText(fencedNodes.map(nodeName)), () => ({ fencedNodes: [] }))]),
  ];
}

function spreadRequirements(
  name: string,
  app: number,
  { maxPerDomain, minDomains, maxSkew }: Spread,
  rule: (text: string, without: (rules: Rules) => Partial<Rules>) => Requirement,
): Requirement[] {
  const part = (limit: keyof Spread, text: string): Requirement =>
    rule(text, ({ spread = [] }) => {
      const now = { ...spread[app]!, [limit]: null };
      const isEmpty = Object.values(now).every((value) => value === null);
      return { spread: spread.with(app, isEmpty ? null : now) };
    });
  return [
    ...(maxPerDomain === null
      ? []
      : [part("maxPerDomain", `at most ${maxPerDomain} ${name} in a domain`)]),
    ...(minDomains === null
      ? []
      : [part("minDomains", `${name} in at least ${minDomains} domains`)]),
    ...(maxSkew === null ? [] : [part("maxSkew", `domains differ by at most ${maxSkew} ${name}`)]),
  ];
}

function fenceText(names: readonly string[]): string {
  const shown = names.slice(0, LISTED).join(", ");
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : "";
  return `no containers on ${shown}${more}`;
}
