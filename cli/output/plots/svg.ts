/**
 * Parts of plots as SVG text: colours, text, axes. The same input gives the same image.
 * @module
 */

/** Colours that are told apart with any colour vision (Okabe and Ito 2008), then greys of them. */
const COLOURS = [
  "#0072b2",
  "#e69f00",
  "#009e73",
  "#d55e00",
  "#cc79a7",
  "#56b4e9",
  "#8a7f00",
  "#5b3f8c",
  "#7a7a7a",
  "#a0522d",
  "#2f4f4f",
  "#000000",
];
/** Attributes of the text of a plot. */
export const FONT = 'font-family="system-ui, sans-serif" font-size="12"';

/** The colour of the nth scheduler. */
export function colourOf(index: number): string {
  return COLOURS[index % COLOURS.length]!;
}

/** The dashes of the nth line, as an attribute: those whose colour is taken already are broken. */
export function dashesOf(index: number): string {
  return index < COLOURS.length ? "" : ' stroke-dasharray="6 3"';
}

/** How the axis of values is drawn. */
export interface AxisOptions {
  readonly label: string;
  /** Powers of ten in equal distances; values must be above 0. @default false */
  readonly logarithmic?: boolean;
  /** Begin at 0. @default false */
  readonly fromZero?: boolean;
  /** Text of a value beside its dot. */
  readonly format: (value: number) => string;
  /** Text of a value on the axis. @default the number */
  readonly tick?: (value: number) => string;
}

/** Where values are on an axis. */
export interface Scale {
  readonly position: (value: number) => number;
  readonly ticks: readonly number[];
  readonly width: number;
}

/** A scale from 0 to `width`. @param wide Values that the axis should hold. @param means Values that it must hold. */
export function scaleOf(
  wide: readonly number[],
  means: readonly number[],
  { logarithmic = false, fromZero = false }: AxisOptions,
  width: number,
): Scale {
  if (logarithmic) {
    const positive = means.filter((value) => value > 0);
    const low = Math.floor(Math.log10(Math.min(...positive, 1)));
    const high = Math.ceil(Math.log10(Math.max(...positive, 10 ** (low + 1))));
    const step = Math.ceil((high - low) / 4);
    const at = (value: number): number =>
      (Math.log10(Math.max(value, 10 ** low)) - low) / (high - low) * width;
    const ticks = Array.from(
      { length: Math.floor((high - low) / step) + 1 },
      (_, k) => 10 ** (low + k * step),
    );
    return { width, ticks, position: (value) => Math.min(width, Math.max(0, at(value))) };
  }
  // An interval may reach below 0 if no value does.
  const least = fromZero ? Math.min(0, ...means) : Math.min(...wide);
  const most = Math.max(...wide);
  const step = niceStep((most - least) / 4 || Math.abs(most) / 4 || 1);
  const low = Math.floor(least / step + 1e-9) * step;
  const high = Math.max(Math.ceil(most / step - 1e-9) * step, low + step);
  const count = Math.round((high - low) / step);
  return {
    width,
    ticks: Array.from({ length: count + 1 }, (_, k) => low + k * step),
    position: (value) => Math.min(width, Math.max(0, (value - low) / (high - low) * width)),
  };
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((step) => step >= rough)!;
}

/** Grid lines with their values, and the axis below. */
export function axis(
  { ticks, position, width }: Scale,
  x0: number,
  top: number,
  bottom: number,
  tick: (value: number) => string = tickText,
): string {
  const lines = ticks.flatMap((value) => {
    const x = n(x0 + position(value));
    return [
      `<line x1="${x}" x2="${x}" y1="${top}" y2="${bottom}" stroke="#ddd" class="grid"/>`,
      text(x0 + position(value), bottom + 16, tick(value), 'text-anchor="middle" fill="#555"'),
    ];
  });
  return [
    ...lines,
    `<line x1="${n(x0)}" x2="${n(x0 + width)}" y1="${bottom}" y2="${bottom}" stroke="#555"/>`,
  ].join("\n");
}

/** Grid lines of an axis that goes up from `bottom`, with their values beside it. */
export function sideAxis(
  { ticks, position }: Scale,
  left: number,
  right: number,
  bottom: number,
  tick: (value: number) => string = tickText,
): string {
  return ticks.flatMap((value) => {
    const y = bottom - position(value);
    return [
      `<line class="grid" x1="${n(left)}" x2="${n(right)}" y1="${n(y)}" y2="${n(y)}"/>`,
      text(left - 8, y + 4, tick(value), 'text-anchor="end" class="faint"'),
    ];
  }).join("\n");
}

function tickText(value: number): string {
  return `${Number(value.toPrecision(6))}`;
}

/** Opens an image. */
export function open(width: number, height: number, label: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${n(width)} ${n(height)}" width="${
    n(width)
  }" height="${n(height)}" role="img" aria-label="${escapeText(label)}" ${FONT}>`;
}

/** Text at a place. */
export function text(x: number, y: number, content: string, attributes = ""): string {
  return `<text x="${n(x)}" y="${n(y)}" ${attributes}>${escapeText(content)}</text>`;
}

/** Text as HTML and SVG show it literally. */
export function escapeText(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** A coordinate, to a tenth of a pixel. */
export function n(value: number): string {
  return `${Math.round(value * 10) / 10}`;
}

/** Black or white, whichever is read more easily on a colour such as #0072b2 (relative luminance as in WCAG 2). */
export function inkOn(colour: string): string {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000" : "#fff";
}

/** A whole image with its title, readable on light and dark pages. */
export function frame(
  width: number,
  height: number,
  title: string,
  parts: readonly string[],
): string {
  return `${open(width, height, title)}
<style>
  svg { background: #fff; color: #222 } text { fill: currentColor } .faint { opacity: 0.65 }
  .grid { stroke: #8884 } .empty { fill: none; stroke: #8886; stroke-dasharray: 2 2 }
  .card { fill: #8881; stroke: #8884 } .dot { stroke: #fff; stroke-width: 0.8 }
  @media (prefers-color-scheme: dark) { svg { background: #161b22; color: #ddd } .dot { stroke: #161b22 } }
</style>
<title>${escapeText(title)}</title>
${text(20, 28, title, 'font-size="15" font-weight="600"')}
${parts.join("\n")}
</svg>
`;
}
