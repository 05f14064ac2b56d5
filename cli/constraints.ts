/**
 * From the options of a command to constraints and the parameters of single schedulers.
 * @module
 */
import {
  deriveConstraints,
  placementViolations,
  readConstraints,
} from "../baselines/constraints/mod.ts";
import { type InterferenceConstraint, type Placement, UsageError } from "../domain/mod.ts";
import type { Scheduler, Surface } from "../scheduling/mod.ts";
import { type CliContext, readText } from "./context.ts";
import type { BaselineOptions } from "./options/options.ts";
import type { Talk } from "./output/progress.ts";

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
 * works by constraints, measured rows before predictions; undefined where nobody needs any.
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

/** The fields that say how much a placement breaks constraints; none where there are no constraints. */
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
        `--${name} is of no use to ${schedulers.map((scheduler) => scheduler.name).join(", ")}`,
      );
    }
  }
  return (scheduler) => Object.fromEntries(given.filter(([name]) => reads(scheduler, name)));
}
