/**
 * What plans promised beside what was measured on a real cluster.
 * @module
 */
import { printable } from "../../domain/mod.ts";
import type { ReadPlan } from "../../scheduling/plans/mod.ts";
import type { Achieved, Winner } from "../../swarm/measure/comparison.ts";
import { meanText, percentText } from "./figures.ts";
import { type Column, renderTable, type TableLayout } from "./table.ts";

/** A plan and what it brought, in the field names of `--json`. */
export interface Verified extends ReturnType<typeof forecastOf> {
  readonly file: string;
  readonly scheduler: string;
  /** Mean normalised throughput that the plan was made with; null if it does not say. */
  readonly predicted: number | null;
  readonly measured: Achieved;
}

/** Puts what was measured beside what a plan promised, and what that rested on. */
export function verifiedPlan(file: string, plan: ReadPlan, measured: Achieved): Verified {
  const { scheduler, predicted } = plan;
  return { file, scheduler, predicted, ...forecastOf(plan, measured.mean), measured };
}

/** Whether a mean came as the interval of the plan said: null where the plan has none. */
function forecastOf({ grounds }: ReadPlan, mean: number) {
  const { measuredShare, nearShare, extrapolatedShare, meanLow = null, meanHigh = null } = grounds;
  return {
    measuredShare: measuredShare ?? null,
    nearShare: nearShare ?? null,
    extrapolatedShare: extrapolatedShare ?? null,
    meanLow,
    meanHigh,
    withinInterval: meanLow === null || meanHigh === null
      ? null
      : meanLow <= mean && mean <= meanHigh,
  };
}

/** The plans as a table for people, and who won. */
export function renderVerified(
  verified: readonly Verified[],
  winner: Winner | null,
  layout: TableLayout,
): string {
  const table = renderTable(verifiedColumns(verified), verified, layout);
  if (winner === null) return table;
  const name = printable(verified[winner.plan]!.file);
  const lead = `${(100 * winner.lead).toFixed(2)} %`;
  return table +
    (winner.clear
      ? `\n${name} won by ${lead}: its worst measurement is better than the best of the other\n`
      : `\nNo clear winner: ${name} is ahead by ${lead}, which is within the spread of the repeats\n`);
}

function verifiedColumns(verified: readonly Verified[]): Column<Verified>[] {
  const right = (title: string, cell: (plan: Verified) => string): Column<Verified> => ({
    title,
    align: "right",
    cell,
  });
  const share = right(
    "In measured configurations",
    ({ measuredShare }) => measuredShare === null ? "-" : percentText(measuredShare),
  );
  const interval = right(
    "Expected (90 %)",
    ({ meanLow, meanHigh }) =>
      meanLow === null || meanHigh === null ? "-" : `${meanText(meanLow)} to ${meanText(meanHigh)}`,
  );
  const within = right(
    "As expected",
    ({ withinInterval }) => withinInterval === null ? "-" : withinInterval ? "yes" : "no",
  );
  const known = (field: "measuredShare" | "withinInterval") =>
    verified.some((plan) => plan[field] !== null);
  return [
    { title: "Plan", align: "left", cell: ({ file }) => file },
    { title: "Scheduler", align: "left", cell: ({ scheduler }) => scheduler },
    right("Containers", ({ measured }) => `${measured.containers}`),
    ...(known("measuredShare") ? [share] : []),
    right("Predicted", ({ predicted }) => predicted === null ? "" : meanText(predicted)),
    ...(known("withinInterval") ? [interval] : []),
    right("Measured", ({ measured }) => meanText(measured.mean)),
    ...(known("withinInterval") ? [within] : []),
    right("Repeats", ({ measured }) => `±${(measured.spread / 2).toFixed(4)}`),
    right("Containers", ({ measured }) => `±${measured.containerDeviation.toFixed(4)}`),
    right("Worst", ({ measured }) => meanText(measured.worst)),
  ];
}
