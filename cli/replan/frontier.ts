/**
 * What each further move brings: `replan --frontier`.
 * @module
 */
import { countOf } from "../../domain/mod.ts";
import type { MoveFrontier, ReplanProblem } from "../../replanning/mod.ts";
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
export interface MoveRow extends PlanValue, AimFields, Pick<Partial<Grounds>, "provenUnder"> {
  /** Most moves. */
  readonly moves: number;
  readonly started: number;
  readonly stopped: number;
  /** What these moves bring, of what all of them bring together: 0 to 1. */
  readonly share: number;
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
  const [first, last] = [points[0]!.total, points.at(-1)!.total];
  return points.map(({ moves, change, placement, total, boundTotal }) => ({
    moves,
    started: change.started,
    stopped: change.stopped,
    ...valueFields(problem, loaded, placement, boundTotal),
    ...(provenUnder === undefined ? {} : { provenUnder }),
    share: last > first ? (total - first) / (last - first) : 1,
  }));
}

/** What moves are worth, in one sentence: the number of them that brings the most beyond its share of all. */
export function frontierSentence(rows: readonly MoveRow[], complete: boolean): string {
  const first = rows[0]!;
  // The fewest moves that bring all.
  const last = rows.find(({ share }) => share >= 1) ?? rows.at(-1)!;
  const all = last.moves - first.moves;
  if (all === 0) {
    return first.moves === 0
      ? "No move brings anything."
      : `${countOf(first.moves, "move")} must be; no further one brings anything.`;
  }
  const beyond = ({ moves, share }: MoveRow): number => share - (moves - first.moves) / all;
  const knee = rows.reduce((best, row) => beyond(row) > beyond(best) ? row : best);
  const end = complete ? "" : " (more moves may bring more: the time was up)";
  if (knee === first || knee === last) {
    const alike = all > 1 ? ", each about as much as the others" : "";
    return `${countOf(last.moves, "move")} ${last.moves === 1 ? "brings" : "bring"} the mean from ${
      meanText(first.mean)
    } to ${meanText(last.mean)}${alike}${end}.`;
  }
  return `${countOf(knee.moves, "move")} ${knee.moves === 1 ? "brings" : "bring"} ${
    Math.round(knee.share * 100)
  } % of what ${last.moves} would${end}.`;
}

/** The frontier as a table for people. */
export function renderMoves(
  rows: readonly MoveRow[],
  complete: boolean,
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
  return `${table}${more}\n${wrapText(frontierSentence(rows, complete), layout.width)}\n`;
}
