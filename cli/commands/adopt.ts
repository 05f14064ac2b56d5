import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { InputError } from "../../domain/mod.ts";
import { planOfPlacement, planText, planVersion } from "../../scheduling/plans/mod.ts";
import { readRunningStack } from "../../swarm/adopt/read.ts";
import { takeOver } from "../../swarm/adopt/take_over.ts";
import { type CliContext, printJson } from "../context.ts";
import { act, type GivenBy } from "../options/define.ts";
import * as options from "../options/mod.ts";
import { Talk } from "../output/progress.ts";
import { renderPairs } from "../output/table.ts";
import { stackNodesOptions } from "../replan/source.ts";
import * as swarm from "../swarm/mod.ts";

/** Options of `metis adopt`. */
const adoptOptions = () =>
  [
    new Option("--out <prefix>", "what the names of the files begin with (default: the stack's)"),
    new Option("--overwrite", "write the files, though they are there"),
    new Option(
      "--take-over",
      "make the services Metis' own, by labels and constraints that restart nothing: deploy then goes on from them",
    ),
    ...stackNodesOptions(),
    ...swarm.engineOptions(),
    ...options.outputOptions(),
  ] as const;
type AdoptArguments = GivenBy<typeof adoptOptions>;

/** The command `metis adopt`. @param connect Finds the engine; tests give their own. */
export function command(
  context: CliContext,
  connect: swarm.Connect = swarm.connectManager,
): CommandUnknownOpts {
  return act(
    new Command("adopt")
      .description(
        "Reads a stack that runs, whether `docker stack deploy` or Metis made it, and writes what Metis works with: a services " +
          "file, a plan of where its containers are, and a problem file. Without --take-over the Swarm is not changed.",
      )
      .argument("<stack>", "name of the stack, as `docker stack ls` shows it"),
    adoptOptions(),
    (stack, given) => runAdopt(context, stack, given, connect),
  );
}

async function runAdopt(
  context: CliContext,
  stack: string,
  given: AdoptArguments,
  connect: swarm.Connect,
): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  const prefix = given.out ?? stack;
  const files = {
    services: `${prefix}-services.yaml`,
    plan: `${prefix}-plan.json`,
    problem: `${prefix}-problem.yaml`,
  };
  for (const file of Object.values(files)) {
    if (!given.overwrite && await context.holdsFile(file)) {
      throw new InputError(
        `${file} is there already: --overwrite writes it again, or name others by --out`,
      );
    }
    await context.checkWritable(file);
  }
  await swarm.withEngine(connect, context, given, async (engine) => {
    const found = await readRunningStack(engine, stack, {
      label: given.nodeLabel,
      slots: given.slots,
    });
    for (const left of found.leftOut) {
      talk.notice(`${stack}: left out of the problem file: ${left}`);
    }
    const { problem, now } = found;
    await context.writeFile(files.services, found.services);
    await context.writeFile(files.problem, found.problemText);
    const fields = planOfPlacement(problem, now.placement, now.nodeNames);
    await context.writeFile(
      files.plan,
      planText({ format: "metis-plan", version: planVersion(problem, now.nodeNames), ...fields }),
    );
    const { services } = await swarm.loadServices(context, talk, [files.services], problem.apps);
    const taken = given.takeOver ? await takeOver(engine, stack, found, services) : [];
    const placed = problem.apps.map((app, at) => `${problem.demand[at]} ${app}`);
    if (given.json) {
      const demand = Object.fromEntries(problem.apps.map((app, at) => [app, problem.demand[at]]));
      return printJson(context, { stack, files, demand, nodes: now.nodeNames, taken });
    }
    context.stdout.write(renderPairs([
      ["stack", `${stack}: ${placed.join(", ")} on ${now.nodeNames.length} nodes`],
      ...Object.entries(files),
      ...taken.map(({ app, node, isReplaced }, at): [string, string] => [
        at === 0 ? "taken over" : "",
        node !== null
          ? `${app}, pinned to ${node}`
          : isReplaced
          ? `${app}: it runs on several nodes as one service, so deploy starts others in its place before it stops`
          : `${app}, which Swarm goes on placing`,
      ]),
    ], context.stdout.columns));
  });
}
