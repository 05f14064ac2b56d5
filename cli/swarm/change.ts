/**
 * How a Swarm is changed: the options, and how a change is made and told.
 * @module
 */
import { Option } from "@commander-js/extra-typings";
import { countOf, printable } from "../../domain/mod.ts";
import type { KeepRunning } from "../../replanning/mod.ts";
import { type Change, realChanges } from "../../swarm/deploy/changes.ts";
import { deploy, planDeployment, type PlannedDeployment } from "../../swarm/deploy/deploy.ts";
import type {
  DeployOptions,
  DeployReport,
  Reporter,
  Target,
} from "../../swarm/deploy/deployment.ts";
import { changeJson, countChanges, describeChange } from "../../swarm/deploy/describe.ts";
import { lockOwner } from "../../swarm/deploy/owner.ts";
import { readSwarm } from "../../swarm/deploy/state.ts";
import { emptyTarget } from "../../swarm/deploy/undeploy.ts";
import { supportTarget } from "../../swarm/deploy/support.ts";
import { placeOnHosts, type PlanRequest } from "../../swarm/deploy/target.ts";
import type { Engine } from "../../swarm/engine/engine.ts";
import { needSupport } from "../../swarm/services/support.ts";
import { type CliContext, printJson } from "../context.ts";
import type { GivenBy } from "../options/define.ts";
import * as options from "../options/mod.ts";
import { Talk } from "../output/progress.ts";
import {
  type Connect,
  DEFAULT_STACK,
  type EngineArguments,
  engineOptions,
  withEngine,
} from "./engine.ts";

/** How support is brought up and taken down by commands without options for it. */
export const SUPPORT_CHANGE: Omit<ChangeArguments, keyof EngineArguments | "stack"> = {
  timeout: 300,
  monitor: 0,
  grace: 15,
  parallelism: 4,
  rollback: false,
};

/** Name of a stack. */
export const stackOption = (stack: string = DEFAULT_STACK) =>
  new Option("--stack <name>", "name of the stack, as `docker stack` shows it").default(stack);

/** End of the wait. */
export const timeoutOption = () =>
  new Option("--timeout <seconds>", "end the wait for a stage after this, with exit code 4")
    .argParser(options.positive).default(600);

/** Time for which all must keep running. */
export const monitorOption = () =>
  new Option("--monitor <seconds>", "how long tasks must keep running to count as stable")
    .argParser(seconds).default(5);

/** Patience with a node. */
export const graceOption = () =>
  new Option(
    "--grace <seconds>",
    "wait so long for a node that stops answering, before what it carries is undone",
  ).argParser(seconds).default(15);

/** Calls at once. */
export const parallelismOption = () =>
  new Option(
    "--parallelism <count>",
    "services that are changed at once, and containers that move in one stage",
  )
    .argParser(options.whole(1, 64)).default(4);

/** Keep what a failed deployment did. */
export const noRollbackOption = () =>
  new Option(
    "--no-rollback",
    "keep the changes made so far if the deployment fails, instead of rolling back",
  );

/** Accept what preflight refuses. */
export const forceOption = () =>
  new Option(
    "--force",
    "allow published ports that nodes are managed by (22, 2375-2377, ...), and images that neither this manager nor " +
      "their registry has",
  );

/** Only show. */
export const dryRunOption = () =>
  new Option("--dry-run", "show what would change, and change nothing");

/** How a stack is changed. @param stack Its usual name. */
export const changeOptions = (stack: string = DEFAULT_STACK) =>
  [
    stackOption(stack),
    dryRunOption(),
    timeoutOption(),
    monitorOption(),
    graceOption(),
    parallelismOption(),
    noRollbackOption(),
    forceOption(),
    ...engineOptions(),
    ...options.outputOptions(),
  ] as const;

/** Values of {@link changeOptions}, and of what else some commands ask for. */
export type ChangeArguments = GivenBy<typeof changeOptions> & {
  readonly keepRunning?: KeepRunning | undefined;
};

/** How a stack is removed. @param stack Its usual name. */
export const removeOptions = (stack: string = DEFAULT_STACK) =>
  [
    stackOption(stack),
    dryRunOption(),
    timeoutOption(),
    parallelismOption(),
    ...engineOptions(),
    ...options.outputOptions(),
  ] as const;

/** Values of {@link removeOptions}. */
export type RemoveArguments = GivenBy<typeof removeOptions>;

function seconds(text: string): number {
  return text === "0" ? 0 : options.positive(text);
}

/** Tells a deployment on standard error, in the words of docker. */
export function reporterOf(context: CliContext, talk: Talk): Reporter {
  let shown = -1;
  let shownAt = -Infinity;
  const verbs = { create: "Creating", update: "Updating", scale: "Scaling", remove: "Removing" };
  return {
    planned: (changes) => talk.notice(countChanges(changes)),
    change: (change) => {
      if (change.kind === "keep") return;
      const name = change.kind === "create" ? change.to.name : change.from.name;
      talk.notice(`${verbs[change.kind]} service ${name}`);
    },
    progress: ({ running, wanted }) => {
      const text = `overall progress: ${running} out of ${wanted} tasks`;
      if (context.stderr.isTerminal) {
        return talk.step({ fraction: wanted === 0 ? 1 : running / wanted, text });
      }
      // In a log, a line each time something moved, but not more than one in two seconds.
      const now = context.seconds();
      if (running === shown || (running < wanted && now - shownAt < 2)) return;
      shown = running;
      shownAt = now;
      talk.notice(text);
    },
    note: (text) => talk.notice(text),
  };
}

