/**
 * Plans that the page saves, and what the command line says about them.
 * @module
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { memoryContext } from "../../cli/_testing.ts";
import { runCli } from "../../cli/run.ts";
import {
  datasetUrl,
  DEFAULT_FIT,
  DEFAULT_PROFILE,
  type Grounds,
  type PlanValue,
} from "../../mod.ts";

const PLAN = "plan.json";
const PROFILE = "profile.csv";

/** What a test reads of a plan. */
export interface ShownPlan extends Grounds, Omit<PlanValue, "fairness"> {
  readonly scheduler: string;
  readonly seed: number;
  readonly apps: string[];
  readonly nodes: number;
  readonly capacity: number;
  readonly demand: number[];
  readonly placement: number[][];
}

/** The plan that a panel saves. @param panel 1 or 2. */
export async function exported(page: Page, panel: number): Promise<ShownPlan> {
  const download = page.waitForEvent("download");
  await page.click(`.panel:nth-child(${panel}) .export`);
  return JSON.parse(await Deno.readTextFile((await (await download).path())!));
}

/** Holds that the page and the command line say the same of what a plan rests on. */
export function sameGrounds(shown: Grounds, told: Grounds): void {
  assert.equal(shown.provenUnder, told.provenUnder);
  const fields = [
    "measuredShare",
    "nearShare",
    "extrapolatedShare",
    "meanLow",
    "meanHigh",
  ] as const;
  for (const field of fields) {
    assert.ok(Math.abs(shown[field]! - told[field]!) < 1e-12, `${field} ${shown[field]}`);
  }
}

/** What `metis schedule` makes of a plan's problem. */
export async function schedule(plan: ShownPlan): Promise<ShownPlan> {
  const args = ["--scheduler", plan.scheduler, "--bound", "none"];
  return await printed(["schedule", ...problemOf(plan), ...args]) as ShownPlan;
}

/** What `metis compare` says of schedulers on a plan's problem, and of its bound. */
export async function compare(
  plan: ShownPlan,
  schedulers: readonly string[],
): Promise<readonly Omit<ShownPlan, "placement">[]> {
  const args = ["--schedulers", schedulers.join()];
  const { results } = await printed(["compare", ...problemOf(plan), ...args]) as {
    results: ShownPlan[];
  };
  return results;
}

/** What `metis compare --frontier` says that fairness costs on a plan's problem. */
export async function fairnessFrontier(
  plan: ShownPlan,
): Promise<readonly { readonly mean: number; readonly worst: number }[]> {
  const args = ["--schedulers", "optimal", "--frontier"];
  const { frontier } = await printed(["compare", ...problemOf(plan), ...args]) as {
    frontier: { mean: number; worst: number }[];
  };
  return frontier;
}

function problemOf({ nodes, capacity, demand, seed }: ShownPlan): string[] {
  return [
    ...["--nodes", `${nodes}`, "--capacity", `${capacity}`],
    ...["--demand", demand.join(), "--seed", `${seed}`],
  ];
}

/** What `metis evaluate` says of a plan. */
export async function evaluate(plan: ShownPlan): Promise<ShownPlan> {
  const files = { [PLAN]: JSON.stringify(plan) };
  return await printed(["evaluate", "--plan", PLAN], files) as ShownPlan;
}

/** What `metis replan` makes of a plan that runs. @param args Such as a demand and a number of moves. */
export async function replan(plan: ShownPlan, ...args: string[]): Promise<unknown> {
  return await printed(["replan", "--from", PLAN, ...args], { [PLAN]: JSON.stringify(plan) });
}

async function printed(
  args: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const profile = await Deno.readFile(datasetUrl(DEFAULT_PROFILE));
  const context = memoryContext({
    args: [...args, "--profile", PROFILE, "--fit", DEFAULT_FIT, "--json"],
    files: { ...files, [PROFILE]: profile },
  });
  assert.equal(await runCli(context), 0, context.talk());
  return JSON.parse(context.output());
}
