/**
 * Options that several commands share. Each function makes a new one, since commander keeps state
 * in its option objects. Values are checked for their form here; whether they fit the data
 * (an app that exists, a row that exists) is checked in input.ts.
 * @module
 */
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { MAX_NODES } from "../../domain/cluster.ts";
import type { GivenBy } from "./define.ts";

/** Largest seed, and the most of anything that is counted on the command line. */
const MAX_UINT32 = 4294967295;
/** Most numbers that one list of ranges may name. */
const MAX_LISTED = 10_000_000;

/** A limit on the containers of one app on a node, as given: `redis=2`. */
export interface NamedLimit {
  readonly app: string;
  readonly limit: number;
}

/** A demand as given: by position, or by name where absent apps mean 0. */
export type DemandArgument =
  | { readonly counts: readonly number[] }
  | { readonly named: readonly NamedLimit[] };

/** A limit on the latency of an app, as given: `redis=5`. */
export interface NamedMilliseconds {
  readonly app: string;
  readonly milliseconds: number;
}

/** How hard the bound of a placement is worked for. */
export type BoundEffort = "optimal" | "lp" | "none";

/** A profile to fit a model on. */
export const profileOption = () =>
  new Option("--profile <file>", "measured profile (.npz or .csv) to fit a model on");

/** A saved model. */
export const modelOption = () => new Option("--model <file>", "model saved by `metis fit --out`");

/** A profile whose rows are the truth. */
export const tableOption = () =>
  new Option("--table <file>", "profile whose rows are taken as the truth");

/** Kind of model; the default is set where it is used, since `--model` must not have one. */
export const fitOption = () =>
  new Option("--fit <name>", "kind of model for --profile (default: extra-trees)");

/** Model for configurations that a table lacks. */
export const fallbackOption = () =>
  new Option("--fallback <name>", "kind of model for configurations that --table lacks");

/** Names for a profile that has none. */
export const appsOption = () =>
  new Option("--apps <names>", "names of the apps of an .npz file, in its order")
    .argParser(parseNames);

/** What values a placement. */
export const surfaceOptions = () =>
  [profileOption(), modelOption(), tableOption(), fitOption(), fallbackOption()] as const;

/** Values of {@link surfaceOptions}, and names of apps where the command takes some. */
export type SurfaceOptions =
  & Partial<Record<keyof GivenBy<typeof surfaceOptions>, string | undefined>>
  & { readonly apps?: readonly string[] | undefined };

/** Number of alike nodes. */
export const nodesOption = () =>
  new Option("--nodes <count>", "number of nodes, all alike").argParser(whole(1, MAX_NODES));

/** Slots of each of the alike nodes. */
export const capacityOption = () =>
  new Option("--capacity <slots>", "slots of each node").argParser(whole(1, 255));

/** A file of node classes. */
export const clusterOption = () =>
  new Option("--cluster <file>", "JSON list of node classes instead of --nodes and --capacity");

/** Which nodes there are. */
export const clusterOptions = () => [nodesOption(), capacityOption(), clusterOption()] as const;

/** Values of {@link clusterOptions}. */
export type ClusterOptions = GivenBy<typeof clusterOptions>;

/** Containers of each app. */
export const demandOption = () =>
  new Option("--demand <counts>", "containers of each app: 27,32,... or redis=27,isr=3")
    .argParser(parseDemand);

/** A file of demands. */
export const demandsOption = () =>
  new Option("--demands <file>", "CSV file of demands, one per row, its header the apps");

/** What to place. */
export const demandOptions = () => [demandOption(), demandsOption()] as const;

/** One row of the file of demands. */
export const rowOption = () =>
  new Option("--row <index>", "row of --demands, from 0").argParser(whole(0, MAX_UINT32));

/** Rows of the file of demands. */
export const rowsOption = () =>
  new Option("--rows <indices>", "rows of --demands, from 0: 0-4,7").argParser((text: string) =>
    parseRanges(text)
  );

/** Limit of an app on a node. */
export const maxPerNodeOption = () =>
  new Option(
    "--max-per-node <app=count>",
    "rule: most containers of an app on one node (repeatable)",
  )
    .argParser<NamedLimit[]>((text, earlier) => [...earlier ?? [], parseNamed(text)]);

