import { type Placement, SolverError } from "../../domain/mod.ts";
import { type Formulation, spreadOverNodes } from "../columns/mod.ts";
import type { MilpModel } from "../milp/mod.ts";
import { addDomainRows } from "./domain_rows.ts";
import { MatrixByRows } from "./matrix.ts";

/** A configuration on the nodes of one group: nodes that are alike. */
export interface ProgramColumn {
  readonly group: number;
  /** Containers of each app. */
  readonly counts: Uint8Array;
  /** Weighted violations on one node that holds it. */
  readonly violations: number;
}

/**
 * The configuration program: x[c] = nodes that hold column c, whole; every app's demand met exactly, no more
 * nodes than a group has, rules about failure domains kept, and violations at most a limit. What else a node may hold is
 * for the columns to keep.
 * @param cost Of one node that holds each column. @param most Limit of the violations, Infinity for none.
 */
export function configurationProgram(
  formulation: Formulation,
  columns: readonly ProgramColumn[],
  sense: MilpModel["sense"],
  cost: Float64Array,
  most: number = Infinity,
): MilpModel {
  const { demand, groups, families } = formulation;
  const matrix = new MatrixByRows();
  demand.forEach((wanted, app) => {
    matrix.beginRow(wanted, wanted);
    columns.forEach(({ counts }, at) => counts[app]! > 0 && matrix.add(at, counts[app]!));
  });
  groups.forEach(({ nodes }, group) => {
    matrix.beginRow(0, nodes.length);
    columns.forEach((column, at) => column.group === group && matrix.add(at, 1));
  });
  if (most < Infinity) {
    matrix.beginRow(-Infinity, most);
    columns.forEach(({ violations }, at) => violations > 0 && matrix.add(at, violations));
  }
  const domainOf = groups.map(({ family }) => families[family]!.domain);
  const variables = addDomainRows(matrix, formulation, (app, domain, sign) => {
    columns.forEach(({ group, counts }, at) => {
      if (domainOf[group] === domain && counts[app]! > 0) matrix.add(at, sign * counts[app]!);
    });
  }, columns.length);
  const width = columns.length + variables.length;
  const mostNodes = ({ group, counts }: ProgramColumn): number =>
    counts.reduce(
      (nodes, count, app) => count > 0 ? Math.min(nodes, Math.floor(demand[app]! / count)) : nodes,
      groups[group]!.nodes.length,
    );
  return {
    sense,
    columns: width,
    cost: Float64Array.from({ length: width }, (_, at) => cost[at] ?? 0),
    columnLower: new Float64Array(width),
    columnUpper: Float64Array.from([
      ...columns.map(mostNodes),
      ...variables.map(({ upper }) => upper),
    ]),
    integer: new Uint8Array(width).fill(1),
    ...matrix.byColumns(width),
  };
}

/**
 * The placement that a solver's values mean. The receiver checks demand and nodes.
 * @throws {SolverError} if a value is no whole number.
 */
export function readConfigurations(
  formulation: Formulation,
  columns: readonly ProgramColumn[],
  solution: Float64Array,
): Placement {
  const shares = columns.flatMap((column, at) => {
    const nodes = Math.round(solution[at]!);
    if (Math.abs(nodes - solution[at]!) > 1e-4 || nodes < 0) {
      throw new SolverError(`HiGHS answered ${solution[at]} nodes for a configuration`);
    }
    return nodes > 0 ? [{ column, nodes }] : [];
  });
  return spreadOverNodes(formulation, shares);
}
