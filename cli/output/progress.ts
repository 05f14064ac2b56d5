import type { CliContext } from "../context.ts";
import { printable } from "../../domain/mod.ts";

/** Seconds of work before a bar appears: shorter work would only flicker. */
const DELAY = 1;
/** Seconds between two drawings. */
const INTERVAL = 0.1;
const BAR_WIDTH = 20;
/** Seconds between two lines of progress where nobody watches a terminal. */
const LINE_INTERVAL = 10;

/** How far the work is; `fraction` is 0 to 1, or null if nobody can know. */
export interface ProgressStep {
  readonly fraction: number | null;
  readonly text: string;
}

/**
 * The talk of one command on standard error: notices, and a progress bar where a person watches a
 * terminal and the work takes longer than a second; elsewhere a line every ten seconds. `--quiet` silences both, never an error.
 */
export class Talk {
  readonly #context: CliContext;
  readonly #quiet: boolean;
  #started: number;
  #drawn = 0;
  #lined: number;
  #visible = false;

  /** @param quiet Say nothing. */
  constructor(context: CliContext, quiet: boolean) {
    this.#context = context;
    this.#quiet = quiet;
    this.#started = context.seconds();
    this.#lined = this.#started;
  }

  /** Tells the user something that is no result, on a line of its own. */
  notice(text: string): void {
    if (this.#quiet) return;
    this.clear();
    this.#line(text);
  }

  #line(text: string): void {
    this.#lined = this.#context.seconds();
    this.#context.stderr.write(printable(text) + "\n");
  }

  /** Begins another piece of work: its bar appears after a second of its own. */
  restart(): void {
    this.clear();
    this.#started = this.#context.seconds();
  }

  /**
   * Draws the bar, unless it is too early or too soon after the last time. Where nobody watches a terminal, writes a line
   * every ten seconds instead.
   */
  readonly step = ({ fraction, text }: ProgressStep): void => {
    const now = this.#context.seconds();
    if (this.#quiet) return;
    if (!this.#context.stderr.isTerminal) {
      if (now - this.#lined < LINE_INTERVAL) return;
      const share = fraction === null ? "" : ` (${Math.floor(100 * fraction)} %)`;
      return this.#line(`${text}${share}`);
    }
    if (now - this.#started < DELAY || now - this.#drawn < INTERVAL) return;
    this.#drawn = now;
    this.#visible = true;
    const bar = fraction === null ? "" : `${progressBar(fraction)} `;
    const line = (bar + printable(text)).slice(0, this.#context.stderr.columns - 1);
    this.#context.stderr.write(`\r\x1b[K${line}`);
  };

  /** Draws how far the prediction of a surface is. @param fraction 0 to 1. */
  readonly predicting = (fraction: number): void =>
    this.step({ fraction, text: "predicting every configuration" });

  /** Takes the bar away. */
  clear(): void {
    if (this.#visible) this.#context.stderr.write("\r\x1b[K");
    this.#visible = false;
  }
}

function progressBar(fraction: number): string {
  const share = Math.min(1, Math.max(0, fraction));
  const full = Math.round(share * BAR_WIDTH);
  const percent = `${Math.floor(share * 100)}`.padStart(3);
  return `[${"#".repeat(full)}${".".repeat(BAR_WIDTH - full)}] ${percent} %`;
}
