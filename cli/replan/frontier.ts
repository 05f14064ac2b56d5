/**
 * What each further move brings: `replan --frontier`.
 * @module
 */
import {
  type FrontierEnd,
  frontierSentence,
  type MoveFrontier,
  type MoveGain,
  type ReplanProblem,
  sharesOf,
} from "../../replanning/mod.ts";
import type { Grounds } from "../../scheduling/mod.ts";
import type { AimFields, PlanValue } from "../../scheduling/plans/mod.ts";
import { gapText, meanText, worstAppText, worstText } from "../output/figures.ts";
import { loadGrounds } from "../output/grounds.ts";
import type { Talk } from "../output/progress.ts";
import { renderTable, type TableLayout, wrapText } from "../output/table.ts";
import type { Replanning } from "./load.ts";
import { valueFields } from "./result.ts";

/** Rows that are shown to people; all are in `--json`. */
const LISTED = 24;

/** The best mean of a number of moves, in the field names of `--json`. */
export interface MoveRow
  extends MoveGain, PlanValue, AimFields, Pick<Partial<Grounds>, "provenUnder"> {
  readonly mean: number;
  readonly started: number;
  readonly stopped: number;
}

/** The rows of a frontier. */
export function moveRows(
  talk: Talk,
  problem: ReplanProblem,
  loaded: Replanning,
  { points }: MoveFrontier,
): MoveRow[] {
  const { placement: end } = points.at(-1)!;
  const { provenUnder } = loadGrounds(
    talk,
    [loaded.surface, ...loaded.moreSurfaces],
    end,
    "the last placement",
  );
  const shares = sharesOf(points);
  return points.map(({ moves, change, placement, boundTotal }, at) => ({
    moves,
    started: change.started,
    stopped: change.stopped,
    ...valueFields(problem, loaded, placement, boundTotal),
    ...(provenUnder === undefined ? {} : { provenUnder }),
    share: shares[at]!,
  }));
}

/** The frontier as a table for people. */
export function renderMoves(
  rows: readonly MoveRow[],
  end: FrontierEnd,
  layout: TableLayout,
): string {
  const every = Math.max(1, Math.ceil(rows.length / LISTED));
  const shown = rows.filter((_, at) => at % every === 0 || at === rows.length - 1);
  const table = renderTable<MoveRow>(
    [
      { title: "Moves", align: "right", cell: ({ moves }) => `${moves}` },
      { title: "Started", align: "right", cell: ({ started }) => `${started}` },
      { title: "Mean", align: "right", cell: ({ mean }) => meanText(mean) },
      {
        title: "Share of the gain",
        align: "right",
        cell: ({ share }) => `${(share * 100).toFixed(1)} %`,
      },
      {
        title: rows[0]?.provenUnder === "model" ? "Gap under the model" : "Gap",
        align: "right",
        cell: ({ gap, proven }) => gapText({ gap, proven }),
      },
      { title: "Worst app", align: "right", cell: ({ perApp }) => worstAppText(perApp) },
      { title: "Worst container", align: "right", cell: ({ worst }) => worstText(worst) },
    ],
    shown,
    layout,
  );
  const more = shown.length < rows.length ? `All ${rows.length} rows: --json\n` : "";
  return `${table}${more}\n${wrapText(frontierSentence(rows, end), layout.width)}\n`;
}
