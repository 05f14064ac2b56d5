/// <reference lib="dom" />
import { appColor, wantsDarkText } from "./colors.ts";
import { make } from "./dom.ts";

/** What an app is told by: its colour, and its letter where one is given. */
export function swatch(app: number, letter = ""): HTMLElement {
  const color = appColor(app);
  const element = make("span", { className: letter === "" ? "swatch" : "swatch letter" }, letter);
  element.style.background = color;
  element.style.color = wantsDarkText(color) ? "#111" : "#fff";
  return element;
}
