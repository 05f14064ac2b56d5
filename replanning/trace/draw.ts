/**
 * A trace from a seed.
 * @module
 */
import { InputError, Random } from "../../domain/mod.ts";
import type { Trace, TraceEvent } from "./trace.ts";

/** How often things happen. Every wait has an exponential distribution. */
export interface TraceRates {
  /** Length of the trace, in hours; above 0. */
  readonly hours: number;
  /** Containers of each app that come at 0 hours. Length = apps. */
  readonly start: readonly number[];
  /** Containers of each app that come in an hour, on average. Length = apps; 0 or more. */
  readonly arrivals: readonly number[];
  /** Hours that a container of each app stays, on average. Length = apps; above 0, Infinity for always. */
  readonly stay: readonly number[];
  /** Hours from the return of a node to its failure, on average; above 0, Infinity for never. */
  readonly untilFailure: number;
  /** Hours from the failure of a node to its return, on average; above 0, Infinity for never. */
  readonly untilReturn: number;
}

/** Most events of a trace. */
export const MOST_EVENTS = 100_000;

/** Hours are rounded to this part of an hour, which makes files short: a third of a second. */
const PARTS = 1e4;

/**
 * Draws a trace: the same rates and seed give the same events.
 * @param nodes Number of nodes. @param seed Any whole number from 0 to 2^32 - 1.
 * @throws {InputError} for rates out of their range, or that make more than {@link MOST_EVENTS} events.
 */
export function drawTrace(rates: TraceRates, nodes: number, seed: number): Trace {
  checkRates(rates);
  const { start, arrivals, stay, untilFailure, untilReturn } = rates;
  const end = Math.round(rates.hours * PARTS) / PARTS;
  const random = new Random(seed);
  const running = [...start];
  const down = new Array<boolean>(nodes).fill(false);
  const events: TraceEvent[] = start.flatMap((count, app): TraceEvent[] =>
    count > 0 ? [{ hours: 0, kind: "arrive", app, count }] : []
  );
  for (let hours = 0;;) {
    // Exponential waits have no memory: whatever can happen next happens at its rate, whatever happened before.
    const perHour = [
      ...arrivals,
      ...running.map((count, app) => count / stay[app]!),
      ...down.map((isDown) => 1 / (isDown ? untilReturn : untilFailure)),
    ];
    const all = perHour.reduce((sum, rate) => sum + rate, 0);
    if (all === 0) break;
    hours -= Math.log(1 - random.uniform()) / all;
    const at = Math.round(hours * PARTS) / PARTS;
    if (at > end) break;
    if (events.length === MOST_EVENTS) {
      throw new InputError(
        `The rates make more than ${MOST_EVENTS} events: take fewer hours, arrivals or failures`,
      );
    }
    const next = pick(perHour, random.uniform() * all);
    const app = next % arrivals.length;
    if (next < arrivals.length) {
      running[app]!++;
      events.push({ hours: at, kind: "arrive", app, count: 1 });
    } else if (next < 2 * arrivals.length) {
      running[app]!--;
      events.push({ hours: at, kind: "depart", app, count: 1 });
    } else {
      const node = next - 2 * arrivals.length;
      events.push({ hours: at, kind: down[node] ? "return" : "fail", node });
      down[node] = !down[node];
    }
  }
  return { hours: end, events };
}

/** The index whose weight a number from 0 to the sum of the weights falls on; never one of weight 0. */
function pick(weights: readonly number[], at: number): number {
  let left = at;
  let last = 0;
  for (const [index, weight] of weights.entries()) {
    if (weight === 0) continue;
    last = index;
    left -= weight;
    if (left < 0) break;
  }
  return last;
}

function checkRates({ hours, start, arrivals, stay, untilFailure, untilReturn }: TraceRates): void {
  const refuse = (what: string, value: number): never => {
    throw new InputError(`A trace needs ${what}: got ${value}`);
  };
  if (!(hours > 0 && Number.isFinite(hours))) refuse("hours above 0", hours);
  for (const count of start) {
    if (!Number.isSafeInteger(count) || count < 0) {
      refuse("whole numbers of containers at its start, 0 or more", count);
    }
  }
  for (const rate of arrivals) {
    if (!(rate >= 0 && Number.isFinite(rate))) refuse("arrivals an hour of 0 or more", rate);
  }
  for (const time of [...stay, untilFailure, untilReturn]) {
    if (!(time > 0)) refuse("mean waits above 0 hours", time);
  }
}
