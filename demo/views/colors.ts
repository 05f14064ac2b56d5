/// <reference lib="dom" />
/**
 * Colours that people with any colour vision can tell apart.
 * @module
 */

/** Okabe and Ito (2008) without black, then Tol's muted set for profiles with more apps. */
const APPS = [
  "#0072b2",
  "#e69f00",
  "#009e73",
  "#56b4e9",
  "#d55e00",
  "#cc79a7",
  "#f0e442",
  "#882255",
  "#999933",
  "#332288",
  "#44aa99",
  "#ddcc77",
  "#aa4499",
  "#117733",
];

/** From half as fast as alone, over as fast, to twice as fast: orange to blue. */
const SCALES = {
  light: ["#8f3b00", "#d97a22", "#f0c391", "#e3e5e8", "#a9cbe8", "#4a90cf", "#0a4c8f"],
  dark: ["#ffab66", "#d9772b", "#8a5a33", "#3b4148", "#345f88", "#4b94d6", "#9ad0ff"],
} as const;

/** Logarithm to base 2 of the speed at the ends of the scale. */
const REACH = 1;

const darkTheme = matchMedia("(prefers-color-scheme: dark)");

/** The colour of an app. */
export function appColor(app: number): string {
  return APPS[app] ?? `hsl(${Math.round(app * 137.5) % 360} 45% ${app % 2 ? 62 : 42}%)`;
}

/** True if black text reads better on the colour than white. */
export function wantsDarkText(color: string): boolean {
  const [red, green, blue] = channels(color);
  return 0.299 * red! + 0.587 * green! + 0.114 * blue! > 140;
}

/** The colour of a speed (normalised RPS): as fast as alone is neutral. */
export function speedColor(speed: number): string {
  const scale = SCALES[isDark() ? "dark" : "light"];
  const share = (Math.log2(Math.max(speed, 1e-3)) / REACH + 1) / 2;
  const at = Math.max(0, Math.min(1, share)) * (scale.length - 1);
  const low = Math.min(scale.length - 2, Math.floor(at));
  const [from, to] = [channels(scale[low]!), channels(scale[low + 1]!)];
  const mixed = from.map((value, channel) =>
    Math.round(value + (to[channel]! - value) * (at - low))
  );
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

/** A colour of the style sheet, by the name of its property. Remembered: asking makes the browser lay the page out. */
export function themeColor(name: string): string {
  const key = `${isDark()} ${name}`;
  let color = themeColors.get(key);
  if (color === undefined) {
    color = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    themeColors.set(key, color);
  }
  return color;
}

const themeColors = new Map<string, string>();

/** True in the dark theme. */
export function isDark(): boolean {
  return darkTheme.matches;
}

/** Calls back when the theme changes. */
export function onThemeChange(redraw: () => void): void {
  darkTheme.addEventListener("change", redraw);
}

function channels(color: string): number[] {
  return [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
}
