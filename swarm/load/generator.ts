import { setImmediate } from "node:timers";
import { Random, refuseIfAborted } from "../../domain/mod.ts";
import { type Clock, systemClock } from "../clock.ts";
import { type Client, HttpClient } from "./client.ts";
import { runLane } from "./loops.ts";
import { Pace } from "./pace.ts";
import type { LoadPlan, LoadTarget } from "./plan.ts";
import { type Measured, Recorder } from "./recorder.ts";

/** How often requests that take too long are looked for. */
const EXPIRY_MS = 25;

/** What one target answered. */
export interface TargetResult {
  readonly name: string;
  readonly method: string;
  /** One for each repeat of the plan. */
  readonly measured: readonly Measured[];
  /** Idle connections that the target had closed; the requests went out on others, and are not lost. */
  readonly reconnects: number;
}

/** What a run of the load generator gave. */
export interface LoadResult {
  readonly targets: readonly TargetResult[];
  /** All targets together, one for each repeat. */
  readonly total: readonly Measured[];
  /** How the generator itself fell behind, or null if it kept up all the time. */
  readonly behind: string | null;
}

/** What tests replace. */
export interface GeneratorWorld {
  readonly clock?: Clock;
  readonly client?: (target: LoadTarget) => Client;
}

/**
 * Loads all targets at once: a warm-up, then the measurements one after another without a pause. It ends when
 * every request has ended, at most the plan's `timeout` after the last measurement.
 * @throws {InterruptedError} if the signal fires: connections are closed, requests given up.
 */
export async function runLoad(
  plan: LoadPlan,
  signal: AbortSignal,
  world: GeneratorWorld = {},
): Promise<LoadResult> {
  const clock = world.clock ?? systemClock;
  // Exactness costs CPU: only a schedule needs it.
  const laneClock = world.clock ?? (plan.loop.kind === "open" ? exactClock : systemClock);
  const length = plan.duration * 1000;
  const timeoutMs = plan.timeout * 1000;
  const begin = clock.now();
  const first = begin + plan.warmUp * 1000;
  const starts = Array.from({ length: plan.repeats }, (_, at) => first + at * length);
  const end = first + plan.repeats * length;
  const pace = new Pace(clock, starts, length);
  const lanes = plan.targets.map((target, at) => ({
    target,
    client: world.client?.(target) ?? new HttpClient(target, timeoutMs, () => clock.now()),
    recorder: new Recorder(starts, length),
    pace,
    clock: laneClock,
    begin,
    end,
    timeoutMs,
    random: new Random((plan.seed + at) >>> 0),
    signal,
  }));
  const over = new AbortController();
  const stop = () => lanes.forEach(({ client }) => client.close());
  signal.addEventListener("abort", stop, { once: true });
  const watching = [pace.watch(over.signal), expire(lanes, clock, over.signal)];
  try {
    await Promise.all(lanes.map((lane) => runLane(lane, plan.loop)));
  } finally {
    signal.removeEventListener("abort", stop);
    over.abort();
    stop();
    await Promise.all(watching);
  }
  refuseIfAborted(signal, "Interrupted: the load was ended");
  const offered = plan.loop.kind === "open" ? plan.loop.rate : null;
  const total = new Recorder(starts, length);
  for (const { recorder } of lanes) total.merge(recorder);
  return {
    targets: lanes.map(({ target, recorder, client }) => ({
      name: target.name,
      method: target.request.method,
      measured: recorder.results(offered, (at) => pace.excuse(at)),
      reconnects: client.reconnects,
    })),
    total: total.results(
      offered === null ? null : offered * lanes.length,
      (at) => pace.excuse(at),
    ),
    behind: starts.map((_, at) => pace.excuse(at)).find((excuse) => excuse !== null) ?? null,
  };
}

async function expire(
  lanes: readonly { readonly client: Client }[],
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(EXPIRY_MS, signal);
    lanes.forEach(({ client }) => client.expire(clock.now()));
  }
}

/** The real clock, with sleeps that end to the tenth of a millisecond: timers alone are late by up to two. */
const exactClock: Clock = {
  now: () => performance.now(),
  async sleep(milliseconds, signal) {
    const until = performance.now() + milliseconds;
    if (milliseconds === 0 || milliseconds > 2) {
      await systemClock.sleep(Math.max(0, milliseconds - 2), signal);
    }
    while (performance.now() < until && !signal?.aborted) await turn();
  },
};

/** Lets answers in. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
