import {
  demandTotal,
  failureDomains,
  type InterferenceConstraint,
  nodeCapacities,
  nodeCount,
  nodeKinds,
  type Placement,
  type Problem,
  SolverError,
  UnsupportedError,
} from "../../domain/mod.ts";
import { formulate } from "../columns/mod.ts";
import { excess } from "../constraints/mod.ts";
import type { MilpModel } from "../milp/mod.ts";
import { addDomainRows } from "./domain_rows.ts";
import { MatrixByRows } from "./matrix.ts";

/** How slacks are tied to containers. */
export interface Linking {
  /** The published constant (1000), or "tight": for each row the least one that changes no answer. */
  readonly bigM: number | "tight";
}

/** Most entries of the matrix: beyond, the WebAssembly solver runs out of memory rather than of time. */
const MOST_ENTRIES = 30_000_000;

/** The 2020 formulation as a model for a solver, and the way back from its answer. */
export interface ContainerModel {
  readonly model: MilpModel;
  /** The placement that the solver's values mean. @throws {SolverError} if they break a row. */
  read(solution: Float64Array): Placement;
  /** The solver's values for a placement. */
  write(placement: Placement): Float64Array;
}

/**
 * Medea's integer program as published. Unknowns: x[i, v] = 1 if container i is on node v, and for every
 * constraint (s, c), node v and container i of s a slack >= 0. Minimise the sum of weight x slack, so that
 * every container is on one node: sum over v of x[i, v] = 1;
 * no node holds more than its slots: sum over i of x[i, v] <= capacity of v;
 * at most t: (sum over j of c of x[j, v]) - slack <= t + M (1 - x[i, v]);
 * at least t: (sum over j of c of x[j, v]) + slack >= t - M (1 - x[i, v]).
 * Resources and rules are further rows over the same unknowns, of which none may be broken: see addNodeRows.
 * @throws {UnsupportedError} if the program would be too large.
 */
export function containerModel(
  problem: Problem,
  constraints: readonly InterferenceConstraint[],
  { bigM }: Linking,
): ContainerModel {
  const { demand, rules, cluster } = problem;
  const capacities = nodeCapacities(cluster, rules);
  const nodes = capacities.length;
  const containers = demandTotal(demand);
  refuseTooLarge(problem, constraints);
  const first: number[] = [];
  demand.reduce((sum, count, app) => (first[app] = sum, sum + count), 0);
  const place = (container: number, node: number): number => container * nodes + node;
  const containersOf = (app: number): number[] =>
    Array.from({ length: demand[app]! }, (_, at) => first[app]! + at);

  const matrix = new MatrixByRows();
  const slacks: { constraint: InterferenceConstraint; node: number; container: number }[] = [];
  let columns = containers * nodes;
  for (let container = 0; container < containers; container++) {
    matrix.beginRow(1, 1);
    for (let node = 0; node < nodes; node++) matrix.add(place(container, node), 1);
  }
  for (let node = 0; node < nodes; node++) {
    matrix.beginRow(-Infinity, capacities[node]!);
    for (let container = 0; container < containers; container++) {
      matrix.add(place(container, node), 1);
    }
  }
  addNodeRows(matrix, problem, (app, node) => containersOf(app).map((one) => place(one, node)));
  for (const constraint of constraints) {
    const { subject, other, kind, threshold } = constraint;
    const others = containersOf(other);
    for (let node = 0; node < nodes; node++) {
      const most = Math.min(capacities[node]!, others.length);
      const worst = kind === "at-most" ? Math.max(0, most - threshold) : threshold;
      if (bigM === "tight" && worst === 0) continue;
      const link = bigM === "tight" ? worst : bigM;
      const sign = kind === "at-most" ? 1 : -1;
      for (const container of containersOf(subject)) {
        if (sign > 0) matrix.beginRow(-Infinity, threshold + link);
        else matrix.beginRow(threshold - link, Infinity);
        for (const one of others) {
          matrix.add(place(one, node), one === container ? 1 + sign * link : 1);
        }
        if (subject !== other) matrix.add(place(container, node), sign * link);
        matrix.add(columns++, -sign);
        slacks.push({ constraint, node, container });
      }
    }
  }
  const places = containers * nodes;
  const domainOf = failureDomains(problem).ofNode;
  const ofDomains = addDomainRows(matrix, formulate(problem), (app, domain, sign) => {
    domainOf.forEach((of, node) => {
      if (of !== domain) return;
      for (const one of containersOf(app)) matrix.add(place(one, node), sign);
    });
  }, columns);
  const placing = columns;
  columns += ofDomains.length;
  const model: MilpModel = {
    sense: "minimise",
    columns,
    cost: Float64Array.from(
      { length: columns },
      (_, column) => slacks[column - places]?.constraint.weight ?? 0,
    ),
    columnLower: new Float64Array(columns),
    columnUpper: Float64Array.from(
      { length: columns },
      (_, column) => column < places ? 1 : ofDomains[column - placing]?.upper ?? Infinity,
    ),
    // With whole containers every least slack is whole by itself: the tight form leaves that to the solver.
    integer: Uint8Array.from(
      { length: columns },
      (_, column) => column < places || column >= placing || bigM !== "tight" ? 1 : 0,
    ),
    ...matrix.byColumns(columns),
  };
  return {
    model,
    read(solution) {
      const counts = new Uint8Array(nodes * demand.length);
      demand.forEach((_, app) => {
        for (const container of containersOf(app)) {
          const chosen = Array.from({ length: nodes }, (_, node) => node)
            .filter((node) => solution[place(container, node)]! > 0.5);
          if (chosen.length !== 1) {
            throw new SolverError(
              `HiGHS put container ${container} on ${chosen.length} nodes instead of one`,
            );
          }
          counts[chosen[0]! * demand.length + app]!++;
        }
      });
      return { nodes, apps: demand.length, counts };
    },
    write(placement) {
      const values = new Float64Array(columns);
      const next = [...first];
      for (let node = 0; node < nodes; node++) {
        demand.forEach((_, app) => {
          for (let left = placement.counts[node * demand.length + app]!; left > 0; left--) {
            values[place(next[app]!++, node)] = 1;
          }
        });
      }
      slacks.forEach(({ constraint, node, container }, at) => {
        if (values[place(container, node)] === 0) return;
        const others = placement.counts[node * demand.length + constraint.other]!;
        values[places + at] = excess(constraint, others);
      });
      ofDomains.forEach(({ value }, at) => {
        values[placing + at] = value((app, domain) =>
          domainOf.reduce(
            (sum, of, node) =>
              of === domain ? sum + placement.counts[node * demand.length + app]! : sum,
            0,
          )
        );
      });
      return values;
    },
  };
}

