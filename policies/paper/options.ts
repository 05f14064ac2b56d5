import { UsageError } from "../../domain/mod.ts";

/** What values an option takes. */
export type OptionRange =
  | { readonly kind: "whole"; readonly least: number; readonly most?: number }
  | { readonly kind: "real"; readonly least: number; readonly most?: number; readonly above?: true }
  | { readonly kind: "switch" };

/** Range of every option of a config. */
export type OptionRanges<Config> = { readonly [Name in keyof Config]: OptionRange };

/** All problems of a config: unknown, missing and unsuitable options, each by its name. */
export function optionProblems<Config extends object>(
  ranges: OptionRanges<Config>,
  config: Readonly<Record<string, unknown>>,
): string[] {
  const names = Object.keys(ranges);
  const problems = Object.keys(config).filter((name) => !names.includes(name)).map((name) =>
    `Unknown option ${name}: known are ${names.join(", ")}`
  );
  for (const [name, range] of Object.entries<OptionRange>(ranges)) {
    const problem = rangeProblem(range, config[name]);
    if (problem !== null) problems.push(`Option ${name} must be ${problem}: got ${config[name]}`);
  }
  return problems;
}

/** @throws {UsageError} listing all problems of a config. */
export function checkOptions<Config extends object>(
  ranges: OptionRanges<Config>,
  config: Config,
): void {
  const problems = optionProblems(ranges, config as Readonly<Record<string, unknown>>);
  if (problems.length > 0) throw new UsageError(problems.join("; "));
}

function rangeProblem(range: OptionRange, value: unknown): string | null {
  if (range.kind === "switch") return typeof value === "boolean" ? null : "true or false";
  const what = range.kind === "whole" ? "a whole number" : "a number";
  const from = range.kind === "real" && range.above
    ? `above ${range.least}`
    : `at least ${range.least}`;
  const bounds = `${what}, ${from}${range.most === undefined ? "" : `, at most ${range.most}`}`;
  const fits = typeof value === "number" &&
    (range.kind === "whole" ? Number.isSafeInteger(value) : Number.isFinite(value)) &&
    value >= range.least && value <= (range.most ?? Infinity) &&
    !(range.kind === "real" && range.above && value === range.least);
  return fits ? null : bounds;
}
