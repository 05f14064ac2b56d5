import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { MAX_NODES, UsageError } from "../../domain/mod.ts";
import {
  type DrawDemand,
  type Measurer,
  multinomialDemands,
  similarDemands,
} from "../../profiling/mod.ts";
import type { CliContext } from "../context.ts";
import * as load from "./load.ts";
import type { GivenBy } from "../options/define.ts";
import { STRATEGY_NAMES } from "../options/names.ts";
import * as options from "../options/mod.ts";
import { LEAST_BOUND } from "../../profiling/mod.ts";
import * as swarm from "../swarm/mod.ts";
import { loadDemands } from "../options/mod.ts";

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

/** Options of `metis profile`. */
export const profileOptions = () =>
  [
    new Option("--active", "choose what to measure next from the measurements so far"),
    new Option(
      "--series <list>",
      'measure these: "0-1-2-3 0-0-1-1", each number a slot: 0 idle, 1 the first app',
    ),
    new Option("--random <count>", "measure this many configurations, drawn at random").argParser(
      options.whole(1, 1_000_000),
    ),
    new Option("--all", "measure all configurations"),
    new Option(
      "--nodes <names>",
      "nodes of the Swarm that measure: n1,n2 (with --oracle: how many nodes placements are for)",
    ).argParser(parseNodes),
    new Option("--oracle <table>", "take measurements from this profile instead, for research"),
    new Option("--oracle-noise <share>", "add noise to the measurements of --oracle: 0.03 is 3 %")
      .argParser(options.share),
    options.outOption("the profile (CSV), again after every measurement,").makeOptionMandatory(),
    new Option("--resume", "continue from --out and the journal beside it (FILE.journal)"),
    new Option("--overwrite", "begin again, though --out or its journal holds measurements")
      .conflicts("resume"),
    swarm.servicesOption(),
    new Option("--capacity <slots>", "slots of each node (default: 8, or those of --oracle)")
      .argParser(options.whole(1, 255)),
    new Option(
      "--apps <names>",
      "apps to measure (default: all services), or of an .npz --oracle",
    )
      .argParser(options.parseNames),
    ...load.loopOptions({ wait: "0..1", warmUp: 10, duration: 30, repeats: 2 }),
    swarm.cpusOption(),
    swarm.memoryOption(),
    new Option("--first-port <port>", "port of the first slot").argParser(options.whole(1, 65000))
      .default(8081),
    new Option("--attempts <count>", "tries at a configuration that fails or is unsteady")
      .argParser(options.whole(1, 100)).default(3),
    new Option("--max-spread <share>", "difference between repeats above which a run is unsteady")
      .argParser(options.share).default(0.2),
    new Option("--solo-every <count>", "configurations after which apps are measured alone again")
      .argParser(options.whole(1, 100_000)).default(25),
    new Option("--ready-time <seconds>", "time that containers may take until they answer")
      .argParser(options.positive).default(120),
    new Option("--one-at-a-time", "never measure on two nodes at once (usual in a lab)"),
    new Option("--no-one-at-a-time", "measure on all nodes at once, also in a lab"),
    new Option("--keep", "leave the last configuration running"),
    ...load.placeOptions(),
    new Option("--budget <count>", "active: most measurements, including those of --resume")
      .argParser(options.whole(1, 1_000_000)).default(150),
    new Option("--strategy <name>", "active: what to measure next").choices(STRATEGY_NAMES)
      .default("mixture"),
    options.demandsOption(),
    options.rowsOption(),
    new Option(
      "--demand-like <kind>",
      "active: draw further demands: multinomial:200..400 containers, or similar to --demands " +
        "(default: multinomial, 0.3 to 0.65 of all slots)",
    ).argParser(parseDemandLike),
    new Option("--for-nodes <count>", "active: nodes that placements are for (default: 81)")
      .argParser(options.whole(1, MAX_NODES)),
    new Option(
      "--target-regret <share>",
      "active: stop when the bound on the regret is at most this: 0.05; bounds below 0.03 are not told",
    )
      .argParser(parseTarget),
    new Option(
      "--batch <count>",
      "active: measurements per round (default: a 25th of the budget)",
    )
      .argParser(options.whole(1, 10_000)),
    new Option("--report <file>", "active: write what was measured and why, as Markdown"),
    new Option("--heat-map <file>", "active: write the interference matrix, as SVG"),
    new Option("--plot <file>", "active: draw how the bound on the regret fell, as SVG"),
    ...swarm.engineOptions(),
    options.seedOption(),
    ...options.outputOptions(),
  ] as const;

/** Values of {@link profileOptions}. */
export type ProfileArguments = GivenBy<typeof profileOptions>;

/** @throws {UsageError} if options do not go together. */
export function checkArguments(given: ProfileArguments): void {
  const choosers = [given.active, given.series, given.random, given.all]
    .filter((one) => one !== undefined);
  if (choosers.length !== 1) {
    throw new UsageError(
      "Say what is measured, by one of --active, --series LIST, --random COUNT and --all",
    );
  }
  if (given.rows !== undefined && given.demands === undefined) {
    throw new UsageError("Rows select demands of --demands: add --demands FILE");
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

/** Bounds that never come would let a run go on to its budget without a word. */
function parseTarget(text: string): number {
  const value = options.share(text);
  if (value < LEAST_BOUND) {
    throw new InvalidArgumentError(
      `Bounds below ${LEAST_BOUND} are not told: they would be false too often.`,
    );
  }
  return value;
}
