import { UsageError } from "../../domain/mod.ts";
import type { ScheduleOptions } from "../../scheduling/mod.ts";

/** What to prefer among the placements with the fewest violations. */
export const SECOND_OBJECTIVES = ["throughput", "fewest-nodes", "most-even"] as const;

/** One of SECOND_OBJECTIVES. */
export type SecondObjective = typeof SECOND_OBJECTIVES[number];

/** Medea's own parameters, one line each. */
export const MEDEA_PARAMETERS = {
  formulation: "configuration (default), or container as published in 2020",
  linking: "container only: big M of the slacks, a number or tight (default 1000, as published)",
  start: "container only: false = no spread placement to start from (default true)",
  then:
    "configuration only: throughput, fewest-nodes or most-even among placements with the fewest violations (default none)",
} as const;

/** Medea's parameters, checked. */
export interface MedeaParameters {
  readonly formulation: "configuration" | "container";
  readonly bigM: number | "tight";
  readonly start: boolean;
  readonly then: SecondObjective | undefined;
}

/** @throws {UsageError} naming the parameter and what it may be. */
export function medeaParameters(options: ScheduleOptions): MedeaParameters {
  const { formulation = "configuration", linking, start, then } = options.parameters ?? {};
  if (formulation !== "configuration" && formulation !== "container") {
    throw new UsageError(
      `Parameter formulation must be configuration or container: got ${formulation}`,
    );
  }
  const only = (name: string, value: unknown, of: string): void => {
    if (value !== undefined && formulation !== of) {
      throw new UsageError(`Parameter ${name} belongs to the formulation ${of} only`);
    }
  };
  only("linking", linking, "container");
  only("start", start, "container");
  only("then", then, "configuration");
  const bigM = linking === "tight" ? linking : Number(linking ?? 1000);
  if (bigM !== "tight" && !(bigM >= 255 && bigM <= 1e6)) {
    throw new UsageError(
      `Parameter linking must be tight or a number from 255 to 1000000: got ${linking}`,
    );
  }
  if (start !== undefined && typeof start !== "boolean") {
    throw new UsageError(`Parameter start must be true or false: got ${start}`);
  }
  const second = SECOND_OBJECTIVES.find((name) => name === then);
  if (then !== undefined && second === undefined) {
    throw new UsageError(
      `Parameter then must be one of ${SECOND_OBJECTIVES.join(", ")}: got ${then}`,
    );
  }
  return { formulation, bigM, start: start ?? true, then: second };
}
