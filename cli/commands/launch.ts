import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { UsageError } from "../../domain/mod.ts";
import { LAUNCH_STACK, launchTarget, readSlots } from "../../swarm/deploy/launch.ts";
import { needSupport } from "../../swarm/services/support.ts";
import type { CliContext } from "../context.ts";
import { act, type GivenBy } from "../options/define.ts";
import * as options from "../options/mod.ts";
import { Talk } from "../output/progress.ts";
import * as swarm from "../swarm/mod.ts";

/** Options of `metis launch`. */
const launchOptions = () =>
  [
    new Option("--node <name>", "host name of the node").makeOptionMandatory(),
    swarm.servicesOption(),
    swarm.cpusOption(),
    swarm.memoryOption(),
    new Option("--env <NAME=VALUE>", "set a variable in every container; may be repeated")
      .default({}).argParser(addVariable),
    new Option("--first-port <port>", "port of the first slot").argParser(options.whole(1, 65000))
      .default(8081),
    ...swarm.changeOptions(LAUNCH_STACK),
  ] as const;
type LaunchArguments = GivenBy<typeof launchOptions>;

/** The command `metis launch`. @param connect Finds the engine; tests give their own. */
export function command(
  context: CliContext,
  connect: swarm.Connect = swarm.connectManager,
): CommandUnknownOpts {
  return act(
    new Command("launch")
      .description(
        "Launches workloads on one node, one for each slot, replacing what was launched there before. " +
          "The container of slot i (from 0) is reached at the node's port 8081 + i.",
      )
      .argument("<slots...>", "what each slot runs: 0 nothing, 1 to 7 a workload, or its name"),
    launchOptions(),
    (words, given) => runLaunch(context, words, given, connect),
  );
}

async function runLaunch(
  context: CliContext,
  words: readonly string[],
  given: LaunchArguments,
  connect: swarm.Connect,
): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  const loaded = await swarm.loadServices(context, talk, given.services);
  // "0 0 1 2" in one word is how the seed's scripts were called.
  const slots = readSlots(words.flatMap((word) => word.split(/[\s-]+(?=\d)|\s+/)), [
    ...loaded.services.keys(),
  ]);
  if (slots.every((slot) => slot === null)) {
    throw new UsageError(
      `Nothing to launch: \`metis terminate --node ${given.node}\` empties a node`,
    );
  }
  await swarm.withEngine(connect, context, given, async (engine) => {
    const target = launchTarget(engine, {
      ...given,
      ...loaded,
      slots,
      environment: given.env,
      force: given.force === true,
    });
    if (needSupport(loaded.services, slots)) {
      await swarm.changeSupport(context, talk, given, engine, [given.node], given.env);
    }
    await swarm.changeSwarm(context, talk, given, engine, target);
  });
}

/** Adds NAME=VALUE to those that were given before. */
function addVariable(text: string, before: unknown): Record<string, string> {
  const match = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(text);
  if (match === null) throw new UsageError("--env takes NAME=VALUE");
  return { ...before as Record<string, string>, [match[1]!]: match[2]! };
}

/** Options of `metis terminate`. */
const terminateOptions = () =>
  [
    new Option("--node <name>", "host name of the node"),
    new Option("--all", "on all nodes"),
    ...swarm.removeOptions(LAUNCH_STACK),
  ] as const;

/** The command `metis terminate`. @param connect Finds the engine; tests give their own. */
export function terminateCommand(
  context: CliContext,
  connect: swarm.Connect = swarm.connectManager,
): CommandUnknownOpts {
  return act(
    new Command("terminate")
      .description(
        "Removes what `metis launch` started, on one node or on all, and waits until it is removed.",
      ),
    terminateOptions(),
    async (given) => {
      if ((given.node === undefined) === (given.all === undefined)) {
        throw new UsageError("Give --node NAME or --all");
      }
      await swarm.removeStack(context, given, connect, given.node);
    },
  );
}
