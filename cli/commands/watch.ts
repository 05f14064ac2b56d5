import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { printable, UsageError } from "../../domain/mod.ts";
import { type Clock, systemClock } from "../../swarm/clock.ts";
import { deploy } from "../../swarm/deploy/deploy.ts";
import { lockOwner } from "../../swarm/deploy/owner.ts";
import { checkStackName } from "../../swarm/names.ts";
import { Gauges } from "../../swarm/watch/gauges.ts";
import type { Entry } from "../../swarm/watch/history.ts";
import { openJournal } from "../../swarm/watch/journal.ts";
import { serveWatch } from "../../swarm/watch/server.ts";
import { watch } from "../../swarm/watch/watcher.ts";
import { type CliContext, printJson } from "../context.ts";
import { act } from "../options/define.ts";
import { Talk } from "../output/progress.ts";
import * as swarm from "../swarm/mod.ts";
import { type WatchArguments, watchOptions } from "../watch/options.ts";
import { StackWorld } from "../watch/world.ts";

/** Time as a watch sees it; tests give one that jumps. */
export interface WatchTime {
  readonly clock: Clock;
  /** Seconds since 1970. */
  readonly now: () => number;
}

/** The command `metis watch`. @param connect Finds the engine; tests give their own, and a time. */
export function command(
  context: CliContext,
  connect: swarm.Connect = swarm.connectManager,
  time: WatchTime = { clock: systemClock, now: () => Date.now() / 1000 },
): CommandUnknownOpts {
  return act(
    new Command("watch")
      .description(
        "Keeps a stack at its best: looks at nodes, services and files again and again, replans when they have changed, and " +
          "moves a few containers an hour where that surely brings something. It only says what it would do unless --act is " +
          "given, and writes all of it to a journal. Ends on Ctrl-C.",
      ),
    watchOptions(),
    (given) => runWatch(context, given, connect, time),
  );
}

async function runWatch(
  context: CliContext,
  given: WatchArguments,
  connect: swarm.Connect,
  { clock, now }: WatchTime,
): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  checkStackName(given.stack);
  if (
    [given.problem, given.profile, given.model, given.table].every((file) => file === undefined)
  ) {
    throw new UsageError(
      "Say what values placements: --profile, --model, --table, or --problem with a surface of its own",
    );
  }
  const journal = openJournal(given.journal ?? `metis-watch-${given.stack}.jsonl`);
  try {
    const gauges = new Gauges(given.stack, 3 * given.every + 30, now);
    const server = given.listen === undefined
      ? null
      : serveWatch(gauges, given.listen.hostname, given.listen.port);
    if (server !== null) talk.notice(`Serving ${server.url}/metrics and /healthz`);
    try {
      await swarm.withEngine(connect, context, given, async (engine) => {
        const note = (entry: Entry) => {
          journal.append(entry);
          if (given.json) printJson(context, entry);
          else if (!given.quiet) context.stdout.write(`${printable(entryText(entry))}\n`);
        };
        const { timeout, monitor, parallelism, keepRunning, force } = given;
        const reporter = swarm.reporterOf(context, talk);
        const world = new StackWorld(context, given, {
          engine,
          clock,
          owner: lockOwner(),
          note,
          deploy: (target) =>
            deploy(engine, target, {
              ...{ timeout, monitor, parallelism, keepRunning, clock },
              rollback: true,
              checksImages: force !== true,
              owner: lockOwner(),
              signal: context.signal,
            }, reporter).finally(() => talk.clear()),
        });
        const { every, movesPerHour, threshold, hold } = given;
        await watch(world, journal.past, {
          ...{ every, movesPerHour, threshold, hold, clock, now },
          settle: given.settle,
          act: given.act === true,
          once: given.once === true,
          signal: context.signal,
        }, gauges);
      });
    } finally {
      await server?.stop();
    }
  } finally {
    journal.close();
  }
}

/** One entry of the journal, for people. */
function entryText(entry: Entry): string {
  const when = new Date(entry.at * 1000).toISOString().slice(0, 19).replace("T", " ");
  return `${when}  ${detail(entry)}`;
}

function detail(entry: Entry): string {
  switch (entry.kind) {
    case "begins":
      return entry.acts ? "begins to watch, and acts" : "begins to watch, and changes nothing";
    case "sees":
      return entry.what;
    case "stays":
      return `stays: ${entry.why}`;
    case "would act":
    case "acts": {
      const starts = entry.started.map(({ app, node, count }) =>
        `${count === 1 ? "" : `${count} `}${app} on ${node}`
      );
      const what = starts.length === 0 ? "nothing starts" : `starts ${starts.join(", ")}`;
      return `${entry.kind === "acts" ? "acts" : "would act"}: ${what}: ${entry.why}`;
    }
    case "done":
      return `done in ${entry.seconds.toFixed(0)} s`;
    case "failed":
      return `failed: ${entry.why}`;
  }
}
