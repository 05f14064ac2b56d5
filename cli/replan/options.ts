/**
 * What `replan` and `scale` ask alike: from which plan, to what, valued by what.
 * @module
 */
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { decimal } from "../../domain/mod.ts";
import type { KeepRunning } from "../../replanning/mod.ts";
import * as options from "../options/mod.ts";

/** The plan that runs. */
export const fromOption = () =>
  new Option("--from <plan>", "plan that runs now, saved by `metis schedule --out`");

/** What has to keep running while steps are taken. */
export const keepRunningOption = () =>
  new Option(
    "--keep-running <containers>",
    "containers of each app that run at any time: 2, or a share such as 50% (default: 1 where that can be)",
  ).argParser(parseKeepRunning);

/** Cost of a move. */
export const moveCostOption = () =>
  new Option(
    "--move-cost <rps>",
    "normalised RPS in total that a move has to bring (default: 0)",
  ).argParser(options.positive);

/** Apps that stay. */
export const pinOption = () =>
  new Option("--pin <apps>", "apps whose containers stay where they are: redis,isr")
    .argParser(options.parseNames);

/** What values placements, under which rules and on which nodes: the plan's own, where nothing is said. */
export const ownOptions = () =>
  [
    ...options.surfaceOptions(),
    options.appsOption(),
    ...options.clusterOptions(),
    ...options.ruleOptions(),
    ...options.objectiveOptions(),
    options.floorOption(),
  ] as const;

/** How long and how well it is worked on. */
export const effortOptions = () =>
  [options.seedOption(), options.timeLimitOption(), options.gapOption()] as const;

/** What values the containers of a stack, under which rules: its nodes are those of the Swarm. */
export const stackProblemOptions = () =>
  [
    new Option(
      "--problem <file>",
      "problem file: nodes by their host names, rules, and a surface unless an option names one",
    ).conflicts(["maxPerNode", "apart"]),
    ...options.surfaceOptions(),
    options.appsOption(),
    options.maxPerNodeOption(),
    options.apartOption(),
    options.floorOption(),
  ] as const;

function parseKeepRunning(text: string): KeepRunning {
  const share = /^(.+?)\s*%$/.exec(text.trim());
  if (share === null) {
    if (/^\d+$/.test(text)) return { count: Number(text) };
  } else {
    const percent = decimal(share[1]!);
    if (percent >= 0 && percent <= 100) return { share: percent / 100 };
  }
  throw new InvalidArgumentError("It must be a whole number, or a share from 0% to 100%.");
}
