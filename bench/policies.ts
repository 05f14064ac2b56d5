/**
 * `deno run -A bench/policies.ts POLICY [--online POLICY] [--rows N] [--json FILE]`: gaps to the proven optimum on
 * the 2020 data (docs/data.md; 27, 81 and 729 nodes, sizes from one container to full nodes, and arrivals in random order),
 * beside the greedy rule, local search and annealing. Seconds are of one call, the policy loaded.
 * @module
 */
import { proveBound } from "../baselines/optimal/mod.ts";
import { demandTotal, drawMixedDemand, NO_RULES, Random, uniformCluster } from "../domain/mod.ts";
import { decodeCheckpoint } from "../policies/checkpoint/mod.ts";
import { metisScheduler } from "../policies/metis/scheduler.ts";
import { MetisPlayer } from "../policies/metis/player.ts";
import type { Network } from "../policies/learning/network.ts";
import { drawEvents } from "../policies/online/events.ts";
import { findScorer } from "../policies/learning/scorer.ts";
import { OnlinePlayer } from "../policies/online/player.ts";
import { ONLINE_NETWORKS, onlineTables } from "../policies/online/policy.ts";
import { playByRule, RULES_OF_THUMB } from "../policies/online/rules_of_thumb.ts";
import { playByPolicy } from "../policies/online/scheduler.ts";
import { referenceDemands, referenceSimulator } from "../reference/data.ts";
import { annealing } from "../baselines/heuristics/annealing.ts";
import { localSearch } from "../baselines/heuristics/local_search.ts";
import { plannerInputs, type Simulator } from "../sim-wasm/mod.ts";
import type { SchedulingProblem } from "../scheduling/mod.ts";

/** Seed of the demands on 27 nodes and of the orders of arrival. */
const DEMAND_SEED = 20_201;
const ORDER_SEED = 81;

interface Case {
  readonly name: string;
  readonly problem: SchedulingProblem;
  readonly bound: number;
}

/** Figures by name: gaps in percent, milliseconds. */
type Figures = Record<string, number>;

function option(name: string): string | undefined {
  const at = Deno.args.indexOf(name);
  return at < 0 ? undefined : Deno.args[at + 1];
}

async function loadPolicy(directory: string): Promise<readonly Network[]> {
  const read = (path: string): Promise<Uint8Array> => Deno.readFile(`${directory}/${path}`);
  return (await decodeCheckpoint(read, directory)).networks;
}

async function prove(
  simulator: Simulator,
  nodes: number,
  demand: readonly number[],
  name: string,
): Promise<Case> {
  const problem = {
    apps: simulator.apps,
    cluster: uniformCluster(nodes, simulator.capacity),
    demand,
    rules: NO_RULES,
    simulator,
  };
  const { boundTotal, proven } = await proveBound(problem, { effort: "optimal", timeLimit: 60 });
  if (!proven) console.error(`Not proven within 60 s, the bound is used: ${name} ${demand}`);
  return { name, problem, bound: boundTotal };
}

/** Milliseconds of one call, and what it gives. */
async function timed<T>(use: () => T | Promise<T>): Promise<{ value: T; milliseconds: number }> {
  const started = performance.now();
  const value = await use();
  return { value, milliseconds: performance.now() - started };
}

/** Every method on one case. */
async function measure({ problem, bound }: Case, networks: readonly Network[]): Promise<Figures> {
  const { simulator, demand } = problem;
  const figures: Figures = {};
  const gap = (total: number): number => 100 * (1 - total / bound);
  {
    using state = simulator.clusterState(problem);
    state.greedy(demand);
    figures["greedy rule"] = gap(state.total);
  }
  {
    using player = new MetisPlayer(simulator, problem, networks);
    const plain = await timed(() => {
      player.price(demand);
      return player.plan(demand, { temperature: 0 });
    });
    figures["policy greedy"] = gap(plain.value ?? 0);
    figures["ms"] = plain.milliseconds;
  }
  const metis = metisScheduler(() => Promise.resolve(networks));
  const runs: [string, Record<string, string | boolean>][] = [
    ["metis greedy", {}],
    ["greedy+polish", { polish: true }],
    ["sample:64", { decode: "sample:64" }],
    ["sample:64+polish", { decode: "sample:64", polish: true }],
  ];
  for (const [name, parameters] of runs) {
    const run = await timed(() => metis.schedule(problem, { parameters }));
    figures[name] = gap(simulator.evaluate(run.value.placement));
    if (name !== "metis greedy") figures[`ms ${name}`] = run.milliseconds;
  }
  for (const peer of [localSearch, annealing]) {
    if (peer === annealing && demandTotal(demand) > 500) continue;
    const parameters = peer === annealing ? { moves: 1_000_000 } : {};
    const run = await timed(() => peer.schedule(problem, { parameters }));
    figures[peer.name] = gap(simulator.evaluate(run.value.placement));
    figures[`ms ${peer.name}`] = run.milliseconds;
  }
  return figures;
}

