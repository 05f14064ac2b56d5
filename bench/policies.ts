/**
 * `deno run -A bench/policies.ts [--policy DIR] [--online DIR] [--rows N] [--only NAMES] [--json FILE]`: gaps to the
 * proven optimum of the policies that come with Metis, or of others, on surfaces that they never saw: the 2020 data and
 * measurements of pairs (docs/data.md), the bundled profiles, and drawn nodes of unseen kinds. Each surface on 27, 81 and 729
 * nodes, at three sizes; arrivals in random order on the 2020 data. A row says how often the scheduler was behind the greedy
 * rule, and the milliseconds of one call, the policy loaded.
 * @module
 */
import { proveBound } from "../baselines/optimal/mod.ts";
import { DEFAULT_PROFILE } from "../datasets/mod.ts";
import {
  type Cluster,
  drawMixedDemand,
  NO_RULES,
  Random,
  type Rules,
  totalSlots,
  uniformCluster,
} from "../domain/mod.ts";
import { loadBundledProfile } from "../cli/datasets.ts";
import { TableModel } from "../models/mod.ts";
import { decodeCheckpoint } from "../policies/checkpoint/mod.ts";
import type { Network } from "../policies/learning/network.ts";
import { MetisPlayer } from "../policies/metis/player.ts";
import { metisScheduler } from "../policies/metis/scheduler.ts";
import { drawEvents } from "../policies/online/events.ts";
import { OnlinePlayer } from "../policies/online/player.ts";
import { onlineNetwork, RESTS } from "../policies/online/policy.ts";
import { playByRule, RULES_OF_THUMB } from "../policies/online/rules_of_thumb.ts";
import { playByPolicy } from "../policies/online/scheduler.ts";
import { drawNodes } from "../policies/universal/nodes.ts";
import { universalPolicy } from "../policies/universal/shipped.ts";
import { UNSEEN_KINDS } from "../policies/universal/surfaces.ts";
import { readProfile } from "../profiles/mod.ts";
import { referenceDemands, referenceSimulator } from "../reference/data.ts";
import { referencePath } from "../reference/folder.ts";
import { type SchedulingProblem, surfaceFromProfile } from "../scheduling/mod.ts";
import { Simulator } from "../sim-wasm/mod.ts";

/** Seed of the drawn demands, of the drawn nodes, and of the orders of arrival. */
const DEMAND_SEED = 20_201;
const NODE_SEED = 77_000;
const ORDER_SEED = 81;
/** Seconds for one proof; a demand that is not proven within them is compared with the bound. */
const PROOF_SECONDS = 20;
const TITLE = "Gaps in percent to the proven optimum, milliseconds of a call";
/** Shares of all slots that drawn demands fill. */
const FILLS = [0.31, 0.46, 0.62];

interface Case {
  readonly surface: string;
  readonly name: string;
  readonly problem: SchedulingProblem;
  readonly bound: number;
}

/** Figures by name: gaps in percent, milliseconds. */
type Figures = Record<string, number>;

interface Result {
  readonly surface: string;
  readonly name: string;
  readonly figures: Figures;
}

function option(name: string): string | undefined {
  const at = Deno.args.indexOf(name);
  return at < 0 ? undefined : Deno.args[at + 1];
}

async function networksOf(kind: string, directory?: string): Promise<readonly Network[]> {
  if (directory === undefined) return (await universalPolicy(kind))!.networks;
  const read = (path: string): Promise<Uint8Array> => Deno.readFile(`${directory}/${path}`);
  return (await decodeCheckpoint(read, directory)).networks;
}

async function prove(
  surface: string,
  simulator: Simulator,
  cluster: Cluster,
  demand: readonly number[],
  rules: Rules = NO_RULES,
): Promise<Case> {
  const { apps } = simulator;
  const problem = { apps, cluster, demand, rules, simulator };
  const nodes = cluster.nodeClasses.reduce((sum, { count }) => sum + count, 0);
  const { boundTotal } = await proveBound(problem, {
    effort: "optimal",
    timeLimit: PROOF_SECONDS,
  });
  return { surface, name: `${nodes} nodes`, problem, bound: boundTotal };
}

