import {
  NO_RULES,
  nodeCapacities,
  nodeCount,
  type Placement,
  type Problem,
} from "../../../domain/mod.ts";
import { groupConfigurations } from "../../../scheduling/value.ts";
import { colourOf, frame, inkOn, n, text } from "./svg.ts";

/** Nodes that are drawn once: they hold the same, and have as many slots. */
export interface DrawnGroup {
  /** Ascending. */
  readonly nodes: readonly number[];
  /** Containers of each app. */
  readonly counts: readonly number[];
  readonly capacity: number;
  /** True if rules keep containers away. */
  readonly fenced: boolean;
}

/** How a placement is drawn. */
export interface PlacementDrawing {
  /** One line above the picture. */
  readonly title: string;
  /** Nodes up to which each is drawn on its own; above, equal ones are drawn once. @default 100 */
  readonly individually?: number;
}

const MARKS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const SLOT = 18;
const GAP = 3;
const MARGIN = 20;
/** Width that cards are broken at, and the least that a title needs. */
const MOST_WIDTH = 1040;
const LEAST_WIDTH = 720;

/** The letter that stands for an app, so that no picture depends on colours alone. */
export function markOf(app: number): string {
  return MARKS[app] ?? "#";
}

/** Equal nodes together, those of most nodes first; fenced nodes last. */
export function drawnGroups(problem: Problem, placement: Placement): DrawnGroup[] {
  const capacities = nodeCapacities(problem.cluster, NO_RULES);
  const fenced = new Set(problem.rules.fencedNodes);
  const groups: DrawnGroup[] = [];
  for (const { counts, nodes } of groupConfigurations(placement)) {
    const alike = Map.groupBy(nodes, (node) => `${capacities[node]} ${fenced.has(node)}`);
    for (const some of alike.values()) {
      const [first] = some as [number];
      groups.push({
        nodes: some,
        counts: [...counts],
        capacity: capacities[first]!,
        fenced: fenced.has(first),
      });
    }
  }
  return groups.sort((a, b) =>
    Number(a.fenced) - Number(b.fenced) || b.nodes.length - a.nodes.length ||
    a.nodes[0]! - b.nodes[0]!
  );
}

/**
 * A placement as an SVG image: a card for each node with its slots, coloured and lettered by app; above a hundred nodes
 * a card for all nodes that hold the same, with their number.
 */
export function placementSvg(
  problem: Problem,
  placement: Placement,
  { title, individually = 100 }: PlacementDrawing,
): string {
  const groups = drawnGroups(problem, placement);
  const together = nodeCount(problem.cluster) > individually;
  const cards = together ? groups : groups
    .flatMap((group) => group.nodes.map((node) => ({ ...group, nodes: [node] })))
    .sort((a, b) => a.nodes[0]! - b.nodes[0]!);
  const most = Math.max(...cards.map(({ capacity }) => capacity));
  const columns = Math.min(most, Math.max(2, Math.ceil(Math.sqrt(most * 1.6))));
  const rows = Math.ceil(most / columns);
  const width = Math.max(columns * (SLOT + GAP) + GAP + 6, together ? 104 : 0);
  const height = rows * (SLOT + GAP) + GAP + 24;
  const perLine = Math.min(
    cards.length,
    Math.max(1, Math.floor((MOST_WIDTH - 2 * MARGIN + 10) / (width + 10))),
  );
  const across = Math.max(LEAST_WIDTH, 2 * MARGIN + perLine * (width + 10) - 10);
  const legend = legendOf(problem, placement, across);
  const top = 46 + legend.height;
  const drawn = cards.map((card, at) => {
    const x = MARGIN + (at % perLine) * (width + 10);
    const y = top + Math.floor(at / perLine) * (height + 10);
    return `<g transform="translate(${n(x)} ${n(y)})">${
      cardOf(card, problem.apps, columns, width, height)
    }</g>`;
  });
  const lines = Math.ceil(cards.length / perLine);
  return frame(across, top + lines * (height + 10) + MARGIN - 10, title, [
    ...legend.parts,
    ...drawn,
  ]);
}

function cardOf(
  { nodes, counts, capacity, fenced }: DrawnGroup,
  apps: readonly string[],
  columns: number,
  width: number,
  height: number,
): string {
  const slots = counts.flatMap((count, app) => new Array<number>(count).fill(app));
  const held = counts.flatMap((count, app) => count === 0 ? [] : [`${count} ${apps[app]}`]);
  const where = nodes.length === 1 ? `node ${nodes[0]}` : `nodes ${nodeRanges(nodes)}`;
  const squares = Array.from({ length: capacity }, (_, slot) => {
    const x = GAP + 3 + (slot % columns) * (SLOT + GAP);
    const y = GAP + 3 + Math.floor(slot / columns) * (SLOT + GAP);
    const app = slots[slot];
    const box = `x="${x}" y="${y}" width="${SLOT}" height="${SLOT}" rx="3"`;
    if (app === undefined) return `<rect ${box} class="empty"/>`;
    const colour = colourOf(app);
    return `<rect ${box} fill="${colour}"/>` +
      text(
        x + SLOT / 2,
        y + SLOT / 2 + 4,
        markOf(app),
        `text-anchor="middle" style="fill:${inkOn(colour)}" font-size="11"`,
      );
  });
  const label = nodes.length === 1 ? `${nodes[0]}` : `× ${nodes.length}`;
  const more = nodes.length === 1 ? "" : `from ${nodes[0]}`;
  return `<title>${where}: ${fenced ? "fenced" : held.join(", ") || "empty"}</title>` +
    `<rect class="card" width="${n(width)}" height="${n(height)}" rx="5"/>` + squares.join("") +
    text(8, height - 7, label, 'font-weight="600"') +
    text(
      width - 8,
      height - 7,
      fenced ? "fenced" : more,
      'text-anchor="end" class="faint" font-size="11"',
    );
}

function legendOf(
  { apps }: Problem,
  placement: Placement,
  across: number,
): { readonly parts: string[]; readonly height: number } {
  const parts: string[] = [];
  let x = MARGIN;
  let y = 46;
  apps.forEach((app, at) => {
    let count = 0;
    for (let node = 0; node < placement.nodes; node++) {
      count += placement.counts[node * placement.apps + at]!;
    }
    const words = `${app} (${count})`;
    const width = 30 + 7.2 * words.length;
    if (x + width > across - MARGIN && x > MARGIN) {
      x = MARGIN;
      y += 26;
    }
    const colour = colourOf(at);
    parts.push(
      `<rect x="${n(x)}" y="${n(y)}" width="${SLOT}" height="${SLOT}" rx="3" fill="${colour}"/>`,
      text(
        x + SLOT / 2,
        y + SLOT / 2 + 4,
        markOf(at),
        `text-anchor="middle" style="fill:${inkOn(colour)}" font-size="11"`,
      ),
      text(x + SLOT + 6, y + 13, words),
    );
    x += width + 14;
  });
  return { parts, height: y - 46 + SLOT + 16 };
}

/** Node numbers as ranges: "0-3, 7, 9-10". */
export function nodeRanges(nodes: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const node of nodes) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === node - 1) last[1] = node;
    else ranges.push([node, node]);
  }
  return ranges.map(([from, to]) => from === to ? `${from}` : `${from}-${to}`).join(", ");
}
