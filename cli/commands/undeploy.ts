import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { emptyTarget } from "../../swarm/deploy/undeploy.ts";
import type { CliContext } from "../context.ts";
import { act } from "../options/define.ts";
import * as options from "../options/mod.ts";
import { Talk } from "../output/progress.ts";
import * as swarm from "../swarm/mod.ts";

/** Options of `metis undeploy`. */
const undeployOptions = () =>
  [
    swarm.stackOption(),
    swarm.dryRunOption(),
    swarm.timeoutOption(),
    swarm.parallelismOption(),
    ...swarm.engineOptions(),
    ...options.outputOptions(),
  ] as const;

/** The command `metis undeploy`. @param connect Finds the engine; tests give their own. */
export function command(
  context: CliContext,
  connect: swarm.Connect = swarm.connectManager,
): CommandUnknownOpts {
  return act(
    new Command("undeploy")
      .description("Removes what Metis deployed, and nothing else, and waits until it is removed."),
    undeployOptions(),
    (given) => runUndeploy(context, given, connect),
  );
}

async function runUndeploy(
  context: CliContext,
  given: Omit<swarm.ChangeArguments, "monitor" | "rollback">,
  connect: swarm.Connect,
): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  await swarm.withEngine(connect, context, given, async (engine) => {
    const change = { ...given, monitor: 0, rollback: false };
    await swarm.changeSwarm(context, talk, change, engine, emptyTarget(given.stack));
    await swarm.changeSupport(context, talk, change, engine, []);
  });
}
