import assert from "node:assert/strict";
import { contentionModel, randomApps } from "../../datasets/mod.ts";
import {
  checkPlacement,
  InfeasibleError,
  InputError,
  InterruptedError,
  NO_RULES,
  Random,
  SolverError,
  uniformCluster,
  UnsupportedError,
  UsageError,
} from "../../domain/mod.ts";
import {
  runScheduler,
  type ScheduleOptions,
  type SchedulingProblem,
} from "../../scheduling/mod.ts";
import { testScheduler } from "../../scheduling/_conformance.ts";
import { bestByStarts } from "../../scheduling/_every_placement.ts";
import { drawGeneral, unlikeSurfaces } from "../../scheduling/_general.ts";
import { ruggedModel } from "../../sim-wasm/_naive.ts";
import { Simulator } from "../../sim-wasm/mod.ts";
import { needsReference } from "../../reference/_needs.ts";
import type { ReferenceSize } from "../../reference/data.ts";
import {
  batchDemand,
  PAPER_APPS,
  paperConstraints,
  randomConstraints,
} from "../constraints/_testing.ts";
import { constraintsOf, placementViolations, violationModel } from "../constraints/mod.ts";
import { spread } from "../heuristics/spread.ts";
import { HighsSolver } from "../milp/mod.ts";
import { runs } from "../../tools/_full.ts";
import { bruteForce } from "./_testing.ts";
import { solveByConfigurations } from "./configuration_formulation.ts";
import { solveByContainers } from "./container_formulation.ts";
import { medea, medeaModelText } from "./mod.ts";
import { solveWithoutTable } from "./without_table.ts";

testScheduler(medea, { runs: 10 });

const SMALL = Simulator.create({ model: ruggedModel(3, 5), capacity: 3 });

/** 3 apps, 4 nodes of 3 slots, constraints and demand by seed. */
function smallProblem(seed: number): SchedulingProblem {
  const draws = new Random(seed);
  return {
    apps: SMALL.apps,
    cluster: uniformCluster(2 + draws.below(3), 3),
    demand: [draws.below(3), 1 + draws.below(2), draws.below(3)],
    rules: NO_RULES,
    simulator: SMALL,
    constraints: randomConstraints(3, 3, seed),
  };
}

Deno.test("both formulations prove the same optimum as a search over everything, on random instances", async () => {
  const solver = new HighsSolver();
  try {
    for (let seed = 1; seed <= runs(8, 60); seed++) {
      const problem = smallProblem(seed);
      const constraints = problem.constraints!;
      const nodes = problem.cluster.nodeClasses[0]!.count;
      const least = bruteForce(constraints, problem.demand, nodes, 3);
      const byConfiguration = await solveByConfigurations(problem, constraints, {}, solver);
      assert.equal(byConfiguration.violations, least, `configuration, seed ${seed}`);
      assert.ok(byConfiguration.proven, `configuration proven, seed ${seed}`);
      for (const bigM of [1000, "tight"] as const) {
        const options = { bigM, start: seed % 2 === 0 };
        const byContainer = await solveByContainers(problem, constraints, options, solver);
        assert.equal(byContainer.violations, least, `container ${bigM}, seed ${seed}`);
        assert.ok(byContainer.proven, `container ${bigM} proven, seed ${seed}`);
        assert.equal(byContainer.bound, least);
      }
    }
  } finally {
    solver.close();
  }
});

/** (ref) design/metis.md, section 5.2. */
const REFERENCE: readonly [
  containers: ReferenceSize,
  nodes: number,
  row: number,
  optimum: number,
][] = [
  [200, 81, 0, 60],
  [200, 81, 1, 61],
  [200, 81, 2, 58],
  [300, 81, 0, 78],
  [300, 81, 1, 89],
  [300, 81, 2, 81],
  [400, 81, 0, 180],
  [400, 81, 1, 187],
  [400, 81, 2, 187],
  [1000, 729, 0, 279],
  [2000, 729, 0, 565],
];

