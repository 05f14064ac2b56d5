/// <reference lib="dom" />
import type { Session } from "../session/session.ts";
import { byId, setText } from "./dom.ts";
import { changeText, meanText } from "./figures.ts";

/** One sentence on how the two placements compare. */
export function followVerdict(session: Session): void {
  const place = byId("verdict");
  session.changes.follow(["panels", "bound"], () => {
    const text = verdictText(session);
    if (text !== null) setText(place, text);
  });
}

/** Null while there is nothing to compare. */
export function verdictText({ panels, bound }: Session): string | null {
  const [a, b] = panels;
  if (a.status !== "placed" || b.status !== "placed") return null;
  const total = bound.kind === "proved" ? bound.total : null;
  const [first, second] = [a.value(total), b.value(total)];
  const [better, worse] = second.mean >= first.mean ? [b, a] : [a, b];
  const [high, low] = second.mean >= first.mean ? [second, first] : [first, second];
  const names = [better, worse].map(({ scheduler, planFile }) => planFile ?? scheduler);
  const share = low.mean === 0 ? 0 : high.mean / low.mean - 1;
  const compared = share < 1e-9
    ? `${names[0]} and ${names[1]} are equally fast: ${meanText(high.mean)}`
    : `${names[0]} runs these containers ${changeText(share).slice(1)} faster than ${names[1]}`;
  if (bound.kind === "proving") return `${compared}. Proving the best possible…`;
  if (high.gap === null) return `${compared}.`;
  return high.proven
    ? `${compared}, and no placement can be better: that is proven under the model.`
    : `${compared}, and is within ${
      (high.gap * 100).toFixed(3)
    } % of the optimum that is proven under the model.`;
}
