/**
 * The worker that runs HiGHS (npm `highs`): its calls block, so they run beside the program's own thread,
 * which can end them by force. One request at a time.
 * @module
 */
import highsModule, { type Highs, type Model } from "highs";
import type { HighsReply, HighsRequest } from "./highs_protocol.ts";
import type { MilpAnswer, MilpModel, MilpStatus } from "./model.ts";
import { threadPort } from "./thread.ts";

type SolveRequest = Extract<HighsRequest, { kind: "solve" }>;

// The package's types describe its CommonJS file, where the loader lies one level deeper than in the ES module.
const loadHighs = highsModule as unknown as typeof highsModule.default;

// Loading starts with the worker, so that it overlaps with the work that leads to the first request.
const loading: Promise<Highs> = loadHighs();
loading.catch(() => {});

const port = threadPort<HighsRequest, HighsReply>();

port.listen(async (request) => {
  try {
    const highs = await loading;
    reply(answerTo(highs, request));
  } catch (error) {
    reply({ kind: "failure", message: error instanceof Error ? error.message : String(error) });
  }
});

function reply(message: HighsReply): void {
  port.post(message);
}

function answerTo(highs: Highs, request: HighsRequest): HighsReply {
  const model = highs.createModel();
  try {
    model.options.set({ output_flag: false });
    pass(highs, model, request.model);
    if (request.kind === "write") {
      const text = request.format === "lp"
        ? model.exportModel("lp")
        : new TextDecoder().decode(model.exportModel("mps"));
      return { kind: "text", text };
    }
    return { kind: "answer", answer: solve(highs, model, request) };
  } finally {
    model.dispose();
  }
}

function pass(highs: Highs, target: Model, source: MilpModel): void {
  const { columns, rows } = source;
  const integer = source.integer?.some((whole) => whole === 1) ? source.integer : undefined;
  target.passModel({
    numCols: columns,
    numRows: rows,
    sense: source.sense === "maximise"
      ? highs.constants.objectiveSense.maximize
      : highs.constants.objectiveSense.minimize,
    colCost: source.cost,
    colLower: source.columnLower,
    colUpper: source.columnUpper,
    rowLower: source.rowLower,
    rowUpper: source.rowUpper,
    matrix: {
      format: "csc",
      numRows: rows,
      numCols: columns,
      starts: source.starts,
      indices: source.indices,
      values: source.values,
    },
    ...(integer ? { integrality: Int32Array.from(integer) } : {}),
  });
  // HiGHS takes a model that it could not read for an empty one, without an error.
  const held = target.getDimensions();
  if (held.numCols !== columns || held.numRows !== rows) {
    throw new Error(
      `HiGHS holds ${held.numCols} columns and ${held.numRows} rows of ${columns} and ${rows}`,
    );
  }
}

function solve(
  highs: Highs,
  model: Model,
  { model: source, options, halt }: SolveRequest,
): MilpAnswer {
  const { callbackType, modelStatus } = highs.constants;
  const integer = source.integer?.some((whole) => whole === 1) ?? false;
  const { timeLimit = Infinity } = options;
  model.options.set({
    random_seed: (options.seed ?? 0) % 2 ** 31,
    mip_rel_gap: options.relativeGap ?? 0,
    mip_abs_gap: options.absoluteGap ?? 1e-9,
    mip_feasibility_tolerance: 1e-9,
    primal_feasibility_tolerance: 1e-9,
    dual_feasibility_tolerance: 1e-9,
    ...(timeLimit < Infinity ? { time_limit: timeLimit } : {}),
    ...(options.log ? { output_flag: true, log_to_console: false } : {}),
  });
  if (options.basis && !integer) {
    model.setBasis({ colStatus: options.basis.columns, rowStatus: options.basis.rows });
  }
  if (options.start) model.setSolution({ colValue: options.start });
  let log = "";
  const { modelStatus: ended } = model.run({
    ...(options.log
      ? {
        [callbackType.logging]: (event: { readonly message: string }): undefined => {
          log += event.message;
          return undefined;
        },
      }
      : {}),
    ...(integer
      ? {
        [callbackType.mipImprovingSolution]: (
          event: { readonly data: { mip_solution?: Float64Array; mip_dual_bound?: number } },
        ): undefined => {
          const { mip_solution: solution, mip_dual_bound: bound } = event.data;
          if (solution) reply({ kind: "incumbent", solution, bound: bound ?? NaN });
          return undefined;
        },
        ...(halt === undefined ? {} : {
          [callbackType.mipInterrupt]: (event: { interrupt(): void }): undefined => {
            if (Atomics.load(halt, 0) === 1) event.interrupt();
            return undefined;
          },
        }),
      }
      : {}),
  });
  const status = statusName(ended, modelStatus);
  const found = Number(model.info.get("primal_solution_status")) ===
    highs.constants.solutionStatus.feasible;
  const solution = model.getSolution();
  const objective = found ? model.getObjectiveValue() : NaN;
  const unknown = source.sense === "maximise" ? Infinity : -Infinity;
  const bound = integer
    ? Number(model.info.get("mip_dual_bound"))
    : status === "optimal"
    ? objective
    : unknown;
  const basis = integer ? undefined : model.getBasis();
  return {
    status,
    ...(found ? { solution: solution.colValue } : {}),
    objective,
    bound: Number.isNaN(bound) ? unknown : bound,
    ...(basis && found
      ? {
        rowDuals: solution.rowDual,
        columnDuals: solution.colDual,
        basis: { columns: basis.colStatus, rows: basis.rowStatus },
      }
      : {}),
    nodes: integer ? Number(model.info.get("mip_node_count")) : 0,
    log,
  };
}

function statusName(
  status: number,
  codes: Highs["constants"]["modelStatus"],
): MilpStatus {
  switch (status) {
    case codes.optimal:
      return "optimal";
    case codes.infeasible:
      return "infeasible";
    case codes.unbounded:
    case codes.unboundedOrInfeasible:
      return "unbounded";
    case codes.timeLimit:
    case codes.iterationLimit:
    case codes.solutionLimit:
    case codes.objectiveBound:
    case codes.objectiveTarget:
      return "limit";
    case codes.interrupted:
      return "interrupted";
    case codes.empty:
      throw new Error("HiGHS was given an empty model");
    default:
      throw new Error(`HiGHS ended with model status ${status}`);
  }
}