Deno.test(needsReference({
  name: "medea proves the reference optima",
  async fn(test) {
    const constraints = paperConstraints();
    const simulator = Simulator.create({
      model: violationModel(PAPER_APPS, constraints),
      capacity: 8,
    });
    // Those of 400 containers take seconds each.
    const quick = REFERENCE.filter(([containers]) => containers !== 400);
    for (const [containers, nodes, row, optimum] of runs(quick, REFERENCE)) {
      await test.step(`${containers} containers on ${nodes} nodes, row ${row}: ${optimum}`, async () => {
        const { placement, details } = await runScheduler(medea, {
          apps: PAPER_APPS,
          cluster: uniformCluster(nodes, 8),
          demand: batchDemand(containers, row),
          rules: NO_RULES,
          simulator,
          constraints,
        });
        assert.equal(details!.violations, optimum);
        assert.equal(details!.violationsProven, true);
        assert.equal(details!.violationBound, optimum);
        assert.equal(placementViolations(constraints, placement).weighted, optimum);
      });
    }
  },
}));

Deno.test(needsReference({
  name: "20,000 nodes are placed and proven",
  async fn() {
    const constraints = paperConstraints();
    const model = violationModel(PAPER_APPS, constraints);
    const { details } = await runScheduler(medea, {
      apps: PAPER_APPS,
      cluster: uniformCluster(20000, 8),
      demand: batchDemand(2000, 0).map((count) => count * 27),
      rules: NO_RULES,
      simulator: Simulator.create({ model, capacity: 8 }),
      constraints,
    });
    assert.equal(details!.violationsProven, true);
  },
}));

Deno.test("a second objective keeps the fewest violations and is the best of all that do", async () => {
  const solutions = (problem: SchedulingProblem, objective: string): number => {
    // Best second value over all placements with the fewest violations, by trying all.
    const constraints = problem.constraints!;
    const nodes = problem.cluster.nodeClasses[0]!.count;
    const least = bruteForce(constraints, problem.demand, nodes, 3);
    const sign = objective === "throughput" ? -1 : 1;
    let best = Infinity;
    const rows: number[][] = [];
    const fill = (node: number, left: readonly number[]): void => {
      if (node === nodes) {
        if (left.some((count) => count > 0)) return;
        const placement = {
          nodes,
          apps: 3,
          counts: Uint8Array.from(rows.flat()),
        };
        if (placementViolations(constraints, placement).weighted > least) return;
        const value = rows.reduce((sum, held) => {
          const total = held.reduce((a, b) => a + b, 0);
          if (objective === "throughput") return sum + SMALL.throughput(held);
          return sum + (objective === "most-even" ? total * total : Math.min(1, total));
        }, 0);
        best = Math.min(best, sign * value);
        return;
      }
      for (let rank = 0; rank < SMALL.configurations; rank++) {
        const held = [...SMALL.unrank(rank)];
        if (held.some((count, app) => count > left[app]!)) continue;
        rows.push(held);
        fill(node + 1, left.map((count, app) => count - held[app]!));
        rows.pop();
      }
    };
    fill(0, problem.demand);
    return sign * best;
  };
  for (const then of ["throughput", "fewest-nodes", "most-even"]) {
    for (let seed = 1; seed <= runs(1, 3); seed++) {
      const problem = smallProblem(seed);
      const plain = await runScheduler(medea, problem);
      const { details, placement } = await runScheduler(medea, problem, { parameters: { then } });
      const { weighted } = placementViolations(problem.constraints!, placement);
      assert.equal(weighted, plain.details!.violations);
      assert.equal(details!.thenProven, true, `${then}, seed ${seed}`);
      const expected = solutions(problem, then);
      assert.ok(Math.abs(Number(details!.thenValue) - expected) < 1e-6, `${then}, seed ${seed}`);
    }
  }
});

Deno.test("without constraints given, medea derives them from the surface", async () => {
  const { constraints: _, ...problem } = smallProblem(3);
  const { details } = await runScheduler(medea, problem);
  assert.ok(Number(details!.constraints) > 0);
});

Deno.test("a demand that does not fit is refused, with how many slots are short", async () => {
  const problem = { ...smallProblem(1), cluster: uniformCluster(2, 3), demand: [4, 2, 3] };
  await assert.rejects(
    runScheduler(medea, problem),
    (error) => error instanceof InfeasibleError && error.message.includes("3 slots short"),
  );
});

