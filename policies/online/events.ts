import { drawArrivals, placingOrder, type Problem, type Random } from "../../domain/mod.ts";

/** A container comes, or one that came before leaves. */
export type ArrivalEvent =
  | { readonly kind: "arrive"; readonly app: number; readonly container: number }
  | { readonly kind: "depart"; readonly app: number; readonly container: number };

/**
 * What happens to a cluster that ends with the demand: its containers come in random order and, among them,
 * `departures` times as many others of the same mixture come and leave again at random moments, where slots allow. Apps that
 * need others beside them come behind the rest.
 * @param slots Slots of all nodes.
 */
export function drawEvents(
  problem: Problem,
  slots: number,
  departures: number,
  draws: Random,
): ArrivalEvent[] {
  const lasting = neededFirst(problem, drawArrivals(problem.demand, draws));
  const guests = Math.round(departures * lasting.length);
  // Times in (0, 1): lasting containers in their order, guests anywhere, each leaving after it came.
  const timed: { readonly at: number; readonly event: ArrivalEvent }[] = [];
  const times = Float64Array.from(lasting, () => draws.uniform()).sort();
  lasting.forEach((app, container) =>
    timed.push({ at: times[container]!, event: { kind: "arrive", app, container } })
  );
  for (let guest = 0; guest < guests; guest++) {
    const app = lasting[draws.below(lasting.length)]!;
    const container = lasting.length + guest;
    const at = draws.uniform();
    timed.push({ at, event: { kind: "arrive", app, container } });
    const left = at + (1 - at) * draws.uniform();
    timed.push({ at: left, event: { kind: "depart", app, container } });
  }
  timed.sort((a, b) => a.at - b.at);
  return dropGuestsWithoutRoom(timed.map(({ event }) => event), lasting.length, slots);
}

/** Apps that need others on their nodes go behind the rest, each behind what it needs. */
function neededFirst(problem: Problem, apps: Uint8Array): Uint8Array {
  const { together = [] } = problem.rules;
  if (together.length === 0) return apps;
  const order = placingOrder(problem);
  const place = (app: number): number =>
    together.some(([a]) => a === app) ? 1 + order.indexOf(app) : 0;
  return apps.toSorted((a, b) => place(a) - place(b));
}

/** A guest stays away where the slots would not do for those that last. */
function dropGuestsWithoutRoom(
  events: readonly ArrivalEvent[],
  lasting: number,
  slots: number,
): ArrivalEvent[] {
  const inside = new Set<number>();
  return events.filter(({ kind, container }) => {
    if (container < lasting) return true;
    if (kind === "depart") return inside.delete(container);
    if (lasting + inside.size >= slots) return false;
    inside.add(container);
    return true;
  });
}
