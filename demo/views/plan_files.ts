/// <reference lib="dom" />
import {
  appOrder,
  InputError,
  maxCapacity,
  type Placement,
  type Plan,
  planOfPlacement,
  planText,
  planVersion,
  type Problem,
  problemInOrder,
  type ReadPlan,
} from "../../mod.ts";
import type { Panel } from "../session/panel.ts";
import type { Session } from "../session/session.ts";
import { make } from "./dom.ts";

/** The plan of a panel, as `metis schedule --out` writes it. */
export function planOf(session: Session, panel: Panel): Plan {
  const { problem, seconds, details } = panel.placed!;
  const { bound, profile, seed } = session;
  return {
    format: "metis-plan",
    version: planVersion(problem),
    scheduler: panel.planFile ?? panel.scheduler,
    seed,
    parameters: {},
    ...planOfPlacement(problem, panel.placement()),
    ...panel.value(bound.kind === "proved" ? bound.total : null),
    ...panel.grounds,
    seconds: seconds ?? 0,
    surface: { kind: profile!.model, source: profile!.file },
    details: panel.moves.length === 0 ? details : { ...details, movedByHand: panel.moves.length },
  };
}

/** Saves the plan of a panel as a file. */
export function downloadPlan(session: Session, panel: Panel): void {
  const text = planText(planOf(session, panel));
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  make("a", { href: url, download: `plan-${panel.scheduler}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/**
 * A plan in the order of the profile's apps.
 * @throws {InputError} if it is of other apps, or of larger nodes than were profiled.
 */
export function fitPlan(
  plan: ReadPlan,
  apps: readonly string[],
  capacity: number,
  file: string,
): { readonly problem: Problem; readonly placement: Placement } {
  const { problem, placement } = plan;
  const order = appOrder(apps, problem.apps, file);
  if (maxCapacity(problem.cluster) > capacity) {
    throw new InputError(
      `${file}: has nodes of ${
        maxCapacity(problem.cluster)
      } slots, but the profile knows ${capacity}`,
    );
  }
  const counts = new Uint8Array(placement.counts.length);
  const width = apps.length;
  for (let at = 0; at < counts.length; at++) {
    const node = Math.floor(at / width);
    counts[at] = placement.counts[node * width + order[at % width]!]!;
  }
  return {
    problem: problemInOrder(problem, apps),
    placement: { nodes: placement.nodes, apps: width, counts },
  };
}
