/**
 * Which rules a placement must keep: the options, and the rules in app indices.
 * @module
 */
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import type { Rules } from "../../domain/mod.ts";
import type { GivenBy } from "./define.ts";
import {
  appIndex,
  type NamedLimit,
  parseNamed,
  parseNames,
  parseRanges,
  refuseTwice,
} from "./parse.ts";

/** Limit of an app on a node. */
export const maxPerNodeOption = () =>
  new Option(
    "--max-per-node <app=count>",
    "rule: most containers of an app on one node: redis=2,isr=1 (repeatable)",
  )
    .argParser<NamedLimit[]>((
      text,
      earlier,
    ) => [...earlier ?? [], ...text.split(",").map(parseNamed)]);

/** Apps that may not share a node. */
export const apartOption = () =>
  new Option("--apart <apps>", "rule: apps that may not share a node: redis,isr (repeatable)")
    .argParser<string[][]>((text, earlier) => [...earlier ?? [], parseApart(text)]);

/** Nodes without containers. */
export const fenceOption = () =>
  new Option("--fence <nodes>", "rule: nodes that take no container: 3,5-7 (repeatable)")
    .argParser<number[]>((text, earlier) => (earlier ?? []).concat(parseRanges(text)));

/** Which rules a placement must keep. */
export const ruleOptions = () => [maxPerNodeOption(), apartOption(), fenceOption()] as const;

/** Values of {@link ruleOptions}. */
export type RuleOptions = GivenBy<typeof ruleOptions>;

/**
 * The rules in app indices.
 * @throws {InputError} for an app that does not exist.
 */
export function rulesOf(options: RuleOptions, apps: readonly string[]): Rules {
  const limits = options.maxPerNode ?? [];
  refuseTwice("--max-per-node", limits);
  const maxPerNode: (number | null)[] = limits.length === 0
    ? []
    : new Array<number | null>(apps.length).fill(null);
  for (const { app, limit } of limits) {
    const at = appIndex(app, apps, "--max-per-node");
    maxPerNode[at] = Math.min(limit, maxPerNode[at] ?? limit);
  }
  const apart = (options.apart ?? []).flatMap((names) => {
    const indices = names.map((app) => appIndex(app, apps, "--apart"));
    return indices.flatMap((a, at) => indices.slice(at + 1).map((b) => [a, b] as const));
  });
  return {
    maxPerNode,
    apart,
    fencedNodes: [...new Set(options.fence ?? [])].sort((a, b) => a - b),
  };
}

function parseApart(text: string): string[] {
  const names = parseNames(text);
  if (names.length < 2 || new Set(names).size !== names.length) {
    throw new InvalidArgumentError("It must be two or more different apps: redis,isr.");
  }
  return names;
}
