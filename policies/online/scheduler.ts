import {
  demandTotal,
  emptyPlacement,
  InfeasibleError,
  nodeCount,
  nodeSurfaces,
  type Placement,
  Random,
  spreadsOverDomains,
  totalSlots,
  UnsupportedError,
  UsageError,
} from "../../domain/mod.ts";
import {
  Deadline,
  type ScheduleOptions,
  type Scheduler,
  type SchedulingProblem,
  steer,
} from "../../scheduling/mod.ts";
import { POLICY_SUPPORTS } from "../supports.ts";
import type { LoadNetworks } from "../checkpoint/source.ts";
import { type ArrivalEvent, drawEvents } from "./events.ts";
import { OnlinePlayer } from "./player.ts";
import { findColumns } from "../columns.ts";
import { onlineNetwork, type Rest, SCENARIO_SHARES } from "./policy.ts";
import { playByRule, RULES_OF_THUMB } from "./rules_of_thumb.ts";

/** Arrivals and departures between two reports of progress. */
const TOLD_EVERY = 100;

/** Columns that it goes by where there is no table: every arrival asks all of them. */
const COLUMNS = 300;

/**
 * Containers come one by one in random order (drawn from the seed) and are never moved: places each by a
 * learned policy that does not know, or knows, what is still to come.
 */
export function metisOnlineScheduler(load: LoadNetworks): Scheduler {
  return {
    name: "metis-online",
    summary: "containers come one by one in random order and stay where a learned policy puts them",
    supports: POLICY_SUPPORTS,
    tellsDecisions: true,
    parameters: {
      policy: "directory of a trained policy (default: the one that comes with Metis)",
      rest: "unknown or known: whether the containers still to come are known (default unknown)",
      departures: "others that come and leave again, as a share of the demand (default 0)",
      compare: "true also plays the same events by greedy, spread and binpack (default false)",
    },
    async schedule(given, options) {
      const problem = steer(given);
      if (demandTotal(problem.demand) === 0) {
        return { placement: emptyPlacement(nodeCount(problem.cluster), problem.apps.length) };
      }
      const rest = readRest(options);
      const departures = readShare(options, "departures");
      if (departures > 0) checkDepartures(problem);
      const compare = String(options.parameters?.["compare"] ?? false) === "true";
      const directory = options.parameters?.["policy"];
      const networks = await load(given, directory === undefined ? null : String(directory));
      const network = onlineNetwork(networks, rest);
      const slots = totalSlots(problem.cluster, problem.rules);
      const draws = new Random(options.seed ?? 1);
      const events = drawEvents(problem, slots, departures, draws);
      const deadline = new Deadline(options);
      const columns = problem.simulator.hasTransitions
        ? undefined
        : await columnsOf(problem, rest, options, deadline);
      using player = new OnlinePlayer(problem.simulator, problem, rest, 0, columns);
      player.planner.setNetwork(network.layers);
      player.tell(problem.demand);
      // Containers that leave again are not part of the placement.
      const { onPlaced, ...others } = options;
      const told = onPlaced === undefined || departures > 0 ? others : { ...others, onPlaced };
      const placement = await playByPolicy(player, events, told, deadline);
      const details = compare ? compareRules(given, problem, events) : {};
      return { placement, details: { rest, events: events.length, ...details } };
    },
  };
}

/**
 * Columns of the demand, or where the rest is unknown, of the fullest even mixture that has any: none of a few shares may fit under the
 * rules, and then changes of throughput alone guide the policy.
 */
async function columnsOf(
  problem: SchedulingProblem,
  rest: Rest,
  options: ScheduleOptions,
  deadline: Deadline,
): Promise<Uint8Array> {
  const slots = totalSlots(problem.cluster, problem.rules);
  const demands = rest === "known"
    ? [problem.demand]
    : SCENARIO_SHARES.toReversed().map((share) =>
      problem.demand.map(() => Math.ceil(share * slots / problem.apps.length))
    );
  for (const demand of demands) {
    try {
      const limits = { ...options, timeLimit: deadline.secondsLeft() };
      return await findColumns({ ...problem, demand }, limits, COLUMNS);
    } catch (error) {
      if (!(error instanceof InfeasibleError) || deadline.passed()) throw error;
    }
  }
  return new Uint8Array();
}

/**
 * Plays events by a policy.
 * @throws {InfeasibleError} if no node may take a container.
 * @throws {UndecidedError | InterruptedError} if the time limit or the signal came first: there is no placement before the last event.
 */
export async function playByPolicy(
  player: OnlinePlayer,
  events: readonly ArrivalEvent[],
  options: Pick<ScheduleOptions, "onPlaced" | "onProgress"> = {},
  deadline: Deadline = new Deadline(),
): Promise<Placement> {
  const nodeOf = new Map<number, number>();
  player.arrivals.begin();
  for (const [at, { kind, app, container }] of events.entries()) {
    await deadline.takeTurns();
    if (deadline.passed()) throw deadline.withoutPlacement();
    if (at % TOLD_EVERY === 0) {
      options.onProgress?.({ fraction: at / events.length, text: "containers arrive" });
    }
    if (kind === "depart") {
      player.arrivals.depart(nodeOf.get(container)!, app);
      continue;
    }
    const node = player.arrivals.arrive(app, { temperature: 0 });
    nodeOf.set(container, node);
    options.onPlaced?.(node, app);
  }
  player.arrivals.write();
  return player.state.placement();
}

/** Mean normalised throughput that each rule of thumb ends with. */
function compareRules(
  { simulator }: SchedulingProblem,
  problem: SchedulingProblem,
  events: readonly ArrivalEvent[],
): Record<string, number> {
  const containers = demandTotal(problem.demand);
  const surfaces = nodeSurfaces(problem);
  return Object.fromEntries(RULES_OF_THUMB.map((rule) => {
    using state = problem.simulator.clusterState(problem);
    playByRule(state, events, rule);
    return [`${rule}Mean`, simulator.evaluate(state.placement(), surfaces) / containers];
  }));
}

/** Rules that a container may break by leaving are kept only where none leaves. */
function checkDepartures({ rules }: SchedulingProblem): void {
  const rule = (rules.together ?? []).length > 0
    ? "together"
    : spreadsOverDomains(rules)
    ? "spread"
    : null;
  if (rule === null) return;
  throw new UnsupportedError(
    `Scheduler metis-online does not keep the rule ${rule} where containers leave: leave departures out`,
  );
}

function readRest(options: ScheduleOptions): Rest {
  const value = String(options.parameters?.["rest"] ?? "unknown");
  if (value === "unknown" || value === "known") return value;
  throw new UsageError(`Parameter rest must be unknown or known: got ${value}`);
}

function readShare(options: ScheduleOptions, name: string): number {
  const value = Number(options.parameters?.[name] ?? 0);
  if (Number.isFinite(value) && value >= 0 && value <= 10) return value;
  throw new UsageError(
    `Parameter ${name} must be a number from 0 to 10: got ${options.parameters?.[name]}`,
  );
}
