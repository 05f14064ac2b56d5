/** Where nodes and their slots are drawn, in CSS pixels. */
export interface ClusterLayout {
  readonly columns: number;
  readonly rows: number;
  /** Width and height of all. */
  readonly width: number;
  readonly height: number;
  /** Distance from one node to the next. */
  readonly stepX: number;
  readonly stepY: number;
  /** Space between nodes, and inside them around slots. */
  readonly gap: number;
  readonly inset: number;
  /** Slots of a node: columns and rows, side of a slot, distance from one to the next. */
  readonly slotColumns: number;
  readonly slotRows: number;
  readonly slot: number;
  readonly slotStep: number;
  /** Height of the band that shows the throughput. */
  readonly band: number;
}

/** Height over width that a cluster is drawn in, if nodes allow it. */
const WANTED_RATIO = 0.72;
/** What a last row with gaps counts, against a factor of e in the ratio. */
const RAGGED = 0.3;
const BAND_SLOTS = 0.62;

/** Lays a cluster out on a width. @param capacity Slots of the largest node. */
export function layoutCluster(nodes: number, capacity: number, width: number): ClusterLayout {
  const slotColumns = Math.max(1, Math.ceil(Math.sqrt(2 * capacity)));
  const slotRows = Math.ceil(capacity / slotColumns);
  const ratio = (slotRows + BAND_SLOTS + 0.5) / (slotColumns + 0.5);
  let columns = 1;
  let best = Infinity;
  for (let tried = 1; tried <= nodes; tried++) {
    const shape = ratio * Math.ceil(nodes / tried) / tried;
    const cost = Math.abs(Math.log(shape / WANTED_RATIO)) + (nodes % tried === 0 ? 0 : RAGGED);
    if (cost < best) {
      best = cost;
      columns = tried;
    }
  }
  const rows = Math.ceil(nodes / columns);
  const gap = Math.max(1, Math.min(8, 0.09 * width / columns));
  // The last column has no gap behind it.
  const stepX = (width + gap) / columns;
  const inset = Math.max(0.5, stepX * 0.045);
  const slotStep = (stepX - gap - 2 * inset) / slotColumns;
  const slot = slotStep * (slotStep > 6 ? 0.88 : 0.92);
  const band = slotStep * BAND_SLOTS;
  const stepY = slotRows * slotStep + band + 2 * inset + gap;
  const height = rows * stepY - gap;
  return {
    ...{ columns, rows, width, height, stepX, stepY, gap, inset },
    ...{ slotColumns, slotRows, slot, slotStep, band },
  };
}

/** The left upper corner of a node. */
export function nodeCorner(layout: ClusterLayout, node: number): { x: number; y: number } {
  return {
    x: (node % layout.columns) * layout.stepX,
    y: Math.floor(node / layout.columns) * layout.stepY,
  };
}

/** The left upper corner of a slot, and its side. */
export function slotCorner(
  layout: ClusterLayout,
  node: number,
  slot: number,
): { readonly left: number; readonly top: number; readonly side: number } {
  const { x, y } = nodeCorner(layout, node);
  const { slotColumns, slotStep, inset, slot: side } = layout;
  return {
    left: x + inset + (slot % slotColumns) * slotStep + (slotStep - side) / 2,
    top: y + inset + Math.floor(slot / slotColumns) * slotStep + (slotStep - side) / 2,
    side,
  };
}

/** The node at a point, or null; and the slot there, or null. */
export function hitTest(
  layout: ClusterLayout,
  nodes: number,
  x: number,
  y: number,
): { readonly node: number; readonly slot: number | null } | null {
  const column = Math.floor(x / layout.stepX);
  const row = Math.floor(y / layout.stepY);
  const node = row * layout.columns + column;
  if (column < 0 || row < 0 || column >= layout.columns || node >= nodes) return null;
  const inX = x - column * layout.stepX - layout.inset;
  const inY = y - row * layout.stepY - layout.inset;
  const slotColumn = Math.floor(inX / layout.slotStep);
  const slotRow = Math.floor(inY / layout.slotStep);
  const inside = slotColumn >= 0 && slotColumn < layout.slotColumns && slotRow >= 0 &&
    slotRow < layout.slotRows;
  return { node, slot: inside ? slotRow * layout.slotColumns + slotColumn : null };
}