/** Apps that may not share a node. */
export const apartOption = () =>
  new Option("--apart <apps>", "rule: apps that may not share a node: redis,isr (repeatable)")
    .argParser<string[][]>((text, earlier) => [...earlier ?? [], parseApart(text)]);

/** What to make large. */
export const objectiveOption = () =>
  new Option("--objective <name>", "what to maximise: total throughput, or the slowest container")
    .choices(["throughput", "worst"] as const).default("throughput" as const);

/** Limits on latencies. */
export const p99LimitOption = () =>
  new Option(
    "--p99-limit <app=ms>",
    "most 99th percentile latency that an app may be predicted to have: redis=5,web=20 (repeatable)",
  ).argParser<NamedMilliseconds[]>((text, earlier) => [...earlier ?? [], ...parseLimits(text)]);

/** What to make large, and which latencies to keep. */
export const objectiveOptions = () => [objectiveOption(), p99LimitOption()] as const;

/** Values of {@link objectiveOptions}. */
export type ObjectiveOptions = GivenBy<typeof objectiveOptions>;

/** Nodes without containers. */
export const fenceOption = () =>
  new Option("--fence <nodes>", "rule: nodes that take no container: 3,5-7 (repeatable)")
    .argParser<number[]>((text, earlier) => (earlier ?? []).concat(parseRanges(text)));

/** Which rules a placement must keep. */
export const ruleOptions = () => [maxPerNodeOption(), apartOption(), fenceOption()] as const;

/** Values of {@link ruleOptions}. */
export type RuleOptions = GivenBy<typeof ruleOptions>;

/** Seed of everything random. */
export const seedOption = () =>
  new Option("--seed <number>", "seed of everything random").argParser(whole(0, MAX_UINT32))
    .default(1);

/** Parameters of one scheduler. */
export const setOption = () =>
  new Option("--set <name=value>", "parameter of the scheduler alone: moves=1000000 (repeatable)")
    .argParser<Record<string, string | number | boolean>>((text, earlier) => ({
      ...earlier,
      ...parseParameter(text),
    }));

/** Constraints for medea and paragon. */
export const constraintsOption = () =>
  new Option(
    "--constraints <file>",
    "CSV of affinity and anti-affinity constraints for medea and paragon (default: derived)",
  );

/** Formulation of medea's program. */
export const formulationOption = () =>
  new Option("--formulation <name>", "medea: its integer program (default: configuration)")
    .choices(["configuration", "container"] as const);

/** Sensitivity of paragon. */
export const sensitivityOption = () =>
  new Option("--sensitivity <number>", "paragon: how much tolerances are softened (default: 3)")
    .argParser(whole(1, MAX_UINT32));

/** Directory of a policy. */
export const policyOption = () =>
  new Option(
    "--policy <directory>",
    "trained policy for metis, metis-online, metis-paper (default: one that comes with Metis)",
  );

/** How metis decodes its policy. */
export const decodeOption = () =>
  new Option("--decode <how>", "metis: greedy, or sample:64 for the best of 64 (default: greedy)");

/** Whether metis polishes. */
export const polishOption = () =>
  new Option("--polish", "metis: polish by local search and short annealing");

/** Constraints, and what single schedulers are told by options of their own. */
export const baselineOptions = () =>
  [
    constraintsOption(),
    formulationOption(),
    sensitivityOption(),
    policyOption(),
    decodeOption(),
    polishOption(),
  ] as const;

/** Values of {@link baselineOptions}; a command may have some of them only. */
export type BaselineOptions = Partial<GivenBy<typeof baselineOptions>>;

/** What each node holds. */
export const verboseOption = () =>
  new Option("--verbose", "show what nodes hold, equal ones together, and decisions as they fall");

/** When a scheduler must stop. */
export const timeLimitOption = () =>
  new Option("--time-limit <seconds>", "a scheduler that can stop early does so after this")
    .argParser(positive);

/** When a prover may stop. */
export const gapOption = () =>
  new Option("--gap <share>", "relative gap at which `optimal` may stop: 0.001 is 0.1 %")
    .argParser(share);

