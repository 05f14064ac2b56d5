import { SolverError } from "../../domain/mod.ts";
import {
  type Formulation,
  leastValues,
  type LossColumn,
  type RelaxedProblem,
  skewedApps,
} from "../columns/mod.ts";
import type { MilpModel } from "../milp/mod.ts";

/** Nodes of each configuration: the answer of the integer program. */
export interface Usage {
  readonly column: LossColumn;
  /** A whole number, at least 1. */
  readonly nodes: number;
}

/** The integer program over some columns, as a model for a solver, and the way back from its answer. */
export interface IntegerProgram {
  readonly model: MilpModel;
  /** Factor of the model's objective: it is this times the total loss, without that of the base. */
  readonly scale: number;
  /** Loss of the base. */
  readonly fixedLoss: number;
  /** Nodes of each column, from the solver's values. @throws {SolverError} if they are no whole numbers or break a row. */
  read(solution: Float64Array): Usage[];
  /** The solver's values for a known answer; undefined if it uses other columns. */
  write(usage: readonly Usage[]): Float64Array | undefined;
}

/** A variable of the program besides the nodes of each column. */
interface Variable {
  readonly cost: number;
  readonly upper: number;
  readonly entries: readonly Entry[];
  /** Its value in a placement. */
  readonly value: (held: Held) => number;
}

type Entry = readonly [row: number, coefficient: number];

/** A limit on a sum over columns, besides demand, nodes and failure domains. */
export interface Limit {
  readonly most: number;
  /** Its price in the relaxation, at least 0. */
  readonly price: number;
  /** What a node that holds the column adds. */
  readonly of: (column: LossColumn) => number;
}

/** What a placement holds, for the values of variables. */
interface Held {
  readonly usage: readonly Usage[];
  /** Idle nodes of each group. */
  readonly idle: readonly number[];
  /** Containers of an app in a failure domain. */
  readonly inDomain: (app: number, domain: number) => number;
}

/**
 * Minimises the loss against the bound. The unknowns are deviations from `base` nodes of each column, so
 * that numbers stay small however large the cluster is.
 * @param options `cutoff`: loss of the best known placement, columns are limited to what may be better. `base`: nodes of
 * each column that are taken for granted.
 */
export function integerProgram(
  { formulation, relaxation }: {
    readonly formulation: Formulation;
    readonly relaxation: Pick<RelaxedProblem["relaxation"], "nodePrices" | "rowPrices">;
  },
  columns: readonly LossColumn[],
  options: {
    readonly base: readonly number[];
    readonly cutoff: number;
    readonly limits?: readonly Limit[];
  },
): IntegerProgram {
  const { groups } = formulation;
  const { base, cutoff, limits = [] } = options;
  const scale = 1000;
  const mostNodes = (loss: number, nodes: number): number =>
    loss > 0 ? Math.min(nodes, Math.floor(cutoff / loss + 1e-6)) : nodes;
  const { lower: rowLower, upper: rowUpper, entriesOf, variables } = programRows(
    formulation,
    relaxation,
    mostNodes,
    limits,
  );
  const width = columns.length + variables.length;
  const cost = new Float64Array(width);
  const lower = new Float64Array(width);
  const upper = new Float64Array(width);
  const starts = new Int32Array(width + 1);
  const indices: number[] = [];
  const values: number[] = [];
  const write = (at: number, entries: readonly Entry[]): void => {
    for (const [row, coefficient] of entries) {
      indices.push(row);
      values.push(coefficient);
    }
    starts[at + 1] = indices.length;
  };
  columns.forEach((column, at) => {
    const nodes = base[at]!;
    cost[at] = column.loss * scale;
    lower[at] = -nodes;
    const most = mostNodes(column.loss, groups[column.group]!.nodes.length);
    upper[at] = Math.max(lower[at]!, most - nodes);
    const entries = entriesOf(column);
    for (const [row, coefficient] of entries) {
      rowLower[row]! -= coefficient * nodes;
      rowUpper[row]! -= coefficient * nodes;
    }
    write(at, entries);
  });
  variables.forEach((variable, index) => {
    const at = columns.length + index;
    cost[at] = variable.cost * scale;
    upper[at] = variable.upper;
    write(at, variable.entries);
  });
  const worth = leastValues(formulation.domainRows, formulation.apps.length, relaxation.rowPrices);
  const fixedLoss = columns.reduce((sum, { loss }, at) => sum + loss * base[at]!, 0) +
    worth.reduce((sum, value, app) => sum + Math.max(0, value) * formulation.demand[app]!, 0);
  const model: MilpModel = {
    sense: "minimise",
    columns: width,
    rows: rowLower.length,
    cost,
    columnLower: lower,
    columnUpper: upper,
    integer: new Uint8Array(width).fill(1),
    rowLower,
    rowUpper,
    starts,
    indices: Int32Array.from(indices),
    values: Float64Array.from(values),
  };
  return {
    model,
    scale,
    fixedLoss,
    read(solution) {
      const usage: Usage[] = [];
      columns.forEach((column, at) => {
        const whole = Math.round(solution[at]!);
        if (Math.abs(whole - solution[at]!) > 1e-4) {
          throw new SolverError(`HiGHS answered ${solution[at]} nodes for a column: not whole`);
        }
        const nodes = whole + base[at]!;
        if (nodes < 0) throw new SolverError(`HiGHS answered ${nodes} nodes for a column`);
        if (nodes > 0) usage.push({ column, nodes });
      });
      checkUsage(formulation, usage);
      return usage;
    },
    write(usage) {
      const places = new Map(columns.map(({ rank, group }, at) => [`${rank}/${group}`, at]));
      const solution = Float64Array.from({ length: width }, (_, at) => -(base[at] ?? 0));
      const idle = groups.map(({ nodes }) => nodes.length);
      for (const { column, nodes } of usage) {
        const at = places.get(`${column.rank}/${column.group}`);
        if (at === undefined) return undefined;
        solution[at]! += nodes;
        idle[column.group]! -= nodes;
      }
      const inDomain = (app: number, domain: number): number =>
        usage.reduce((sum, { column: { group, counts }, nodes }) => {
          const isThere = formulation.families[groups[group]!.family]!.domain === domain;
          return isThere ? sum + counts[app]! * nodes : sum;
        }, 0);
      variables.forEach(({ value }, index) => {
        solution[columns.length + index] = value({ usage, idle, inDomain });
      });
      return solution;
    },
  };
}