Deno.test("odd weights are refused", async () => {
  for (const weight of [0, -1, 1e9, NaN]) {
    const constraints = [{ subject: 0, other: 1, kind: "at-most", threshold: 0, weight }] as const;
    await assert.rejects(
      runScheduler(medea, { ...smallProblem(1), constraints }),
      (error) => error instanceof InputError && error.message.includes("Constraint 1: the weight"),
    );
  }
});

/** A problem whose published formulation takes longer than the limits of the tests. */
function slowProblem(): SchedulingProblem {
  const simulator = Simulator.create({ model: ruggedModel(4, 5), capacity: 6 });
  return {
    apps: simulator.apps,
    cluster: uniformCluster(12, 6),
    demand: [14, 13, 12, 14],
    rules: NO_RULES,
    simulator,
    constraints: randomConstraints(4, 4, 5),
  };
}
const runSlowly = (options: ScheduleOptions, start = true) =>
  runScheduler(medea, slowProblem(), {
    ...options,
    parameters: { formulation: "container", start },
  });

Deno.test("at the time limit, the best placement so far comes with its bound", async () => {
  // Without a limit this takes minutes.
  const { details } = await runSlowly({ timeLimit: 1 });
  assert.equal(details!.violationsProven, false);
  assert.ok(Number(details!.violationBound) < Number(details!.violations));
  assert.ok(Number(details!.violationGap) > 0);
});

Deno.test("a time limit before any placement is said as that", async () => {
  await assert.rejects(
    runSlowly({ timeLimit: 0.001 }, false),
    (error) =>
      error instanceof SolverError && error.message.includes("no placement within 0.001 s"),
  );
});

Deno.test("an interruption returns the best placement so far, or says that there is none", async () => {
  const controller = new AbortController();
  const running = runSlowly({ signal: controller.signal });
  setTimeout(() => controller.abort(), 300);
  const { details } = await running;
  assert.equal(details!.violationsProven, false);
  await assert.rejects(
    runSlowly({ signal: AbortSignal.abort() }, false),
    (error) => error instanceof InterruptedError,
  );
});

Deno.test("the program can be written as LP and MPS, and the solver's log be read", async () => {
  for (const formulation of ["configuration", "container"]) {
    const options = { parameters: { formulation } };
    assert.match(await medeaModelText(smallProblem(2), "lp", options), /min[^]*obj:[^]*end/);
    assert.match(await medeaModelText(smallProblem(2), "mps", options), /ROWS[^]*ENDATA/);
  }
  let log = "";
  const { details } = await runScheduler(medea, smallProblem(2), {
    parameters: { formulation: "container" },
    onSolverLog: (text) => log += text,
  });
  assert.equal(details!.violationsProven, true);
  assert.match(log, /HiGHS/);
});

Deno.test("both formulations, and what follows without a table, prove what trying all placements finds, with resources, rules, domains and unlike nodes", async () => {
  const unlike = unlikeSurfaces();
  const more = [ruggedModel(3, 6)];
  using withoutTable = Simulator.create({ model: SMALL.model, more, capacity: 3, denseLimit: 0 });
  const solver = new HighsSolver();
  const seen = { feasible: 0, infeasible: 0 };
  try {
    for (let seed = 0; seed < runs(60, 200); seed++) {
      const constraints = randomConstraints(3, 4, seed);
      const problem = { ...drawGeneral(new Random(seed), unlike), constraints };
      const model = violationModel(problem.apps, constraints);
      using simulator = Simulator.create({ model, more: [model], capacity: 3 });
      const least = 0 - Math.max(...bestByStarts({ ...problem, simulator }).values());
      const proofs = [
        () => solveByConfigurations(problem, constraints, {}, solver),
        ...[1000, "tight" as const].map((bigM) => () =>
          solveByContainers(problem, constraints, { bigM, start: seed % 2 === 0 }, solver)
        ),
        () => {
          const given = { ...problem, simulator: withoutTable };
          return solveWithoutTable(given, constraints, { bigM: "tight", start: true }, solver);
        },
      ];
      for (const [at, prove] of proofs.entries()) {
        if (least === Infinity) {
          await assert.rejects(prove, InfeasibleError, `problem ${seed}, ${at}`);
          continue;
        }
        const { placement, violations, proven } = await prove();
        checkPlacement(problem, placement);
        assert.equal(violations, least, `problem ${seed}, ${at}`);
        assert.ok(proven, `problem ${seed}, ${at}`);
      }
      seen[least === Infinity ? "infeasible" : "feasible"]++;
    }
  } finally {
    solver.close();
  }
  assert.ok(seen.feasible > 10 && seen.infeasible > 10, JSON.stringify(seen));
});

