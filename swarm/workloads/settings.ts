import { decimal } from "../../domain/decode.ts";
import { UsageError } from "../../domain/errors.ts";

/** One thing that a user may set by an environment variable. */
export interface Setting<Value extends number | string = number | string> {
  readonly default: Value;
  /** One line: what it is, and its unit. */
  readonly help: string;
  /** Smallest number allowed. @default 1 */
  readonly min?: number;
  /** True if it need not be whole. */
  readonly fraction?: true;
}

/** Settings by the names of their environment variables. */
export type Settings = Readonly<Record<string, Setting>>;

/** Values of settings, by name. */
export type Values<Given extends Settings> = {
  readonly [Name in keyof Given]: Given[Name]["default"] extends number ? number : string;
};

/** A number that a user may set. */
export function number(value: number, help: string, more: Partial<Setting> = {}): Setting<number> {
  return { ...more, default: value, help };
}

/** Text that a user may set. */
export function text(value: string, help: string): Setting<string> {
  return { default: value, help };
}

/**
 * The values that the environment gives, the defaults where it gives none.
 * @throws {UsageError} naming the variable whose value cannot be.
 */
export function readSettings<Given extends Settings>(
  settings: Given,
  env: (name: string) => string | undefined,
): Values<Given> {
  const values = Object.entries(settings).map(([name, setting]) => {
    const given = env(name);
    if (given === undefined || given === "") return [name, setting.default];
    return [name, typeof setting.default === "string" ? given : numberOf(name, given, setting)];
  });
  return Object.fromEntries(values) as Values<Given>;
}

function numberOf(name: string, given: string, { min = 1, fraction }: Setting): number {
  const value = decimal(given);
  if (Number.isFinite(value) && value >= min && (fraction || Number.isInteger(value))) return value;
  throw new UsageError(
    `${name} must be a ${fraction ? "" : "whole "}number of at least ${min}: got ${
      JSON.stringify(given.slice(0, 40))
    }`,
  );
}
