/// <reference lib="dom" />
import { appLetters } from "../session/words.ts";
import { appProperty } from "./colors.ts";
import { make } from "./dom.ts";

/** What an app is told by: its letter, in its colour. */
export function swatch(apps: readonly string[], app: number): HTMLElement {
  const element = make("span", { className: "swatch", ariaHidden: "true" }, appLetters(apps)[app]!);
  element.style.background = `var(${appProperty(app)})`;
  return element;
}
