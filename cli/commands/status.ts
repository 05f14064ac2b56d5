import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { InputError } from "../../domain/mod.ts";
import { type ServiceStatus, type StackStatus, stackStatus } from "../../swarm/deploy/status.ts";
import { statusMetrics } from "../../swarm/deploy/status_metrics.ts";
import { planTarget } from "../../swarm/deploy/target.ts";
import { checkStackName } from "../../swarm/names.ts";
import { type CliContext, printJson, wantsColor } from "../context.ts";
import { act, type GivenBy } from "../options/define.ts";
import * as options from "../options/mod.ts";
import { Talk } from "../output/progress.ts";
import { renderTable } from "../output/table.ts";
import * as swarm from "../swarm/mod.ts";
import {
  ingressProxyOption,
  loadPlanServices,
  nodeLabelOption,
  nodeNamesOption,
  onlyPlannedOption,
  planRequest,
} from "./deploy.ts";

/** Options of `metis status`. */
const statusOptions = () =>
  [
    swarm.servicesOption(),
    nodeNamesOption(),
    nodeLabelOption(),
    onlyPlannedOption(),
    ingressProxyOption(),
    new Option("--metrics", "print figures in the text format of Prometheus").conflicts("json"),
    swarm.stackOption(),
    ...swarm.engineOptions(),
    ...options.outputOptions(),
  ] as const;
type StatusArguments = GivenBy<typeof statusOptions>;

/** The command `metis status`. @param connect Finds the engine; tests give their own. */
export function command(
  context: CliContext,
  connect: swarm.Connect = swarm.connectManager,
): CommandUnknownOpts {
  return act(
    new Command("status")
      .description(
        "Shows which services of a stack run, where, and how often they were restarted; with a plan, also what is missing, " +
          "what is superfluous, and what others changed. Exit code 0 if all is as it should be, else 1.",
      )
      .argument("[plan]", "plan that it was deployed from"),
    statusOptions(),
    (plan, given) => runStatus(context, plan, given, connect),
  );
}

async function runStatus(
  context: CliContext,
  file: string | undefined,
  given: StatusArguments,
  connect: swarm.Connect,
): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  checkStackName(given.stack);
  const plan = file === undefined ? undefined : await options.loadPlan(context, file);
  const loaded = await loadPlanServices(context, talk, given, plan?.problem.apps);
  const status = await swarm.withEngine(connect, context, given, async (engine) => {
    const target = plan === undefined ? undefined : planTarget(engine, {
      ...planRequest(plan, file!, loaded, given),
      force: true,
      evenUnavailable: true,
    });
    return await stackStatus(engine, given.stack, target);
  });
  if (given.json) printJson(context, status);
  else if (given.metrics) context.stdout.write(statusMetrics(status));
  else showStatus(context, status);
  if (!status.healthy) throw new InputError(notAsPlanned(status));
}

function notAsPlanned({ stack, services }: StackStatus): string {
  const wrong = services.filter(({ state }) => state !== "running").length;
  return `${stack}: ${wrong} of ${services.length} services are not up to date`;
}

function showStatus(context: CliContext, status: StackStatus): void {
  if (status.services.length === 0) {
    return context.stdout.write(`${status.stack}: nothing of Metis runs\n`);
  }
  const { columns: width } = context.stdout;
  context.stdout.write(renderTable<ServiceStatus>(
    [
      { title: "Node", align: "left", cell: ({ node }) => node ?? "(any)" },
      { title: "App", align: "left", cell: ({ app }) => app },
      { title: "Running", align: "right", cell: ({ running, wanted }) => `${running}/${wanted}` },
      { title: "Restarts", align: "right", cell: ({ restarts }) => `${restarts}` },
      { title: "State", align: "left", cell: ({ state }) => state },
      {
        title: "Ports, or what is wrong",
        align: "left",
        cell: ({ ports, reason }) => reason || ports.join(" "),
        wraps: true,
      },
    ],
    status.services,
    { width, color: wantsColor(context, context.stdout) },
  ));
  if (status.healthy) context.stdout.write(`\n${status.stack}: everything is up to date\n`);
}
