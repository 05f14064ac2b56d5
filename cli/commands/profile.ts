import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { InterruptedError, MAX_NODES } from "../../domain/mod.ts";
import type { CliContext } from "../context.ts";
import * as load from "../load.ts";
import { STRATEGY_NAMES } from "../options/names.ts";
import * as options from "../options/options.ts";
import { Talk } from "../output/progress.ts";
import { runActive } from "../profile/active.ts";
import {
  checkArguments,
  journalFile,
  parseDemandLike,
  parseNodes,
  type ProfileArguments,
} from "../profile/arguments.ts";
import { runListed } from "../profile/listed.ts";
import { liveMeasuring } from "../profile/live.ts";
import { oracleMeasuring } from "../profile/measuring.ts";
import * as swarm from "../swarm.ts";

/** The command `metis profile`. @param connect Finds the engine; tests give their own. */
export function command(
  context: CliContext,
  connect: swarm.Connect = swarm.connectManager,
): CommandUnknownOpts {
  return new Command("profile")
    .description(
      "Measures configurations of a node and writes them as a profile: runs each on a node of a Swarm, loads all its " +
        "containers at once, and divides by what each app does alone. With --active it chooses what to " +
        "measure: it plans the demands with what it knows so far, as if what it does not know were good, and " +
        "measures what those plans use. Ctrl-C keeps what is measured; --resume goes on from there.",
    )
    .option("--active", "choose what to measure from what was measured")
    .option(
      "--series <list>",
      'measure these: "0-1-2-3 0-0-1-1", each number a slot: 0 idle, 1 the first app',
    )
    .addOption(
      new Option("--random <count>", "measure so many, drawn at random").argParser(
        options.whole(1, 1_000_000),
      ),
    )
    .option("--all", "measure all that there are")
    .addOption(
      new Option(
        "--nodes <names>",
        "nodes of the Swarm that measure: n1,n2 (with --oracle: how many nodes placements are for)",
      ).argParser(parseNodes),
    )
    .option("--oracle <table>", "take measurements from this profile instead, for research")
    .addOption(
      new Option("--oracle-noise <share>", "make measurements of --oracle scatter: 0.03 is 3 %")
        .argParser(options.share),
    )
    .addOption(
      options.outOption("the profile (CSV), anew after every measurement,").makeOptionMandatory(),
    )
    .option("--resume", "go on from --out, and from the journal beside it (FILE.journal)")
    .addOption(swarm.servicesOption())
    .addOption(
      new Option("--capacity <slots>", "slots of each node (default: 8, or those of --oracle)")
        .argParser(options.whole(1, 255)),
    )
    .addOption(
      new Option(
        "--apps <names>",
        "apps to measure (default: all services), or of an .npz --oracle",
      )
        .argParser(options.parseNames),
    )
    .addOption(load.usersOption())
    .addOption(load.waitOption("0..1"))
    .addOption(load.warmUpOption(10))
    .addOption(load.durationOption(30))
    .addOption(load.repeatsOption(2))
    .addOption(load.timeLimitOption())
    .addOption(swarm.cpusOption())
    .addOption(swarm.memoryOption())
    .option("--first-port <port>", "port of the first slot", options.whole(1, 65000), 8081)
    .option(
      "--attempts <count>",
      "tries at a configuration that fails or is unsteady",
      options.whole(1, 100),
      3,
    )
    .addOption(
      new Option("--max-spread <share>", "difference between repeats above which they are unsteady")
        .argParser(options.share).default(0.2),
    )
    .option(
      "--solo-every <count>",
      "configurations until apps are measured alone again",
      options.whole(1, 100_000),
      25,
    )
    .option(
      "--ready-time <seconds>",
      "time that containers may take until they answer",
      options.positive,
      120,
    )
    .option("--one-at-a-time", "never measure on two nodes at once (usual in a lab)")
    .option("--no-one-at-a-time", "measure on all nodes at once, also in a lab")
    .option("--keep", "leave the last configuration running")
    .addOption(load.generatorCpusOption())
    .addOption(load.generatorRealtimeOption())
    .option(
      "--budget <count>",
      "active: most measurements, those of --resume included",
      options.whole(1, 1_000_000),
      150,
    )
    .addOption(
      new Option("--strategy <name>", "active: what to measure next").choices(STRATEGY_NAMES)
        .default("mixture"),
    )
    .addOption(options.demandsOption())
    .addOption(options.rowsOption())
    .addOption(
      new Option(
        "--demand-like <kind>",
        "active: draw further demands: multinomial:200..400 containers, or similar to --demands " +
          "(default: multinomial, 0.3 to 0.65 of all slots)",
      ).argParser(parseDemandLike),
    )
    .addOption(
      new Option("--for-nodes <count>", "active: nodes that placements are for (default: 81)")
        .argParser(options.whole(1, MAX_NODES)),
    )
    .addOption(
      new Option(
        "--target-regret <share>",
        "active: stop when the bound on the regret is below: 0.01",
      )
        .argParser(options.share),
    )
    .addOption(
      new Option(
        "--batch <count>",
        "active: measurements of a round (default: a 25th of the budget)",
      )
        .argParser(options.whole(1, 10_000)),
    )
    .option("--report <file>", "active: write what was measured and why, as Markdown")
    .option("--heat-map <file>", "active: write the interference matrix, as SVG")
    .option("--plot <file>", "active: draw how the bound on the regret fell, as SVG")
    .addOption(swarm.hostOption())
    .addOption(swarm.contextOption())
    .addOption(swarm.insecureOption())
    .addOption(options.seedOption())
    .addOption(options.jsonOption())
    .addOption(options.quietOption())
    .action((given) =>
      runProfile(context, given as ProfileArguments, connect)
    ) as unknown as CommandUnknownOpts;
}

async function runProfile(
  context: CliContext,
  given: ProfileArguments,
  connect: swarm.Connect,
): Promise<void> {
  checkArguments(given);
  const talk = new Talk(context, given.quiet === true);
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
      `Interrupted: what was measured is kept in ${journalFile(given.out)}: --resume goes on`,
    );
  } finally {
    talk.clear();
    await measuring.close(finished);
  }
}
