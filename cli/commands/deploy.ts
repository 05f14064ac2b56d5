import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import type { ReadPlan } from "../../scheduling/plans/mod.ts";
import { planTarget, unplannedApps } from "../../swarm/deploy/target.ts";
import { withProxies } from "../../swarm/services/ingress.ts";
import type { CliContext } from "../context.ts";
import { act, type GivenBy } from "../options/define.ts";
import * as options from "../options/mod.ts";
import { Talk } from "../output/progress.ts";
import { keepRunningOption } from "../replan/options.ts";
import * as swarm from "../swarm/mod.ts";

/** Options by which the nodes of a plan are found in a Swarm. */
export interface MappingArguments {
  readonly nodes?: readonly string[] | undefined;
  readonly nodeLabel?: string | undefined;
  readonly services?: readonly string[] | undefined;
  readonly force?: true | undefined;
  readonly cpus?: number | undefined;
  readonly memory?: string | undefined;
  readonly onlyPlanned?: true | undefined;
  readonly ingressProxy?: string | undefined;
}

/** Nodes by name. */
export const nodeNamesOption = () =>
  new Option("--nodes <names>", "host names of the plan's nodes, in the plan's order: n1,n2,n3")
    .argParser(options.parseNames);

/** Nodes by label. */
export const nodeLabelOption = () =>
  new Option(
    "--node-label <label>",
    "use the nodes with this label: disk or disk=ssd (default: those with io.metis.slots, else all)",
  ).conflicts("nodes");

/** Nothing but the apps of the plan. */
export const onlyPlannedOption = () =>
  new Option(
    "--only-planned",
    "leave the services that the plan does not name as they are, instead of deploying them as Docker would",
  );

/** One address for an app. */
export const ingressProxyOption = () =>
  new Option(
    "--ingress-proxy <image>",
    "an image of HAProxy: it takes the ingress ports of the plan's apps on every node, and leads to their containers wherever " +
      "they are (default: each container has its ports on its own node)",
  ).conflicts("onlyPlanned");

/** Options of `metis deploy`. */
const deployOptions = () =>
  [
    swarm.servicesOption(),
    nodeNamesOption(),
    nodeLabelOption(),
    swarm.planCpusOption(),
    swarm.memoryOption(),
    onlyPlannedOption(),
    ingressProxyOption(),
    ...swarm.changeOptions(),
    keepRunningOption(),
    options.problemOfPlanOption(),
  ] as const;
type DeployArguments = GivenBy<typeof deployOptions>;

/** The command `metis deploy`. @param connect Finds the engine; tests give their own. */
export function command(
  context: CliContext,
  connect: swarm.Connect = swarm.connectManager,
): CommandUnknownOpts {
  return act(
    new Command("deploy")
      .description(
        "Deploys a plan on a Docker Swarm: shows what changes, changes it, waits until it runs and keeps " +
          "running, and rolls back if that fails. Containers of a stack that runs already move in stages: they start where " +
          "they go before they stop where they were. Run again, it changes nothing.",
      )
      .argument("<plan>", "plan saved by `metis schedule --out`"),
    deployOptions(),
    (plan, given) => runDeploy(context, plan, given, connect),
  );
}

async function runDeploy(
  context: CliContext,
  file: string,
  given: DeployArguments,
  connect: swarm.Connect,
): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  const problem = await options.loadProblem(context, talk, given.problem);
  const plan = options.planOnProblem(await options.loadPlan(context, file), file, problem);
  const loaded = await loadPlanServices(context, talk, given, plan.problem.apps);
  const unplanned = given.services === undefined
    ? []
    : unplannedApps(loaded.services, plan.problem.apps);
  if (unplanned.length > 0) {
    const what = given.onlyPlanned
      ? "left as they are (--only-planned)"
      : "deployed as Docker would, since the plan does not name them";
    talk.notice(`${loaded.servicesFile}: ${what}: ${unplanned.join(", ")}`);
  }
  await swarm.withEngine(connect, context, given, async (engine) => {
    const request = planRequest(plan, file, loaded, given);
    const target = planTarget(engine, request);
    await swarm.supportPlans(context, talk, given, engine, [request]);
    await swarm.changeSwarm(context, talk, given, engine, target);
  });
}

/** What runs as the apps of a plan. @param apps Its apps. @default all that are named */
export function loadPlanServices(
  context: CliContext,
  talk: Talk,
  { services, ingressProxy }: MappingArguments,
  apps?: readonly string[],
) {
  // A proxy publishes what the file says: nothing of it is ignored.
  const kept = ingressProxy === undefined ? [] : ["ports"];
  return swarm.loadServices(context, talk, services, apps, kept);
}

/** A plan as the deployer takes it. */
export function planRequest(
  { problem, placement, nodeNames }: ReadPlan,
  planFile: string,
  loaded: Awaited<ReturnType<typeof swarm.loadServices>>,
  given: MappingArguments & { readonly stack: string },
) {
  return {
    stack: given.stack,
    problem,
    placement,
    planFile,
    servicesFile: loaded.servicesFile,
    services: given.ingressProxy === undefined
      ? loaded.services
      : withProxies(loaded.services, problem.apps, given.ingressProxy),
    selection: { names: given.nodes, label: given.nodeLabel, ofPlan: nodeNames },
    force: given.force === true,
    limits: { cpus: given.cpus, memory: given.memory },
    unplanned: given.services === undefined || given.onlyPlanned
      ? "left" as const
      : "deployed" as const,
  };
}