/** Policies and rules on the same orders of arrival. */
function measureOnline(
  { problem, bound }: Case,
  networks: readonly Network[],
  draws: Random,
): Figures {
  const { simulator } = problem;
  const figures: Figures = {};
  const gap = (total: number): number => 100 * (1 - total / bound);
  const slots = 8 * problem.cluster.nodeClasses[0]!.count;
  for (const departures of [0, 0.3]) {
    const events = drawEvents(problem, slots, departures, draws);
    const label = departures === 0 ? "" : " (30 % more come and leave)";
    for (const rest of ["unknown", "known"] as const) {
      const inputs = plannerInputs(problem.apps.length, onlineTables(rest));
      using player = new OnlinePlayer(simulator, problem, rest);
      player.planner.setNetwork(
        findScorer(networks, ONLINE_NETWORKS[rest], problem.apps.length, inputs).layers,
      );
      player.tell(problem.demand);
      figures[`rest ${rest}${label}`] = gap(simulator.evaluate(playByPolicy(player, events)));
    }
    for (const rule of RULES_OF_THUMB) {
      using state = simulator.clusterState(problem);
      playByRule(state, events, rule);
      figures[`${rule}${label}`] = gap(state.total);
    }
  }
  return figures;
}

/** Means over the cases of each name, as lines. */
function report(title: string, results: readonly { name: string; figures: Figures }[]): void {
  console.log(`\n${title}`);
  for (const name of new Set(results.map((result) => result.name))) {
    const of = results.filter((result) => result.name === name).map(({ figures }) => figures);
    const mean = Object.keys(of[0]!).map((key) => {
      const value = of.reduce((sum, figures) => sum + figures[key]!, 0) / of.length;
      return `${key} ${value.toFixed(key.startsWith("ms") ? 1 : 4)}`;
    });
    console.log(`${name} (${of.length} demands): ${mean.join(" | ")}`);
  }
}

const simulator = await referenceSimulator();
const networks = await loadPolicy(Deno.args[0]!);
const limit = Number(option("--rows") ?? 10);
const results: { name: string; figures: Figures }[] = [];
const draws = new Random(DEMAND_SEED);
for (const size of [67, 100, 133]) {
  for (let row = 0; row < limit; row++) {
    const demand = drawMixedDemand(simulator.apps.length, size, false, draws);
    const each = await prove(simulator, 27, demand, `27 nodes, ${size}`);
    results.push({ name: each.name, figures: await measure(each, networks) });
  }
}
const large: Case[] = [];
for (const [nodes, sizes] of [[81, [200, 300, 400]], [729, [1000, 2000, 3000]]] as const) {
  for (const size of sizes) {
    for (const demand of referenceDemands(size).slice(0, nodes === 81 ? limit : 3)) {
      const each = await prove(simulator, nodes, demand, `${nodes} nodes, ${size}`);
      if (nodes === 81) large.push(each);
      results.push({ name: each.name, figures: await measure(each, networks) });
    }
  }
}
report("Gaps in percent to the proven optimum, milliseconds of a call", results);
const range: { name: string; figures: Figures }[] = [];
for (const size of [1, 2, 4, 8, 14, 20, 27, 37, 47, 54, 80, 120, 150, 170, 190, 205, 214, 216]) {
  for (let row = 0; row < Math.min(limit, 4); row++) {
    const demand = drawMixedDemand(simulator.apps.length, size, false, draws);
    const each = await prove(simulator, 27, demand, `27 nodes, ${size}`);
    const figures = await measure(each, networks);
    range.push({ name: each.name, figures });
  }
}
report("From one container to full nodes", range);
const onlineDirectory = option("--online");
const online: { name: string; figures: Figures }[] = [];
if (onlineDirectory !== undefined) {
  const policies = await loadPolicy(onlineDirectory);
  const orders = new Random(ORDER_SEED);
  for (const each of large) {
    for (let order = 0; order < 3; order++) {
      online.push({ name: each.name, figures: measureOnline(each, policies, orders) });
    }
  }
  report("Containers come in random order and stay", online);
}
const json = option("--json");
if (json !== undefined) {
  await Deno.writeTextFile(json, JSON.stringify({ schemaVersion: 1, results, range, online }));
}
