import { InvalidArgumentError } from "@commander-js/extra-typings";
import { MAX_NODES, UsageError } from "../../domain/mod.ts";
import {
  type DrawDemand,
  type Measurer,
  multinomialDemands,
  similarDemands,
} from "../../profiling/mod.ts";
import type { CliContext } from "../context.ts";
import { loadDemands } from "../input.ts";
import type { LoopArguments, PlaceArguments } from "../load.ts";
import * as options from "../options/options.ts";
import type { EngineArguments } from "../swarm.ts";

/** Shares of all slots that demands fill where nobody says: what the paper's do. */
const USUAL_LOAD = [0.3, 0.65] as const;
/** Nodes that placements are for where nobody says. */
const FOR_NODES = 81;
/** Slots of a node of a cluster where nobody says. */
const CAPACITY = 8;

/** A range of containers. */
export interface Range {
  readonly least: number;
  readonly most: number;
}

/** Options of how a cluster is measured. */
export interface LiveArguments extends EngineArguments, LoopArguments, PlaceArguments {
  readonly services?: string | undefined;
  readonly cpus?: number | undefined;
  readonly memory?: string | undefined;
  readonly firstPort: number;
  readonly attempts: number;
  readonly maxSpread: number;
  readonly soloEvery: number;
  readonly readyTime: number;
  readonly oneAtATime?: boolean | undefined;
  readonly keep?: true | undefined;
}

/** All options of `metis profile`. */
export interface ProfileArguments extends LiveArguments {
  readonly active?: true | undefined;
  readonly series?: string | undefined;
  readonly random?: number | undefined;
  readonly all?: true | undefined;
  readonly oracle?: string | undefined;
  readonly oracleNoise?: number | undefined;
  readonly budget: number;
  readonly strategy: string;
  readonly demands?: string | undefined;
  readonly rows?: readonly number[] | undefined;
  readonly demandLike?: Range | "similar" | undefined;
  /** Names of nodes that measure; with an oracle, as before, how many nodes placements are for. */
  readonly nodes?: number | readonly string[] | undefined;
  readonly forNodes?: number | undefined;
  readonly capacity?: number | undefined;
  readonly apps?: readonly string[] | undefined;
  readonly targetRegret?: number | undefined;
  readonly batch?: number | undefined;
  readonly out: string;
  readonly resume?: true | undefined;
  readonly report?: string | undefined;
  readonly heatMap?: string | undefined;
  readonly plot?: string | undefined;
  readonly seed: number;
  readonly json?: true | undefined;
  readonly quiet?: true | undefined;
}

/** @throws {UsageError} where options do not go together. */
export function checkArguments(given: ProfileArguments): void {
  const choosers = [given.active, given.series, given.random, given.all]
    .filter((one) => one !== undefined);
  if (choosers.length !== 1) {
    throw new UsageError(
      "Say what is measured, by one of --active, --series LIST, --random COUNT and --all",
    );
  }
  if (given.rows !== undefined && given.demands === undefined) {
    throw new UsageError("Rows are of --demands: give --demands FILE too");
  }
  const isLive = typeof given.nodes === "object";
  if (given.oracle === undefined && !isLive) {
    throw new UsageError("Say what measures: --nodes NAMES of a Swarm, or --oracle TABLE");
  }
  if (given.oracle !== undefined && isLive) {
    throw new UsageError(
      "With --oracle no node measures: --nodes is then how many nodes plans have",
    );
  }
}

/** Nodes that placements are for. */
export function planNodes({ nodes, forNodes }: ProfileArguments): number {
  return forNodes ?? (typeof nodes === "number" ? nodes : FOR_NODES);
}

/** The journal of a profile, beside it. */
export function journalFile(out: string): string {
  return `${out}.journal`;
}

/** Slots of a node of a cluster. */
export function liveCapacity({ capacity }: ProfileArguments): number {
  return capacity ?? CAPACITY;
}

/** Reads `--nodes`: a number of nodes, or names. */
export function parseNodes(text: string): number | readonly string[] {
  return /^\d+$/.test(text) ? options.whole(1, MAX_NODES)(text) : options.parseNames(text);
}

/** Demands that matter, and how further ones are drawn. */
export async function loadDemandSource(
  context: CliContext,
  given: ProfileArguments,
  measurer: Measurer,
): Promise<{ demands: readonly (readonly number[])[]; drawDemand: DrawDemand | null }> {
  const { demandLike } = given;
  const apps = measurer.apps.length;
  const slots = planNodes(given) * measurer.capacity;
  const [least, most] = USUAL_LOAD.map((share) => Math.max(1, Math.floor(share * slots)));
  const usual = multinomialDemands(apps, least!, most!);
  const drawn = demandLike === undefined || demandLike === "similar"
    ? usual
    : multinomialDemands(apps, demandLike.least, demandLike.most);
  if (given.demands === undefined) {
    if (demandLike === "similar") {
      throw new UsageError("--demand-like similar needs --demands FILE to be similar to");
    }
    return { demands: [], drawDemand: drawn };
  }
  const rows = await loadDemands(context, given, given.rows, measurer.apps);
  const demands = rows.map(({ demand }) => demand);
  return { demands, drawDemand: demandLike === "similar" ? similarDemands(demands) : drawn };
}

/** `multinomial:200..400` or `similar`. */
export function parseDemandLike(text: string): Range | "similar" {
  if (text === "similar") return text;
  const match = /^multinomial:(\d+)(?:\.\.(\d+))?$/.exec(text);
  const least = Number(match?.[1]);
  const most = Number(match?.[2] ?? match?.[1]);
  if (match === null || least < 1 || most < least) {
    throw new InvalidArgumentError("It must be multinomial:LEAST..MOST containers, or similar.");
  }
  return { least, most };
}