/** The rows of the program: demands, nodes of each group, rules about failure domains; and what fills them up. */
function programRows(
  { demand, groups, families, domainRows, fewestDomains }: Formulation,
  { nodePrices, rowPrices }: Pick<RelaxedProblem["relaxation"], "nodePrices" | "rowPrices">,
  mostNodes: (loss: number, nodes: number) => number,
  limits: readonly Limit[],
): {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly entriesOf: (column: LossColumn) => Entry[];
  readonly variables: Variable[];
} {
  const lower: number[] = [];
  const upper: number[] = [];
  const addRow = (least: number, most: number): number => {
    lower.push(least);
    return upper.push(most) - 1;
  };
  const variables: Variable[] = [];
  const appRows = demand.map((wanted) => addRow(wanted, wanted));
  const groupRows = groups.map(({ nodes }) => addRow(nodes.length, nodes.length));
  groups.forEach(({ nodes, mayIdle = true }, group) => {
    variables.push({
      cost: nodePrices[group]!,
      upper: mayIdle ? mostNodes(nodePrices[group]!, nodes.length) : 0,
      entries: [[groupRows[group]!, 1]],
      value: ({ idle }) => idle[group]!,
    });
  });
  /** Rows that count the containers of an app in a domain. */
  const counting: { row: number; app: number; domain: number; sign: number }[] = [];
  const least = (held: Held, app: number): number =>
    Math.min(
      ...domainRows.flatMap((row) =>
        row.app === app && row.least !== 0 ? [held.inDomain(app, row.domain)] : []
      ),
    );
  const leastEntries = new Map<number, Entry[]>(skewedApps(domainRows).map((app) => [app, []]));
  domainRows.forEach((one, at) => {
    const row = addRow(one.most, one.most);
    counting.push({ row, ...one });
    if (one.least !== 0) leastEntries.get(one.app)!.push([row, one.least]);
    variables.push({
      cost: rowPrices[at]!,
      upper: Infinity,
      entries: [[row, 1]],
      value: (held) =>
        one.most - one.sign * held.inDomain(one.app, one.domain) -
        (one.least === 0 ? 0 : one.least * least(held, one.app)),
    });
  });
  const worth = leastValues(domainRows, demand.length, rowPrices);
  for (const [app, entries] of leastEntries) {
    const value = (held: Held): number => least(held, app);
    variables.push({ cost: -worth[app]!, upper: demand[app]!, entries, value });
  }
  for (const { app, domains, fewest } of fewestDomains) {
    const sum = addRow(fewest, Infinity);
    for (const domain of domains) {
      const row = addRow(0, Infinity);
      counting.push({ row, app, domain, sign: 1 });
      variables.push({
        cost: 0,
        upper: 1,
        entries: [[row, -1], [sum, 1]],
        value: (held) => held.inDomain(app, domain) > 0 ? 1 : 0,
      });
    }
  }
  const limitRows = limits.map((limit) => {
    const row = addRow(limit.most, limit.most);
    variables.push({
      cost: limit.price,
      upper: Infinity,
      entries: [[row, 1]],
      value: ({ usage }) =>
        usage.reduce((left, { column, nodes }) => left - nodes * limit.of(column), limit.most),
    });
    return { row, of: limit.of };
  });
  const entriesOf = (column: LossColumn): Entry[] => {
    const { group, counts } = column;
    const { domain } = families[groups[group]!.family]!;
    return [
      ...appRows.flatMap((row, app) => counts[app]! > 0 ? [[row, counts[app]!] as const] : []),
      [groupRows[group]!, 1],
      ...counting.flatMap((one) =>
        one.domain === domain && counts[one.app]! > 0
          ? [[one.row, one.sign * counts[one.app]!] as const]
          : []
      ),
      ...limitRows.flatMap(({ row, of }): Entry[] => {
        const coefficient = of(column);
        return coefficient === 0 ? [] : [[row, coefficient]];
      }),
    ];
  };
  return {
    lower: Float64Array.from(lower),
    upper: Float64Array.from(upper),
    entriesOf,
    variables,
  };
}

/** @throws {SolverError} if an answer misses the demand or uses too many nodes. */
function checkUsage(formulation: Formulation, usage: readonly Usage[]): void {
  const placed = new Array<number>(formulation.demand.length).fill(0);
  const used = new Array<number>(formulation.groups.length).fill(0);
  for (const { column, nodes } of usage) {
    used[column.group]! += nodes;
    column.counts.forEach((count, app) => placed[app]! += count * nodes);
  }
  placed.forEach((count, app) => {
    if (count !== formulation.demand[app]) {
      throw new SolverError(
        `HiGHS placed ${count} of ${formulation.apps[app]}, the demand is ${
          formulation.demand[app]
        }`,
      );
    }
  });
  formulation.groups.forEach(({ nodes }, group) => {
    if (used[group]! > nodes.length) {
      throw new SolverError(`HiGHS used ${used[group]} of ${nodes.length} nodes`);
    }
  });
}
