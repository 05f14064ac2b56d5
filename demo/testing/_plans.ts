/**
 * Plans that the page saves, and what the command line says about them.
 * @module
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { memoryContext } from "../../cli/_testing.ts";
import { runCli } from "../../cli/run.ts";
import { datasetUrl, DEFAULT_PROFILE } from "../../mod.ts";

const PLAN = "plan.json";
const PROFILE = "profile.csv";

/** What a test reads of a plan. */
export interface ShownPlan {
  readonly scheduler: string;
  readonly seed: number;
  readonly apps: string[];
  readonly nodes: number;
  readonly capacity: number;
  readonly demand: number[];
  readonly mean: number;
  readonly total: number;
  readonly bound: number | null;
  readonly placement: number[][];
}

/** The plan that a panel saves. @param panel 1 or 2. */
export async function exported(page: Page, panel: number): Promise<ShownPlan> {
  const download = page.waitForEvent("download");
  await page.click(`.panel:nth-child(${panel}) .export`);
  return JSON.parse(await Deno.readTextFile((await (await download).path())!));
}

/** What `metis schedule` makes of a plan's problem. @param bound `none` where only the placement matters. */
export function schedule(plan: ShownPlan, bound: "none" | "optimal"): Promise<ShownPlan> {
  return printed([
    ...["schedule", "--nodes", `${plan.nodes}`, "--capacity", `${plan.capacity}`],
    ...["--demand", plan.demand.join(), "--scheduler", plan.scheduler, "--seed", `${plan.seed}`],
    ...["--bound", bound],
  ]);
}

/** What `metis evaluate` says of a plan. */
export function evaluate(plan: ShownPlan): Promise<ShownPlan> {
  return printed(["evaluate", "--plan", PLAN], { [PLAN]: JSON.stringify(plan) });
}

async function printed(
  args: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Promise<ShownPlan> {
  const profile = await Deno.readFile(datasetUrl(DEFAULT_PROFILE));
  const context = memoryContext({
    args: [...args, "--profile", PROFILE, "--json"],
    files: { ...files, [PROFILE]: profile },
  });
  assert.equal(await runCli(context), 0, context.talk());
  return JSON.parse(context.output());
}
