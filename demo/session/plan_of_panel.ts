import { type Plan, planOfPlacement, planVersion } from "../../mod.ts";
import type { Panel } from "./panel.ts";
import type { Session } from "./session.ts";

/** The plan of a panel, as `metis schedule --out` writes it. */
export function planOf(session: Session, panel: Panel): Plan {
  const { problem, seconds, details } = panel.placed!;
  const { bound, profile, seed } = session;
  return {
    format: "metis-plan",
    version: planVersion(problem),
    scheduler: panel.name,
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
