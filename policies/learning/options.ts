/**
 * The options of a learner, each said once: its default, what it means, and which values it takes. Defaults, help
 * texts and checks all follow from that.
 * @module
 */
import { UsageError } from "../../domain/mod.ts";

/** Which numbers an option takes. */
export interface NumberRange {
  /** Least value. @default no limit */
  readonly least?: number;
  /** The value must be larger than this. @default no limit */
  readonly above?: number;
  /** Largest value. @default no limit */
  readonly most?: number;
  /** The value must be a multiple of this. @default any */
  readonly multipleOf?: number;
}

/** An option of a learner. */
export interface LearnerOption<Value extends number | boolean = number | boolean> {
  /** Value where the user says nothing. */
  readonly default: Value;
  /** One line on what it means, with its unit. */
  readonly meaning: string;
  /** Which values it takes. */
  readonly kind: "whole" | "real" | "switch";
  /** Limits of a number. */
  readonly range: NumberRange;
}

/** An option that is a whole number. */
export function whole(
  value: number,
  meaning: string,
  range: NumberRange,
): LearnerOption<number> {
  return { default: value, meaning, kind: "whole", range };
}

/** An option that is any finite number. */
export function real(value: number, meaning: string, range: NumberRange): LearnerOption<number> {
  return { default: value, meaning, kind: "real", range };
}

/** An option that is true or false. */
export function flag(value: boolean, meaning: string): LearnerOption<boolean> {
  return { default: value, meaning, kind: "switch", range: {} };
}

/** An option for each value of a config. */
export type LearnerOptionTable<Config> = {
  readonly [Name in keyof Config]: LearnerOption<Extract<Config[Name], number | boolean>>;
};

/** What a learner says about its options. */
export interface LearnerOptions<Config extends object> {
  /** Every option with its default. */
  readonly defaults: Readonly<Config>;
  /** What each option means, with its unit. */
  readonly describe: Readonly<Record<keyof Config, string>>;
  /**
   * All problems of a config, each with the name of its option; empty if it is sound. Unknown names,
   * missing ones and values of another type are problems.
   */
  validate(config: Readonly<Record<string, unknown>>): string[];
}

/**
 * The options of a table.
 * @param compare Problems of options that do not fit each other.
 */
export function learnerOptions<Config extends object>(
  table: LearnerOptionTable<Config>,
  compare: (config: Readonly<Record<string, unknown>>) => string[] = () => [],
): LearnerOptions<Config> {
  const options = Object.entries<LearnerOption>(table);
  const names = options.map(([name]) => name);
  const each = (pick: (option: LearnerOption) => unknown) =>
    Object.freeze(Object.fromEntries(options.map(([name, option]) => [name, pick(option)])));
  return {
    defaults: each((option) => option.default) as Config,
    describe: each((option) => option.meaning) as Record<keyof Config, string>,
    validate: (config) => [
      ...Object.keys(config).filter((name) => !names.includes(name)).map((name) =>
        `Unknown option ${name}: known are ${names.join(", ")}`
      ),
      ...options.flatMap(([name, option]) => valueProblems(name, option, config[name])),
      ...compare(config),
    ],
  };
}

/** The same options with other defaults. */
export function withDefaults<Config extends object>(
  options: LearnerOptions<Config>,
  defaults: Partial<Config>,
): LearnerOptions<Config> {
  return { ...options, defaults: Object.freeze({ ...options.defaults, ...defaults }) };
}

/** @throws {UsageError} listing all problems of a config. */
export function checkConfig<Config extends object>(
  options: LearnerOptions<Config>,
  config: Config,
): void {
  const problems = options.validate(Object.fromEntries(Object.entries(config)));
  if (problems.length > 0) throw new UsageError(problems.join("; "));
}

function valueProblems(name: string, option: LearnerOption, value: unknown): string[] {
  const must = (what: string): string => `Option ${name} must be ${what}: got ${value}`;
  if (option.kind === "switch") return typeof value === "boolean" ? [] : [must("true or false")];
  const { least, above, most, multipleOf } = option.range;
  const limits = [
    option.kind === "whole" ? "a whole number" : "a number",
    ...(least === undefined ? [] : [`at least ${least}`]),
    ...(above === undefined ? [] : [`above ${above}`]),
    ...(most === undefined ? [] : [`at most ${most}`]),
  ];
  const fits = typeof value === "number" &&
    (option.kind === "whole" ? Number.isSafeInteger(value) : Number.isFinite(value)) &&
    value >= (least ?? -Infinity) && value > (above ?? -Infinity) && value <= (most ?? Infinity);
  return [
    ...(fits ? [] : [must(limits.join(", "))]),
    ...(multipleOf !== undefined && typeof value === "number" && value % multipleOf !== 0
      ? [must(`a multiple of ${multipleOf}`)]
      : []),
  ];
}