/** Milliseconds of one call, and what it gives. */
async function timed<T>(use: () => T | Promise<T>): Promise<{ value: T; milliseconds: number }> {
  const started = performance.now();
  const value = await use();
  return { value, milliseconds: performance.now() - started };
}

/** The greedy rule, the policy alone, and the scheduler in its two ways. */
async function measure({ problem, bound }: Case, networks: readonly Network[]): Promise<Figures> {
  const { simulator, demand } = problem;
  const gap = (total: number): number => 100 * (1 - total / bound);
  using state = simulator.clusterState(problem);
  state.greedy(demand);
  const rule = state.total;
  const plain = await timed(() => {
    using player = new MetisPlayer(simulator, problem, networks);
    player.price(demand);
    return player.plan(demand, { temperature: 0 }) ?? 0;
  });
  const metis = metisScheduler(() => Promise.resolve(networks));
  const place = async (parameters: Record<string, string | boolean>) => {
    const { value, milliseconds } = await timed(() => metis.schedule(problem, { parameters }));
    return { total: simulator.evaluate(value.placement), milliseconds };
  };
  const first = await place({});
  const best = await place({ decode: "sample:64", polish: true });
  return {
    "greedy rule": gap(rule),
    policy: gap(plain.value),
    metis: gap(first.total),
    "of 64, polished": gap(best.total),
    "behind greedy %": 100 * Number(first.total < rule - 1e-9),
    ms: first.milliseconds,
    "ms of 64": best.milliseconds,
  };
}

/** Policies and rules on the same orders of arrival. */
async function measureOnline(
  { problem, bound }: Case,
  networks: readonly Network[],
  draws: Random,
): Promise<Figures> {
  const { simulator } = problem;
  const figures: Figures = {};
  const gap = (total: number): number => 100 * (1 - total / bound);
  const slots = totalSlots(problem.cluster, problem.rules);
  for (const departures of [0, 0.3]) {
    const events = drawEvents(problem, slots, departures, draws);
    const label = departures === 0 ? "" : " (30 % more come and leave)";
    for (const rest of RESTS) {
      using player = new OnlinePlayer(simulator, problem, rest);
      player.planner.setNetwork(onlineNetwork(networks, rest).layers);
      player.tell(problem.demand);
      figures[`rest ${rest}${label}`] = gap(simulator.evaluate(await playByPolicy(player, events)));
    }
    for (const rule of RULES_OF_THUMB) {
      using state = simulator.clusterState(problem);
      playByRule(state, events, rule);
      figures[`${rule}${label}`] = gap(state.total);
    }
  }
  return figures;
}

/** The proven demands of each surface. */
const SURFACES: Readonly<Record<string, (rows: number) => AsyncGenerator<Case>>> = {
  async *rf20(rows) {
    const simulator = await referenceSimulator();
    const draws = new Random(DEMAND_SEED);
    for (const size of [67, 100, 133]) {
      for (let row = 0; row < rows; row++) {
        const demand = drawMixedDemand(simulator.apps.length, size, false, draws);
        const each = await prove("rf20", simulator, uniformCluster(27, 8), demand);
        yield { ...each, name: `27 nodes, ${size}` };
      }
    }
    for (const [nodes, sizes] of [[81, [200, 300, 400]], [729, [1000, 2000, 3000]]] as const) {
      for (const size of sizes) {
        for (const demand of referenceDemands(size).slice(0, nodes === 81 ? rows : 3)) {
          const each = await prove("rf20", simulator, uniformCluster(nodes, 8), demand);
          yield { ...each, name: `${nodes} nodes, ${size}` };
        }
      }
    }
  },
  async *bundled(rows) {
    for (const name of [DEFAULT_PROFILE, "synthetic-7x8"]) {
      const profile = await loadBundledProfile(name);
      const surface = surfaceFromProfile(profile, { source: name, fit: "extra-trees", seed: 1 });
      yield* drawn(name, surface.simulator(8), rows);
    }
  },
  async *pairs(rows) {
    for (const name of ["k80", "p100", "v100"]) {
      const file = `pairs/gavel-${name}.csv`;
      const { profile } = await readProfile(await Deno.readFile(referencePath(file)), file);
      const simulator = Simulator.create({ model: new TableModel(profile), capacity: 2 });
      yield* drawn(name, simulator, rows, [0.5, 0.75, 1]);
    }
  },
  async *drawn(rows) {
    for (let seed = 0; seed < 4 * rows; seed++) {
      const nodes = [27, 81][seed % 2]!;
      const draws = new Random(NODE_SEED + seed);
      const { simulator, cluster, kind, texture } = drawNodes(draws, {
        kinds: UNSEEN_KINDS,
        nodes,
      });
      const containers = Math.round(FILLS[seed % 3]! * totalSlots(cluster, NO_RULES));
      const demand = drawMixedDemand(simulator.apps.length, containers, seed % 4 === 0, draws);
      const each = await prove(kind, simulator, cluster, demand);
      yield { ...each, name: `${texture}, ${nodes} nodes` };
      simulator.dispose();
    }
  },
};

