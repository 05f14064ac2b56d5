/// <reference lib="dom" />
/**
 * Colours that people with any colour vision can tell apart.
 * @module
 */

/** Apps with a colour of their own: from there on colours come again, and letters tell. */
const APPS = 14;

/** From half as fast as alone, over as fast, to twice as fast: orange to blue. */
const SCALES = {
  light: ["#8f3b00", "#d97a22", "#f0c391", "#cdd2d9", "#a9cbe8", "#4a90cf", "#0a4c8f"],
  dark: ["#ffab66", "#d9772b", "#8a5a33", "#525a64", "#345f88", "#4b94d6", "#9ad0ff"],
} as const;

/** Logarithm to base 2 of the speed at the ends of the scale. */
const REACH = 1;

const darkTheme = matchMedia("(prefers-color-scheme: dark)");
const forcedColors = matchMedia("(forced-colors: active)");

/** The property of the style sheet that holds the colour of an app. */
export function appProperty(app: number): string {
  return `--app-${app % APPS}`;
}

/** The colour of text on a colour: black or white, whichever has the higher contrast (at least 4.58 to 1). */
export function textColor(color: string): string {
  const [red, green, blue] = channels(color).map((value) => linear(value / 255));
  const luminance = 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  // Where both contrasts are the same, as WCAG 2 defines them.
  return luminance > Math.sqrt(1.05 * 0.05) - 0.05 ? "#000000" : "#ffffff";
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
  const key = `${isDark()} ${forcedColors.matches} ${name}`;
  let color = themeColors.get(key);
  if (color === undefined) {
    color = resolved(getComputedStyle(document.documentElement).getPropertyValue(name).trim());
    themeColors.set(key, color);
  }
  return color;
}

/** A colour of the system by its value: a canvas that is not on the page does not follow the theme. */
function resolved(color: string): string {
  if (color.startsWith("#") || color === "transparent") return color;
  const probe = document.createElement("span");
  probe.style.color = color;
  probe.style.setProperty("forced-color-adjust", "none");
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

const themeColors = new Map<string, string>();

/** True in the dark theme. */
export function isDark(): boolean {
  return darkTheme.matches;
}

/** Calls back when the theme changes. */
export function onThemeChange(redraw: () => void): void {
  for (const theme of [darkTheme, forcedColors]) theme.addEventListener("change", redraw);
}

function channels(color: string): number[] {
  return [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
}

/** Light of a channel, from 0 to 1 (sRGB). */
function linear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}
