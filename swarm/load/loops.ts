import type { Random } from "../../domain/mod.ts";
import type { Clock } from "../clock.ts";
import type { Client } from "./client.ts";
import type { Pace } from "./pace.ts";
import { type Loop, MAX_CONNECTIONS } from "./plan.ts";
import type { Recorder } from "./recorder.ts";

/** After a request without an answer a user waits so long at least, so that a dead target is not hammered. */
const PAUSE_MS = 50;
/** A schedule that is late lets answers in after so many requests. */
const BURST = 32;

/** What the requests to one target need. Times in milliseconds. */
export interface Lane {
  readonly client: Client;
  readonly recorder: Recorder;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly begin: number;
  readonly end: number;
  readonly timeoutMs: number;
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** Sends requests until the end, and waits for the answers. */
export function runLane(lane: Lane, loop: Loop): Promise<void> {
  return loop.kind === "closed" ? closedLoop(lane, loop) : openLoop(lane, loop.rate);
}

/** Users that each send, wait for the answer, and wait some more: a slow target is asked less often. */
async function closedLoop(
  { client, recorder, clock, end, random, signal }: Lane,
  { users, waitLeast, waitMost }: Extract<Loop, { kind: "closed" }>,
): Promise<void> {
  const waits = () => 1000 * (waitLeast + (waitMost - waitLeast) * random.uniform());
  const user = async () => {
    // All at once is not what users do.
    await pause(clock, waits() * random.uniform(), signal);
    while (clock.now() < end && !signal.aborted) {
      const from = clock.now();
      const outcome = await client.send();
      if (signal.aborted) return;
      recorder.add({ from, to: clock.now(), ...outcome });
      const failed = outcome.error !== null && !outcome.error.startsWith("status");
      await pause(clock, Math.max(waits(), failed ? PAUSE_MS : 0), signal);
    }
  };
  await Promise.all(Array.from({ length: users }, user));
}

/**
 * Requests at their times, whatever the answers; what waits for a connection, or for a generator that is late,
 * waits on the account of its latency. A target that stalls is asked as often as one that does not.
 */
async function openLoop(lane: Lane, rate: number): Promise<void> {
  const { client, recorder, pace, clock, begin, end, timeoutMs, signal } = lane;
  const waiting: number[] = [];
  const running = new Set<Promise<void>>();
  const serve = async (first: number) => {
    for (let due: number | undefined = first; due !== undefined; due = waiting.shift()) {
      const outcome = clock.now() - due < timeoutMs
        ? await client.send()
        : { error: "timeout", bytes: 0 };
      if (signal.aborted) return;
      recorder.add({ from: due, to: clock.now(), ...outcome });
    }
  };
  for (let at = 0; !signal.aborted; at++) {
    const due = begin + at * 1000 / rate;
    if (due >= end) break;
    const left = due - clock.now();
    if (left > 0) await clock.sleep(left, signal);
    else if (at % BURST === 0) await clock.sleep(0, signal);
    pace.sent(due);
    if (running.size >= MAX_CONNECTIONS) {
      waiting.push(due);
      continue;
    }
    const served = serve(due);
    running.add(served);
    void served.then(() => running.delete(served));
  }
  await Promise.all(running);
}

function pause(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> | void {
  if (milliseconds > 0) return clock.sleep(milliseconds, signal);
}
