/**
 * A new placement and its steps, for people.
 * @module
 */
import { countOf, printable } from "../../domain/mod.ts";
import { aimPairs } from "../options/objective.ts";
import { boundPair, gapText, worstText } from "../output/figures.ts";
import { groundsPairs } from "../output/grounds.ts";
import {
  type Column,
  renderPairs,
  renderTable,
  type TableLayout,
  wrapText,
} from "../output/table.ts";
import type { NamedStep, ReplanReport } from "./result.ts";

/** Steps that are listed for people; all are in `--json`. */
const LISTED = 40;

/** What is told of a new placement. */
export function renderReplan(report: ReplanReport, layout: TableLayout): string {
  const { steps } = report;
  const parts = [
    wrapText(printable(sentence(report)), layout.width) + "\n",
    renderPairs([
      ["mean before", report.meanBefore === null ? "not known" : report.meanBefore.toFixed(6)],
      ["mean after", report.mean.toFixed(6)],
      boundPair(report),
      ["gap", gapText(report)],
      ...groundsPairs(report),
      ["worst container", worstText(report.worst)],
      ...aimPairs(report),
    ], layout.width),
  ];
  if (steps.length > 0) parts.push(renderSteps(steps, layout));
  const notes = notesOf(report);
  if (notes.length > 0) {
    parts.push(notes.map((note) => wrapText(printable(note), layout.width) + "\n").join(""));
  }
  return parts.join("\n");
}

/** Steps as a numbered table. */
function renderSteps(steps: readonly NamedStep[], layout: TableLayout): string {
  const shown = steps.slice(0, LISTED).map((step, at) => ({ ...step, number: at + 1 }));
  const columns: Column<NamedStep & { readonly number: number }>[] = [
    { title: "Step", align: "right", cell: ({ number }) => `${number}` },
    { title: "App", align: "left", cell: ({ app }) => app },
    { title: "From", align: "left", cell: ({ from }) => from ?? "(new)" },
    { title: "To", align: "left", cell: ({ to }) => to ?? "(stops)" },
    { title: "Why", align: "left", cell: ({ why }) => why, wraps: true },
  ];
  const more = steps.length > LISTED
    ? `... and ${countOf(steps.length - LISTED, "more step")}: see them with --json\n`
    : "";
  return renderTable(columns, shown, layout) + more;
}

function sentence({ from, started, forced, moves, stopped, left, joined }: ReplanReport): string {
  const nodes = [
    ...(left.length > 0 ? [`${namesText(left)} left`] : []),
    ...(joined.length > 0 ? [`${namesText(joined)} joined`] : []),
  ];
  const since = nodes.length === 0 ? "" : ` (${nodes.join(", ")})`;
  if (started === 0 && stopped === 0) return `From ${from}${since}: nothing has to change.`;
  const parts = [
    ...(forced > 0 ? [`${forced} forced by the demand`] : []),
    ...(moves > 0 || forced > 0 ? [countOf(moves, "move")] : []),
  ];
  const why = parts.length === 0 ? "" : ` (${parts.join(", ")})`;
  return `From ${from}${since}: ${countOf(started, "container")} ${
    started === 1 ? "starts" : "start"
  }${why}, ${stopped} ${stopped === 1 ? "stops" : "stop"}.`;
}

/** A few names, and how many more. */
function namesText(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(", ");
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}

function notesOf(
  { parked, stoppedFirst, fewestStopped, broken, steps }: ReplanReport,
): string[] {
  return [
    ...(parked > 0
      ? [
        `${countOf(parked, "container")} ${
          parked === 1 ? "waits" : "wait"
        } on another node on the way, and ${
          parked === 1 ? "starts" : "start"
        } twice, beyond the moves above: without it, what changes places has no room.`,
      ]
      : []),
    ...(stoppedFirst > 0
      ? [
        `${countOf(stoppedFirst, "container")} ${
          stoppedFirst === 1 ? "has" : "have"
        } to stop before the new one runs: ${
          fewestStopped
            ? "no order that keeps the rules stops fewer"
            : "no order was found that stops fewer; that there is none is not proven"
        }. Everything else starts first.`,
      ]
      : steps.some(({ from, to }) => from !== null && to !== null)
      ? ["Everything starts before what it replaces stops."]
      : []),
    ...broken.map((text) => `Not kept on the way: ${text}.`),
  ];
}