/** What would change, in the field names of `--json`. */
export function plannedJson({ changes, stages }: PlannedDeployment) {
  const jsonOf = (all: readonly Change[]) => realChanges(all).map(changeJson);
  return {
    changes: jsonOf(changes),
    ...(stages.length > 1 ? { stages: stages.map((stage) => jsonOf(stage.changes)) } : {}),
  };
}

/** What would change, for people. */
export function plannedText({ changes, stages }: PlannedDeployment): string {
  const isStaged = stages.length > 1;
  const linesOf = (all: readonly Change[]) =>
    realChanges(all).map((change) => printable(describeChange(change)) + "\n").join("");
  const lines = isStaged
    ? stages.map((stage, at) => `stage ${at + 1}\n${linesOf(stage.changes)}`).join("")
    : linesOf(changes);
  const note = isStaged ? `, in ${stages.length} stages` : "";
  return `${lines}${countChanges(changes)}${note}\n`;
}

/** Shows what would change: the result of `--dry-run`. */
function printChanges(
  context: CliContext,
  stack: string,
  planned: PlannedDeployment,
  json: boolean,
): void {
  if (json) printJson(context, { stack, ...plannedJson(planned) });
  else context.stdout.write(plannedText(planned));
}

/** How a deployment ended that converged, in the field names of `--json`. */
export function reportJson({ changes, containers, seconds }: DeployReport) {
  const made = realChanges(changes);
  return {
    outcome: "converged",
    changed: made.length,
    changes: made.map(changeJson),
    containers,
    seconds,
  };
}

/** How a deployment ended that converged, for people. */
export function reportText({ stack, changes, containers, seconds }: DeployReport): string {
  const made = realChanges(changes).length;
  const what = made === 0 ? "nothing changed" : countOf(made, "change");
  return `${stack}: ${countOf(containers, "container")} ${
    containers === 1 ? "runs" : "run"
  }, ${what} (${seconds.toFixed(1)} s)\n`;
}

/** Carries a change of the Swarm out, or shows it with `--dry-run`. */
export async function changeSwarm(
  context: CliContext,
  talk: Talk,
  given: ChangeArguments,
  engine: Engine,
  target: Target,
): Promise<void> {
  if (given.dryRun) {
    const planned = await planDeployment(engine, target, given);
    return printChanges(context, target.stack, planned, given.json === true);
  }
  const report = await deployTarget(context, talk, given, engine, target);
  if (given.json) printJson(context, { stack: target.stack, ...reportJson(report) });
  else context.stdout.write(reportText(report));
}

/** Deploys, and tells how it goes. */
export async function deployTarget(
  context: CliContext,
  talk: Talk,
  given: ChangeArguments,
  engine: Engine,
  target: Target,
): Promise<DeployReport> {
  try {
    return await deploy(
      engine,
      target,
      deployOptions(context, given),
      reporterOf(context, talk),
    );
  } finally {
    talk.clear();
  }
}

/**
 * Starts what the bundled workloads need on the nodes that they are going to run on, and removes what none needs
 * any more. A stack of its own, since the workloads of several stacks share it.
 * @param environment Of the file server.
 */
export async function changeSupport(
  context: CliContext,
  talk: Talk,
  given: ChangeArguments,
  engine: Engine,
  coming: readonly string[],
  environment?: Readonly<Record<string, string>>,
): Promise<void> {
  const target = supportTarget(engine, coming, environment);
  const changes = realChanges((await planDeployment(engine, target, given)).changes);
  if (changes.length === 0) return;
  if (given.dryRun) {
    for (const change of changes) talk.notice(`Support: ${describeChange(change)}`);
    return;
  }
  try {
    const { signal, ...options } = deployOptions(context, given);
    // What is taken away after a Ctrl-C must not be stopped by it.
    const stoppable = coming.length > 0 && signal !== undefined ? { signal } : {};
    await deploy(engine, target, { ...options, ...stoppable }, reporterOf(context, talk));
  } finally {
    talk.clear();
  }
}

/** Removes services of a stack, and the support that none needs any more. @param node The node that is emptied, or all. */
export async function removeStack(
  context: CliContext,
  given: RemoveArguments,
  connect: Connect,
  node?: string,
): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  await withEngine(connect, context, given, async (engine) => {
    const change = { ...given, monitor: 0, grace: 0, rollback: false };
    await changeSwarm(context, talk, change, engine, emptyTarget(given.stack, node));
    await changeSupport(context, talk, change, engine, []);
  });
}

/** {@link changeSupport} for the nodes of plans, where one of their apps needs it. */
export async function supportPlans(
  context: CliContext,
  talk: Talk,
  given: ChangeArguments,
  engine: Engine,
  requests: readonly PlanRequest[],
): Promise<void> {
  const inNeed = requests.filter(({ services, problem }) => needSupport(services, problem.apps));
  if (inNeed.length === 0) return;
  const state = await readSwarm(engine, given.stack);
  const nodes = inNeed.flatMap((request) => placeOnHosts(request, state).map(({ node }) => node));
  await changeSupport(context, talk, given, engine, [...new Set(nodes)]);
}

function deployOptions(context: CliContext, given: ChangeArguments): DeployOptions {
  const { timeout, monitor, grace, parallelism, rollback, force, keepRunning } = given;
  return {
    ...{ timeout, monitor, grace, parallelism, rollback, keepRunning },
    checksImages: force !== true,
    owner: lockOwner(),
    signal: context.signal,
  };
}
