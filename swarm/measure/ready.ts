import { refuseIfAborted } from "../../domain/mod.ts";
import type { Clock } from "../clock.ts";
import { MeasureError } from "../errors.ts";
import type { LoadTarget } from "../load/plan.ts";

const POLL_MS = 150;
/** Time that one look may take. */
const LOOK_MS = 5000;

/**
 * Waits until all containers answer `/health` with success, or where they have none, the request that loads them.
 * @throws {MeasureError} naming one that does not in time.
 */
export async function waitUntilReady(
  targets: readonly LoadTarget[],
  seconds: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const until = clock.now() + seconds * 1000;
  await Promise.all(targets.map(async (target) => {
    for (let last = "no answer";;) {
      refuseIfAborted(signal);
      const answer = await look(target, signal);
      if (answer === null) return;
      last = answer;
      if (clock.now() > until) {
        throw new MeasureError(`${target.name} is not ready after ${seconds} s: ${last}`);
      }
      await clock.sleep(POLL_MS, signal);
    }
  }));
}

/** @returns Null if it is ready, else why not. */
async function look({ origin, request }: LoadTarget, signal: AbortSignal): Promise<string | null> {
  try {
    const health = await status(`${origin}/health`, {}, signal);
    if (health !== 404) return health < 300 ? null : `/health answers ${health}`;
    const { method, path, headers, body } = request;
    const init = { method, headers, ...(body === undefined ? {} : { body }) };
    const answer = await status(origin + path, init, signal);
    return answer < 300 ? null : `${path} answers ${answer}`;
  } catch {
    return "no answer";
  }
}

async function status(url: string, init: RequestInit, signal: AbortSignal): Promise<number> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)]);
  const response = await fetch(url, { ...init, signal: limit, redirect: "manual" });
  await response.body?.cancel();
  return response.status;
}