/** Effort of the bound. */
export const boundOption = () =>
  new Option("--bound <effort>", "bound that the gap is measured from")
    .choices(["optimal", "lp", "none"] as const).default("optimal" as const);

/** Output for programs. */
export const jsonOption = () => new Option("--json", "print one JSON object");

/** No talk. */
export const quietOption = () => new Option("--quiet", "no notices, no progress");

/** What is said, and for whom. */
export const outputOptions = () => [jsonOption(), quietOption()] as const;

/** Values of {@link outputOptions}. */
export type OutputOptions = GivenBy<typeof outputOptions>;

/** Output file. */
export const outOption = (what: string) => new Option("--out <file>", `write ${what} to a file`);

/** A parser of whole numbers in a range. */
export function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(
        most === MAX_UINT32 && least <= 1
          ? `It must be a whole number, at least ${least}.`
          : `It must be a whole number from ${least} to ${most}.`,
      );
    }
    return value;
  };
}

/** Names separated by commas. */
export function parseNames(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.some((name) => name === "")) {
    throw new InvalidArgumentError("It must be names separated by commas.");
  }
  return names;
}

/** Whole numbers and ranges, such as `3,5-7`, in the order given, each once. */
export function parseRanges(text: string): number[] {
  const listed = new Set<number>();
  for (const part of text.split(",")) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (match === null || last < first || last > MAX_UINT32) {
      throw new InvalidArgumentError("It must be whole numbers and ranges: 3,5-7.");
    }
    if (last - first + listed.size > MAX_LISTED) {
      throw new InvalidArgumentError(`It names more than ${MAX_LISTED} numbers.`);
    }
    for (let value = first; value <= last; value++) listed.add(value);
  }
  return [...listed];
}

/** A demand by position (`27,32`) or by name (`redis=27`). */
export function parseDemand(text: string): DemandArgument {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.every((part) => /^\d+$/.test(part) && Number(part) <= MAX_UINT32)) {
    return { counts: parts.map(Number) };
  }
  if (parts.every((part) => part.includes("="))) return { named: parts.map(parseNamed) };
  throw new InvalidArgumentError("It must be whole numbers, 27,32,..., or names, redis=27,isr=3.");
}

function parseNamed(text: string): NamedLimit {
  // The last "=" divides, so that a name may hold one.
  const match = /^(.+)=(\d+)$/.exec(text);
  if (match === null || Number(match[2]) > MAX_UINT32) {
    throw new InvalidArgumentError("It must be a name and a whole number: redis=2.");
  }
  return { app: match[1]!.trim(), limit: Number(match[2]) };
}

function parseLimits(text: string): NamedMilliseconds[] {
  return text.split(",").map((part) => {
    const at = part.lastIndexOf("=");
    const milliseconds = Number(part.slice(at + 1));
    if (
      at < 1 || part.slice(at + 1).trim() === "" || !(milliseconds > 0 && milliseconds < Infinity)
    ) {
      throw new InvalidArgumentError("It must be apps with milliseconds above 0: redis=5,web=20.");
    }
    return { app: part.slice(0, at).trim(), milliseconds };
  });
}

function parseParameter(text: string): Record<string, string | number | boolean> {
  const match = /^([^=]+)=(.+)$/.exec(text);
  if (match === null) throw new InvalidArgumentError("It must be name=value: moves=1000000.");
  const [, name, value] = match as unknown as [string, string, string];
  const number = Number(value);
  if (value.trim() !== "" && Number.isFinite(number)) return { [name]: number };
  return { [name]: value === "true" ? true : value === "false" ? false : value };
}

function parseApart(text: string): string[] {
  const names = parseNames(text);
  if (names.length < 2 || new Set(names).size !== names.length) {
    throw new InvalidArgumentError("It must be two or more different apps: redis,isr.");
  }
  return names;
}

/** A number above 0. */
export function positive(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value <= 0) {
    throw new InvalidArgumentError("It must be a number above 0.");
  }
  return value;
}

/** A share: 0 or more, below 1. */
export function share(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value < 1)) {
    throw new InvalidArgumentError("It must be a number from 0 to below 1.");
  }
  return value;
}
