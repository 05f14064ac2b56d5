import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CliContext } from "../context.ts";
import { act } from "../options/define.ts";
import * as swarm from "../swarm/mod.ts";

/** The command `metis undeploy`. @param connect Finds the engine; tests give their own. */
export function command(
  context: CliContext,
  connect: swarm.Connect = swarm.connectManager,
): CommandUnknownOpts {
  return act(
    new Command("undeploy")
      .description("Removes what Metis deployed, and nothing else, and waits until it is removed."),
    swarm.removeOptions(),
    (given) => swarm.removeStack(context, given, connect),
  );
}
