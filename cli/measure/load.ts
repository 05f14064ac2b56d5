/**
 * What the commands that load containers share: options, and the time left.
 * @module
 */
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import type { Loop } from "../../swarm/load/plan.ts";
import type { GeneratorPlace } from "../../swarm/load/process.ts";
import type { CliContext } from "../context.ts";
import type { GivenBy } from "../options/define.ts";
import * as options from "../options/mod.ts";
import type { Talk } from "../output/progress.ts";

/** Users of each container. */
export const usersOption = () =>
  new Option("--users <count>", "users of each target, who wait for each answer")
    .argParser(options.whole(1, 1024)).default(4);

/** Time between an answer and the next request. */
export const waitOption = (usual: string) =>
  new Option(
    "--wait <seconds>",
    "wait between an answer and the next request, drawn uniformly: 0..1",
  )
    .argParser(parseWait).default(parseWait(usual), usual);

/** Load that does not count. */
export const warmUpOption = (usual: number) =>
  new Option("--warm-up <seconds>", "load before anything counts").argParser(secondsOf)
    .default(usual);

/** Length of a measurement. */
export const durationOption = (usual: number) =>
  new Option("--duration <seconds>", "length of each measurement").argParser(options.positive)
    .default(usual);

/** Measurements in a row. */
export const repeatsOption = (usual: number) =>
  new Option("--repeats <count>", "measurements one after another").argParser(
    options.whole(1, 1000),
  ).default(usual);

/** End of a request. */
export const timeLimitOption = () =>
  new Option("--time-limit <seconds>", "time after which a request counts as failed")
    .argParser(options.positive).default(30);

/** The users and the times. @param usual What holds where the user says nothing. */
export const loopOptions = (
  usual: {
    readonly wait: string;
    readonly warmUp: number;
    readonly duration: number;
    readonly repeats: number;
  },
) =>
  [
    usersOption(),
    waitOption(usual.wait),
    warmUpOption(usual.warmUp),
    durationOption(usual.duration),
    repeatsOption(usual.repeats),
    timeLimitOption(),
  ] as const;

/** Values of {@link loopOptions}. */
export type LoopArguments = GivenBy<typeof loopOptions>;

/** CPUs of the generator. */
export const generatorCpusOption = () =>
  new Option(
    "--generator-cpus <list>",
    "CPUs of the load generator, away from containers: 1 or 2-3",
  )
    .argParser((text) => {
      if (/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(text)) return text;
      throw new InvalidArgumentError("It must be a list of CPUs such as 1 or 0,2-3.");
    });

/** Urgency of the generator. */
export const generatorRealtimeOption = () =>
  new Option(
    "--generator-realtime",
    "the load generator has priority over all other work of this machine (needs root)",
  );

/** Where the generator runs. */
export const placeOptions = () => [generatorCpusOption(), generatorRealtimeOption()] as const;

/** Values of {@link placeOptions}. */
export type PlaceArguments = GivenBy<typeof placeOptions>;

/** The place that the options say. */
export function placeOf(given: PlaceArguments): GeneratorPlace {
  return { cpus: given.generatorCpus, realtime: given.generatorRealtime };
}

/** The users that the options say. */
export function closedLoop({ users, wait: [waitLeast, waitMost] }: LoopArguments): Loop {
  return { kind: "closed", users, waitLeast, waitMost };
}

/** The times that the options say, as a load plan has them. */
export function timesOf({ warmUp, duration, repeats, timeLimit: timeout }: LoopArguments) {
  return { warmUp, duration, repeats, timeout };
}

/** Seconds in which containers change places and start, as a guess. */
const CHANGE_SECONDS = 5;

/** Seconds that one run takes, from launching to the last measurement, as far as it can be known before. */
export function runSeconds({ warmUp, duration, repeats }: LoopArguments): number {
  return CHANGE_SECONDS + warmUp + repeats * duration;
}

/** A header as `curl -H` takes it. */
export function parseHeader(text: string): readonly [string, string] {
  const cut = text.indexOf(":");
  if (cut > 0) return [text.slice(0, cut).trim(), text.slice(cut + 1).trim()];
  throw new InvalidArgumentError("It must be NAME: VALUE.");
}

/** Shows how much of a known time has passed. @returns Ends it. */
export function showTime(
  context: CliContext,
  talk: Talk,
  seconds: number,
  text: string,
): () => void {
  const began = context.seconds();
  talk.restart();
  const timer = setInterval(() => {
    const spent = Math.min(seconds, context.seconds() - began);
    talk.step({
      fraction: spent / seconds,
      text: `${text}, ${durationText(seconds - spent)} left`,
    });
  }, 250);
  return () => {
    clearInterval(timer);
    talk.clear();
  };
}

/** Seconds for people. */
export function durationText(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

function parseWait(text: string): readonly [number, number] {
  const match = /^(\d+(?:\.\d+)?)(?:\.\.(\d+(?:\.\d+)?))?$/.exec(text);
  const least = Number(match?.[1]);
  const most = Number(match?.[2] ?? match?.[1]);
  if (match === null || most < least) {
    throw new InvalidArgumentError("It must be seconds such as 0.5, or LEAST..MOST.");
  }
  return [least, most];
}

function secondsOf(text: string): number {
  return text === "0" ? 0 : options.positive(text);
}
