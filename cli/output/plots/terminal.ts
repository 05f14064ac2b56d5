import { countOf, demandTotal, nodeCount, printable, type Problem } from "../../../domain/mod.ts";
import { renderTable, type TableLayout, wrapText } from "../table.ts";
import { type DrawnGroup, markOf, nodeRanges } from "./placement.ts";
import { colourOf, inkOn } from "./svg.ts";

/** Ranges of nodes that people are shown; `--json` has all. */
const LISTED = 12;
/** Stands for a space that no line is broken at. */
const STAY = "\u00a0";

/** What a plan is, in one line. */
export function planTitle({ apps, cluster, demand }: Problem, scheduler: string): string {
  const capacities = [...new Set(cluster.nodeClasses.map(({ capacity }) => capacity))];
  const [least, most] = [Math.min(...capacities), Math.max(...capacities)];
  const slots = least === most ? countOf(most, "slot") : `${least} to ${most} slots`;
  return `${countOf(demandTotal(demand), "container")} of ${countOf(apps.length, "app")} on ` +
    `${countOf(nodeCount(cluster), "node")} of ${slots}, placed by ${scheduler}`;
}

/** A placement for a terminal: a line for all nodes that hold the same, a letter for each slot, "." for a free one. */
export function renderPlacement(
  { apps }: Problem,
  groups: readonly DrawnGroup[],
  layout: TableLayout,
): string {
  const totals = apps.map((_, app) =>
    groups.reduce((sum, { nodes, counts }) => sum + nodes.length * counts[app]!, 0)
  );
  // An entry is one word to the wrapping of lines.
  const legend = apps.map((app, at) =>
    `${markOf(at)}=${printable(app)} (${totals[at]})`.replaceAll(" ", STAY)
  )
    .join(" ");
  const table = renderTable<DrawnGroup>(
    [
      { title: "Slots", align: "left", cell: slotsOf },
      { title: "Nodes", align: "right", cell: ({ nodes }) => `${nodes.length}` },
      {
        title: "Which",
        align: "left",
        wraps: true,
        cell: ({ nodes, fenced }) => shortened(nodeRanges(nodes)) + (fenced ? " (fenced)" : ""),
      },
    ],
    groups,
    layout,
  );
  return `${wrapText(legend, layout.width).replaceAll(" ", "  ").replaceAll(STAY, " ")}\n\n${
    layout.color ? coloured(table, groups) : table
  }`;
}

function shortened(ranges: string): string {
  const listed = ranges.split(", ");
  return listed.length <= LISTED ? ranges : `${listed.slice(0, LISTED).join(", ")}, ...`;
}

function slotsOf({ counts, capacity, fenced }: DrawnGroup): string {
  const held = counts.map((count, app) => markOf(app).repeat(count)).join("");
  return held.padEnd(capacity, fenced ? "x" : ".");
}

/** The table with the letters of slots on the colours of the apps. Colour is added last: it has no width. */
function coloured(table: string, groups: readonly DrawnGroup[]): string {
  let rest = table;
  let done = "";
  for (const group of groups) {
    const slots = slotsOf(group);
    const at = rest.indexOf(slots);
    const painted = group.counts.map((count, app) =>
      paint(markOf(app).repeat(count), colourOf(app))
    )
      .join("");
    const held = group.counts.reduce((sum, count) => sum + count, 0);
    done += rest.slice(0, at) + painted + slots.slice(held);
    rest = rest.slice(at + slots.length);
  }
  return done + rest;
}

function paint(text: string, colour: string): string {
  if (text === "") return "";
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  const ink = inkOn(colour) === "#000" ? 30 : 97;
  return `\x1b[48;2;${red};${green};${blue};${ink}m${text}\x1b[0m`;
}
