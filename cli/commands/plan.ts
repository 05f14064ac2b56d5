import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { InputError, printable } from "../../domain/mod.ts";
import { EXPORT_FORMATS, type ExportFormat, exportPlan } from "../../swarm/export/export.ts";
import { checkAppName, checkHostName, checkStackName } from "../../swarm/names.ts";
import { requireServices } from "../../swarm/services/compose.ts";
import { type CliContext, printJson, wantsColor } from "../context.ts";
import { act, untyped } from "../options/define.ts";
import * as options from "../options/mod.ts";
import { drawnGroups, placementSvg } from "../output/plots/placement.ts";
import { planTitle, renderPlacement } from "../output/plots/terminal.ts";
import { showDifference } from "../replan/difference.ts";
import { Talk } from "../output/progress.ts";
import { wrapText } from "../output/table.ts";
import * as swarm from "../swarm/mod.ts";
import { nodeNamesOption } from "./deploy.ts";

/** Options of `metis plan show`. */
const showOptions = () =>
  [
    new Option("--svg <file>", "draw it as an SVG image instead"),
    ...options.outputOptions(),
  ] as const;

/** Options of `metis plan export`. */
const exportOptions = () =>
  [
    new Option("--format <name>", "form of the file").choices(EXPORT_FORMATS).default(
      "swarm" as const,
    ),
    nodeNamesOption().makeOptionMandatory(),
    swarm.servicesOption(),
    swarm.stackOption(),
    options.outOption("the export"),
    options.quietOption(),
  ] as const;

/** Options of `metis plan diff`. */
const diffOptions = () =>
  [
    ...options.surfaceOptions(),
    options.appsOption(),
    options.seedOption(),
    ...options.outputOptions(),
  ] as const;

/** The command `metis plan`. */
export function command(context: CliContext): CommandUnknownOpts {
  const command = new Command("plan").description(
    "Draws and compares plans, and turns them into files for other tools.",
  );
  act(
    command.command("show")
      .description(
        "Draw where a plan puts containers: equal nodes together, a letter for each app.",
      )
      .argument("<plan>", "plan saved by `metis schedule --out`"),
    showOptions(),
    (plan, given) => runShow(context, plan, given),
  );
  act(
    command.command("diff")
      .description(
        "Show what starts and stops on each node from one plan to another; with a profile, table or model also what that brings.",
      )
      .argument("<before>", "plan saved by `metis schedule --out`")
      .argument("<after>", "another plan"),
    diffOptions(),
    (before, after, given) => showDifference(context, before, after, given),
  );
  act(
    command.command("export")
      .description(
        "Export a plan as a stack file for `docker stack deploy` (swarm), a Compose file (compose), or " +
          "Deployments with node affinity (kubernetes).",
      )
      .argument("<plan>", "plan saved by `metis schedule --out`"),
    exportOptions(),
    (plan, given) => runExport(context, plan, given),
  );
  return untyped(command);
}

async function runShow(
  context: CliContext,
  file: string,
  given: {
    readonly svg?: string | undefined;
    readonly json?: true | undefined;
    readonly quiet?: true | undefined;
  },
): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  const { scheduler, problem, placement } = await options.loadPlan(context, file);
  const title = planTitle(problem, scheduler);
  if (given.svg !== undefined) {
    await context.writeFile(given.svg, placementSvg(problem, placement, { title }));
    talk.notice(`Wrote ${given.svg}`);
  }
  const groups = drawnGroups(problem, placement);
  if (given.json) return printJson(context, { apps: problem.apps, scheduler, groups });
  if (given.svg !== undefined) return;
  const layout = { width: context.stdout.columns, color: wantsColor(context, context.stdout) };
  context.stdout.write(`${wrapText(printable(title), layout.width)}\n\n`);
  context.stdout.write(renderPlacement(problem, groups, layout));
}

async function runExport(
  context: CliContext,
  file: string,
  given: {
    readonly format: ExportFormat;
    readonly nodes: readonly string[];
    readonly services?: readonly string[] | undefined;
    readonly stack: string;
    readonly out?: string | undefined;
    readonly quiet?: true | undefined;
  },
): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  const { problem, placement } = await options.loadPlan(context, file);
  const { services, servicesFile } = await swarm.loadServices(context, talk, given.services);
  checkStackName(given.stack);
  problem.apps.forEach((app) => checkAppName(app, file));
  given.nodes.forEach((name) => checkHostName(name, "--nodes"));
  const spots = Array.from(
    { length: placement.nodes },
    (_, node) =>
      problem.apps.flatMap((app, at) => {
        const replicas = placement.counts[node * placement.apps + at]!;
        if (replicas === 0) return [];
        const host = given.nodes[node];
        if (host === undefined) {
          throw new InputError(
            `${file}: node ${node} holds containers, but --nodes names only ${given.nodes.length} nodes`,
          );
        }
        return [{ app, node: host, replicas }];
      }),
  ).flat();
  requireServices(services, [...new Set(spots.map(({ app }) => app))], servicesFile);
  const text = exportPlan(given.format, given.stack, spots, services, (text) => talk.notice(text));
  if (given.out === undefined) return context.stdout.write(text);
  await context.writeFile(given.out, text);
  talk.notice(`Wrote ${given.out}`);
}