Deno.test("with resources and rules, a second objective keeps the fewest violations, and its model can be written", async () => {
  const simulator = unlikeSurfaces();
  for (let seed = 0, placed = 0; placed < 2; seed++) {
    const constraints = randomConstraints(3, 4, seed);
    const problem = { ...drawGeneral(new Random(seed), simulator), constraints };
    try {
      const run = (then?: string) =>
        runScheduler(medea, problem, { parameters: then === undefined ? {} : { then } });
      const [first, second] = [await run(), await run("throughput")];
      assert.equal(second.details!.violations, first.details!.violations);
      assert.ok(Math.abs(Number(second.details!.thenValue) - second.total) < 1e-9);
      assert.ok(second.total >= first.total - 1e-9);
      for (const formulation of ["configuration", "container"]) {
        assert.match(
          await medeaModelText(problem, "lp", { parameters: { formulation } }),
          /obj:[^]*end/,
        );
      }
      placed++;
    } catch (error) {
      if (!(error instanceof InfeasibleError)) throw error;
    }
  }
});

Deno.test("where configurations are too many for a table, a search finds few violations; only none are proven the fewest", async () => {
  using simulator = Simulator.create({ model: contentionModel(randomApps(12, 1)), capacity: 16 });
  assert.ok(!simulator.dense);
  const cluster = uniformCluster(10, 16);
  const problemOf = (demand: readonly number[]): SchedulingProblem => ({
    ...{ apps: simulator.apps, cluster, demand, rules: NO_RULES, simulator },
  });
  const run = async (problem: SchedulingProblem) => {
    const { placement, details } = await runScheduler(medea, problem, { timeLimit: 2 });
    checkPlacement(problem, placement);
    const { weighted } = placementViolations(constraintsOf(problem), placement);
    assert.equal(details!.violations, weighted);
    assert.equal(details!.violationsProven, details!.violationBound === weighted);
    return { weighted, details };
  };
  const few = await run(problemOf(simulator.apps.map(() => 2)));
  assert.deepEqual([few.weighted, few.details!.formulation], [0, "search"]);
  // Nodes as full as they can be, so that some are left.
  const full = problemOf(simulator.apps.map((_, app) => app < 4 ? 14 : 13));
  const { placement } = await runScheduler(spread, full);
  const many = await run(full);
  assert.ok(many.weighted < placementViolations(constraintsOf(full), placement).weighted);
  const then = { parameters: { then: "throughput" } };
  await assert.rejects(runScheduler(medea, full, then), /then needs a table/);
});

Deno.test("the formulation container refuses what is too large", async () => {
  const parameters = { formulation: "container" };
  await assert.rejects(
    runScheduler(medea, {
      ...smallProblem(1),
      cluster: uniformCluster(5000, 3),
      demand: [900, 900, 900],
    }, { parameters }),
    (error) => error instanceof UnsupportedError && error.message.includes("entries"),
  );
});

Deno.test("parameters that cannot be are refused by name", async () => {
  const cases: [Record<string, string | number | boolean>, string][] = [
    [{ formulation: "nodes" }, "formulation"],
    [{ linking: "tight" }, "linking"],
    [{ formulation: "container", linking: 3 }, "linking"],
    [{ formulation: "container", then: "throughput" }, "then"],
    [{ then: "luck" }, "then"],
    [{ formulation: "container", start: "yes" }, "start"],
  ];
  for (const [parameters, name] of cases) {
    await assert.rejects(
      runScheduler(medea, smallProblem(1), { parameters }),
      (error) => error instanceof UsageError && error.message.includes(`Parameter ${name}`),
    );
  }
});
