import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { InputError, InterruptedError } from "../../domain/mod.ts";
import type { CliContext } from "../context.ts";
import { act } from "../options/define.ts";
import { Talk } from "../output/progress.ts";
import { runActive } from "../measure/active.ts";
import {
  checkArguments,
  journalFile,
  type ProfileArguments,
  profileOptions,
} from "../measure/arguments.ts";
import { runListed } from "../measure/listed.ts";
import { liveMeasuring } from "../measure/live.ts";
import { oracleMeasuring } from "../measure/measuring.ts";
import * as swarm from "../swarm/mod.ts";

/** The command `metis profile`. @param connect Finds the engine; tests give their own. */
export function command(
  context: CliContext,
  connect: swarm.Connect = swarm.connectManager,
): CommandUnknownOpts {
  return act(
    new Command("profile")
      .description(
        "Measures configurations of a node and writes them as a profile: runs each on a node of a Swarm, loads all its " +
          "containers at once, and divides by what each app does alone. With --active it chooses what to " +
          "measure: it plans the demands with what it knows so far, as if what it does not know were good, and " +
          "measures what those plans use. Ctrl-C keeps what is measured; --resume continues from there.",
      ),
    profileOptions(),
    (given) => runProfile(context, given, connect),
  );
}

async function runProfile(
  context: CliContext,
  given: ProfileArguments,
  connect: swarm.Connect,
): Promise<void> {
  checkArguments(given);
  const talk = new Talk(context, given.quiet === true);
  if (!given.resume && !given.overwrite && await context.holdsFile(given.out)) {
    throw new InputError(
      `${given.out} holds a profile already: --resume goes on with it, --overwrite begins again`,
    );
  }
  for (const file of [given.report, given.heatMap, given.plot]) {
    if (file !== undefined) await context.checkWritable(file);
  }
  const measuring = given.oracle === undefined
    ? await liveMeasuring(context, talk, given, connect)
    : await oracleMeasuring(context, talk, given);
  let finished = false;
  try {
    if (given.active) {
      await runActive(context, talk, given, measuring);
    } else {
      await runListed(context, talk, given, measuring);
    }
    finished = true;
  } catch (error) {
    if (!(error instanceof InterruptedError) || given.oracle !== undefined) throw error;
    throw new InterruptedError(
      `Interrupted: what was measured is kept in ${journalFile(given.out)}: resume with --resume`,
    );
  } finally {
    talk.clear();
    await measuring.close(finished);
  }
}