/** Demands of three sizes on 27, 81 and 729 nodes. */
async function* drawn(
  surface: string,
  simulator: Simulator,
  rows: number,
  fills: readonly number[] = FILLS,
): AsyncGenerator<Case> {
  const draws = new Random(DEMAND_SEED);
  for (const nodes of [27, 81, 729]) {
    for (const fill of fills) {
      for (let row = 0; row < (nodes === 729 ? 1 : rows); row++) {
        const containers = Math.round(fill * nodes * simulator.capacity);
        const demand = drawMixedDemand(simulator.apps.length, containers, false, draws);
        const each = await prove(
          surface,
          simulator,
          uniformCluster(nodes, simulator.capacity),
          demand,
        );
        yield { ...each, name: `${nodes} nodes, ${containers}` };
      }
    }
  }
}

/** Means over the cases of each surface and name, as the rows of a table. */
function report(title: string, results: readonly Result[]): void {
  if (results.length === 0) return;
  console.log(`\n${title}\n`);
  const columns = Object.keys(results[0]!.figures);
  const line = (cells: readonly string[]) => console.log(`| ${cells.join(" | ")} |`);
  line(["surface", "demands", ...columns]);
  line(["---", "---:", ...columns.map(() => "---:")]);
  const row = (label: string, of: readonly Result[]): void => {
    const cells = columns.map((column) => {
      const mean = of.reduce((sum, { figures }) => sum + figures[column]!, 0) / of.length;
      return mean.toFixed(column.startsWith("ms") || column.endsWith("%") ? 0 : 4);
    });
    line([label, String(of.length), ...cells]);
  };
  const groups = Map.groupBy(results, ({ surface, name }) => `${surface}, ${name}`);
  for (const [label, of] of groups) row(label, of);
  for (const [label, of] of Map.groupBy(results, ({ surface }) => surface)) {
    row(`all of ${label}`, of);
  }
}

const networks = await networksOf("metis", option("--policy"));
const policies = await networksOf("online", option("--online"));
const rows = Number(option("--rows") ?? 10);
const only = option("--only")?.split(",") ?? Object.keys(SURFACES);
const results: Result[] = [];
const online: Result[] = [];
const orders = new Random(ORDER_SEED);
for (const name of only) {
  const before = results.length;
  for await (const each of SURFACES[name]!(rows)) {
    const { surface, name } = each;
    results.push({ surface, name, figures: await measure(each, networks) });
    if (surface !== "rf20" || !name.startsWith("81")) continue;
    for (let order = 0; order < 3; order++) {
      online.push({ surface, name, figures: await measureOnline(each, policies, orders) });
    }
  }
  report(TITLE, results.slice(before));
}
report("Containers come in random order and stay", online);
const json = option("--json");
if (json !== undefined) {
  await Deno.writeTextFile(json, JSON.stringify({ schemaVersion: 1, results, online }));
}
