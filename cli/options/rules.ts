/**
 * Which rules a placement must keep: the options, and the rules in app indices.
 * @module
 */
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { type Cluster, InputError, nodeCount, type Rules } from "../../domain/mod.ts";
import { NodeNames } from "../../scheduling/problem_file/mod.ts";
import type { GivenBy } from "./define.ts";
import { appIndex, type NamedLimit, parseNamed, parseNames, refuseTwice } from "./parse.ts";

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
  new Option(
    "--fence <nodes>",
    "rule: nodes that take no container, by name or number: n2,web-1,5-7 (repeatable)",
  )
    .argParser<string[]>((text, earlier) => [...earlier ?? [], ...parseNames(text)]);

/** Which rules a placement must keep. */
export const ruleOptions = () => [maxPerNodeOption(), apartOption(), fenceOption()] as const;

/** Values of {@link ruleOptions}. */
export type RuleOptions = GivenBy<typeof ruleOptions>;

/**
 * The rules in app and node indices.
 * @param nodeNames Names of all nodes. @default n0, n1, ...
 * @throws {InputError} for an app or a node that does not exist.
 */
export function rulesOf(
  options: RuleOptions,
  apps: readonly string[],
  cluster: Cluster,
  nodeNames?: readonly string[],
): Rules {
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
  const nodes = new NodeNames(
    nodeNames === undefined ? [] : [{ names: [...nodeNames] }],
    nodeCount(cluster),
  );
  const fenced = (options.fence ?? []).flatMap((word) => {
    const found = nodes.find(word);
    if (found === null) throw new InputError(`--fence: ${nodes.noNode(word)}`);
    return found;
  });
  return { maxPerNode, apart, fencedNodes: [...new Set(fenced)].sort((a, b) => a - b) };
}

function parseApart(text: string): string[] {
  const names = parseNames(text);
  if (names.length < 2 || new Set(names).size !== names.length) {
    throw new InvalidArgumentError("It must be two or more different apps: redis,isr.");
  }
  return names;
}