/** Shares of a node's amount above it that count as none: see `fitsAmount`. */
const ROUNDING = 1e-9;

/**
 * Rows of each node for what it may hold besides its slots: amounts of resources (as shares of what it has), most containers
 * of an app, apps apart (none of b beside a container of a) and together (some b beside a container of a).
 * @param columnsOf Columns of the containers of an app on a node.
 */
function addNodeRows(
  matrix: MatrixByRows,
  problem: Problem,
  columnsOf: (app: number, node: number) => readonly number[],
): void {
  const { demand, rules: { apart, together = [] } } = problem;
  const { resources, needs, kinds, ofNode } = nodeKinds(problem);
  const addAll = (app: number, node: number, coefficient: number): void => {
    for (const column of columnsOf(app, node)) matrix.add(column, coefficient);
  };
  ofNode.forEach((kind, node) => {
    const { capacity, limits, amounts } = kinds[kind]!;
    if (capacity === 0) return;
    amounts.forEach((amount, at) => {
      if (amount === 0) return;
      matrix.beginRow(-Infinity, 1 + ROUNDING);
      demand.forEach((_, app) => {
        const need = needs[app * resources.length + at]!;
        if (need > 0) addAll(app, node, need / amount);
      });
    });
    limits.forEach((limit, app) => {
      if (limit >= Math.min(demand[app]!, capacity)) return;
      matrix.beginRow(-Infinity, limit);
      addAll(app, node, 1);
    });
    for (const [a, b] of apart) {
      const most = Math.min(demand[b]!, capacity);
      for (const container of columnsOf(a, node)) {
        matrix.beginRow(-Infinity, most);
        matrix.add(container, most);
        addAll(b, node, 1);
      }
    }
    for (const [a, b] of together) {
      for (const container of columnsOf(a, node)) {
        matrix.beginRow(0, Infinity);
        matrix.add(container, -1);
        addAll(b, node, 1);
      }
    }
  });
}

/** Entries of the matrix of the published program, about. */
export function programEntries(
  { demand, cluster, needs = [], rules: { apart, together = [] } }: Problem,
  constraints: readonly InterferenceConstraint[],
): number {
  const pairRows = [...apart, ...together].reduce(
    (sum, [a, b]) => sum + demand[a]! * (demand[b]! + 1),
    0,
  );
  const slackRows = constraints.reduce(
    (sum, { subject, other }) => sum + demand[subject]! * (demand[other]! + 2),
    0,
  );
  return nodeCount(cluster) * ((3 + needs.length) * demandTotal(demand) + slackRows + pairRows);
}

function refuseTooLarge(problem: Problem, constraints: readonly InterferenceConstraint[]): void {
  const entries = programEntries(problem, constraints);
  if (entries > MOST_ENTRIES) {
    throw new UnsupportedError(
      `Medea's formulation container would need a matrix of ${entries} entries (most: ${MOST_ENTRIES}): use --formulation configuration`,
    );
  }
}
