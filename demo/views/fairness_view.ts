/// <reference lib="dom" />
import type { Placement } from "../../mod.ts";
import { worstAppOf } from "../session/glance.ts";
import type { FairPoint } from "../session/fairness.ts";
import type { NamedFile } from "../session/packing.ts";
import type { Session } from "../session/session.ts";
import { changeText, percentText } from "../session/words.ts";
import { byId, setText } from "./dom.ts";

/** Between the highest mean and the fastest slowest container: a slider, and what each point of it costs. */
export function showFairness(session: Session): void {
  const { fairness } = session;
  const [find, show] = ["fairness-find", "fairness-show"].map((id) => byId<HTMLButtonElement>(id));
  const slider = byId<HTMLInputElement>("fairness");
  find!.addEventListener("click", () => {
    if (fairness.searching) fairness.stop();
    else session.findFairness();
  });
  slider.addEventListener("input", () => fairness.choose(Number(slider.value)));
  show!.addEventListener("click", async () => {
    const { point } = fairness;
    if (point !== null) await session.showPlan(planFile(session.problem.apps, point));
  });
  session.changes.follow(["glance", "profile", "problem"], () => {
    const { points, point, at, searching, error } = fairness;
    find!.disabled = session.profile === null || session.excess > 0;
    setText(find!, searching ? "Stop" : "What fairness costs");
    slider.disabled = points.length < 2;
    slider.max = String(Math.max(0, points.length - 1));
    slider.value = String(at);
    show!.disabled = point === null;
    const said = error ?? (point === null ? "" : pointText(point, points[0]!));
    slider.ariaValueText = said;
    setText(byId("fairness-said"), said);
  });
}

function pointText(point: FairPoint, best: FairPoint): string {
  const { mean, worst } = point;
  const app = worstAppOf(point);
  const least = `Every container at ${percentText(worst ?? 0)} of its speed alone or more`;
  const slowest = app === null ? "" : ` Slowest app: ${app.app}, ${percentText(app.mean)}.`;
  const lost = 1 - mean / best.mean;
  return point === best || lost < 5e-5
    ? `${least}: the highest mean, ${percentText(mean)}.${slowest}`
    : `${least}: the mean is ${percentText(mean)}, ${
      changeText(lost).slice(1)
    } below the highest.${slowest}`;
}

/** The placement as a plan file, as if a person had loaded it. */
function planFile(apps: readonly string[], { placement, worst }: FairPoint): NamedFile {
  const plan = { apps, placement: rowsOf(placement) };
  return {
    name: `floor-${Math.floor(100 * (worst ?? 0))}.json`,
    bytes: new TextEncoder().encode(JSON.stringify(plan)),
  };
}

function rowsOf({ nodes, apps, counts }: Placement): number[][] {
  return Array.from(
    { length: nodes },
    (_, node) => [...counts.subarray(node * apps, (node + 1) * apps)],
  );
}
