/**
 * What a watch is asked: which stack, by what it is valued, and when to act.
 * @module
 */
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { decimal } from "../../domain/mod.ts";
import type { GivenBy } from "../options/define.ts";
import * as options from "../options/mod.ts";
import { effortOptions, keepRunningOption, stackProblemOptions } from "../replan/options.ts";
import { stackNodesOptions } from "../replan/source.ts";
import * as swarm from "../swarm/mod.ts";

/** Where figures are served. */
export interface Listen {
  readonly hostname: string;
  readonly port: number;
}

/** When to act. */
const actOptions = () =>
  [
    new Option("--act", "change the Swarm (default: only say what would be done)"),
    new Option("--dry-run", "only say what would be done: the default").conflicts("act"),
    new Option("--once", "look once, decide, and end"),
    new Option(
      "--moves-per-hour <count>",
      "most containers that move in any hour beyond what is forced",
    )
      .argParser(options.whole(0, 100_000)).default(4),
    new Option(
      "--threshold <rps>",
      "gain in the mean normalised RPS that is worth moving for: even the low end of what is expected must be above it",
    ).argParser(amount).default(0.01),
    new Option(
      "--hold <seconds>",
      "how long no container of an app leaves a node that one of it was moved to",
    )
      .argParser(amount).default(3600),
    new Option("--settle <seconds>", "how long nothing may have changed before anything is done")
      .argParser(amount).default(120),
    new Option("--every <seconds>", "time between two looks").argParser(options.positive)
      .default(10),
    new Option(
      "--journal <file>",
      "file of what it saw and did, which it goes on from (default: metis-watch-STACK.jsonl)",
    ),
    new Option("--listen <address>", "serve /metrics and /healthz: 9095, or 0.0.0.0:9095")
      .argParser(parseListen),
  ] as const;

/** Options of `metis watch`. */
export const watchOptions = () =>
  [
    swarm.runningServicesOption(),
    ...actOptions(),
    ...stackNodesOptions(),
    ...stackProblemOptions(),
    keepRunningOption(),
    ...effortOptions(),
    swarm.planCpusOption(),
    swarm.memoryOption(),
    swarm.stackOption(),
    swarm.timeoutOption(),
    swarm.monitorOption(),
    swarm.graceOption(),
    swarm.parallelismOption(),
    swarm.forceOption(),
    ...swarm.engineOptions(),
    new Option("--json", "print each line of the journal as JSON"),
    options.quietOption(),
  ] as const;

/** Values of {@link watchOptions}. */
export type WatchArguments = GivenBy<typeof watchOptions>;

function amount(text: string): number {
  const value = decimal(text);
  if (value >= 0 && value < Infinity) return value;
  throw new InvalidArgumentError("It must be a number, 0 or more.");
}

/** A port of this machine, or an address with a port. */
function parseListen(text: string): Listen {
  const cut = text.lastIndexOf(":");
  const hostname = cut < 0 ? "127.0.0.1" : text.slice(0, cut).replace(/^\[|\]$/g, "");
  const port = text.slice(cut + 1);
  if (hostname !== "" && /^\d{1,5}$/.test(port) && Number(port) <= 65535) {
    return { hostname, port: Number(port) };
  }
  throw new InvalidArgumentError("It must be a port, or an address with a port: 0.0.0.0:9095.");
}
