/**
 * What single schedulers are told: the options, their constraints and their parameters.
 * @module
 */
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import {
  deriveConstraints,
  placementViolations,
  readConstraints,
} from "../../baselines/constraints/mod.ts";
import { type InterferenceConstraint, type Placement, UsageError } from "../../domain/mod.ts";
import type { Scheduler, Surface } from "../../scheduling/mod.ts";
import { type CliContext, readText } from "../context.ts";
import type { Talk } from "../output/progress.ts";
import type { GivenBy } from "./define.ts";
import { MAX_UINT32, whole } from "./parse.ts";

/** Parameters of one scheduler. */
export const setOption = () =>
  new Option("--set <name=value>", "parameter of the scheduler alone: moves=1000000 (repeatable)")
    .argParser<Record<string, string | number | boolean>>((text, earlier) => ({
      ...earlier,
      ...parseParameter(text),
    }));

/** Constraints for medea and paragon. */
export const constraintsOption = () =>
  new Option(
    "--constraints <file>",
    "CSV of affinity and anti-affinity constraints for medea and paragon (default: derived)",
  );

/** Formulation of medea's program. */
export const formulationOption = () =>
  new Option("--formulation <name>", "medea: its integer program (default: configuration)")
    .choices(["configuration", "container"] as const);

/** Sensitivity of paragon. */
export const sensitivityOption = () =>
  new Option("--sensitivity <number>", "paragon: how much tolerances are softened (default: 3)")
    .argParser(whole(1, MAX_UINT32));

/** Directory of a policy. */
export const policyOption = () =>
  new Option(
    "--policy <directory>",
    "trained policy for metis, metis-online, metis-paper (default: one that comes with Metis)",
  );

/** How metis decodes its policy. */
export const decodeOption = () =>
  new Option("--decode <how>", "metis: greedy, or sample:64 for the best of 64 (default: greedy)");

/** Whether metis polishes. */
export const polishOption = () =>
  new Option("--polish", "metis: polish by local search and short annealing");

/** Constraints, and what single schedulers are told by options of their own. */
export const baselineOptions = () =>
  [
    constraintsOption(),
    formulationOption(),
    sensitivityOption(),
    policyOption(),
    decodeOption(),
    polishOption(),
  ] as const;

/** Values of {@link baselineOptions}; a command may have some of them only. */
export type BaselineOptions = Partial<GivenBy<typeof baselineOptions>>;

/** Names of the schedulers that work by constraints. */
const CONSTRAINED: readonly string[] = ["medea", "paragon"];

/** How much a placement breaks constraints, in the field names of `--json`. */
export interface ViolationFields {
  /** Sum of weight x containers too many or too few, over constraints, nodes and containers. */
  readonly violations: number;
  /** violations / (sum over constraints of containers of the subject x nodes). */
  readonly violationRatio: number;
}

/**
 * The constraints of a command: those of the file, or derived from the surface where one of the schedulers
 * works by constraints, measured rows before predictions; undefined if nobody needs any.
 * @throws {InputError} naming file and line.
 */
export async function loadConstraints(
  context: CliContext,
  talk: Talk,
  { constraints: file }: BaselineOptions,
  surface: Surface,
  capacity: number,
  schedulers: readonly Scheduler[],
): Promise<readonly InterferenceConstraint[] | undefined> {
  const { apps, profile, model } = surface;
  if (file !== undefined) {
    const { constraints, weighted } = readConstraints(await readText(context, file), apps, file);
    const heavier = constraints.filter(({ weight }) => weight !== 1).length;
    if (!weighted && heavier > 0) {
      talk.notice(
        `${file} has no column weight: ${heavier} constraints weigh 2 as in the 2020 program`,
      );
    }
    return constraints;
  }
  if (!schedulers.some(({ name }) => CONSTRAINED.includes(name))) return undefined;
  return deriveConstraints({ apps, profile, model }, capacity);
}

/** The fields that say how much a placement breaks constraints; none if there are no constraints. */
export function violationFields(
  constraints: readonly InterferenceConstraint[] | undefined,
  placement: Placement,
): ViolationFields | Record<string, never> {
  if (constraints === undefined) return {};
  const { weighted, ratio } = placementViolations(constraints, placement);
  return { violations: weighted, violationRatio: ratio };
}

/**
 * What one scheduler is told by options of its own.
 * @throws {UsageError} for an option that none of the schedulers reads.
 */
export function ownParameters(
  options: BaselineOptions,
  schedulers: readonly Scheduler[],
): (scheduler: Scheduler) => Record<string, string | number | boolean> {
  const { formulation, sensitivity, policy, decode, polish } = options;
  const given = Object.entries({ formulation, sensitivity, policy, decode, polish })
    .flatMap(([name, value]) => value === undefined ? [] : [[name, value] as const]);
  const reads = (scheduler: Scheduler, name: string): boolean =>
    Object.hasOwn(scheduler.parameters ?? {}, name);
  for (const [name] of given) {
    if (!schedulers.some((scheduler) => reads(scheduler, name))) {
      throw new UsageError(
        `--${name} has no effect on ${schedulers.map((scheduler) => scheduler.name).join(", ")}`,
      );
    }
  }
  return (scheduler) => Object.fromEntries(given.filter(([name]) => reads(scheduler, name)));
}

function parseParameter(text: string): Record<string, string | number | boolean> {
  const match = /^([^=]+)=(.+)$/.exec(text);
  if (match === null) throw new InvalidArgumentError("It must be name=value: moves=1000000.");
  const [, name, value] = match as unknown as [string, string, string];
  const number = Number(value);
  if (value.trim() !== "" && Number.isFinite(number)) return { [name]: number };
  return { [name]: value === "true" ? true : value === "false" ? false : value };
}
