import type { Engine } from "../engine/engine.ts";
import { isTransient } from "../engine/client.ts";
import { APP_LABEL, NODE_LABEL, STACK_LABEL } from "../services/spec.ts";
import { assess, type Assessment, type Awaited, type Memory } from "./convergence.ts";
import type { Patience } from "./retry.ts";
import { unavailableHosts } from "./state.ts";

/** How waiting ended. */
export type Waited =
  | { readonly outcome: "converged" }
  | {
    readonly outcome: "hopeless";
    readonly reason: string;
    readonly isLeft: boolean;
    /** See {@link Assessment.lost}. */
    readonly lost: readonly string[];
  }
  | { readonly outcome: "timed-out"; readonly last: Assessment | null }
  | { readonly outcome: "interrupted"; readonly last: Assessment | null };

/** How to wait. */
export interface WaitOptions extends Patience {
  readonly stack: string;
  /** Of a stack, the part that is waited for. */
  readonly inScope: (service: { readonly node: string | null }) => boolean;
  /** Milliseconds for which everything must keep running. */
  readonly monitorMs: number;
  /** Milliseconds for which a node that does not answer is waited for. @default 0 */
  readonly graceMs?: number;
  /** Services on nodes that take no tasks are not waited for, instead of being hopeless. */
  readonly skipUnavailable?: boolean;
  readonly memory: Memory;
  readonly onProgress: (assessment: Assessment) => void;
  /** Told once when everything runs and is watched for being stable. */
  readonly onVerify: () => void;
}

const POLL_MS = 400;
/** Nodes are looked at every so many looks at tasks. */
const NODES_EVERY = 4;

/** Waits until services run as they should, and keep doing so; or until that is hopeless. */
export async function waitForServices(
  engine: Engine,
  services: readonly Awaited[],
  options: WaitOptions,
): Promise<Waited> {
  const { clock, deadline, signal, memory } = options;
  let nodes = await attempt(() => engine.nodes()) ?? [];
  let last: Assessment | null = null;
  let stable = { print: "", since: 0, told: false };
  for (let look = 1;; look++) {
    const began = clock.now();
    const tasks = await attempt(() => engine.tasks({ [STACK_LABEL]: options.stack }));
    if (look % NODES_EVERY === 0) nodes = await attempt(() => engine.nodes()) ?? nodes;
    if (tasks !== undefined) {
      const unavailable = unavailableHosts(nodes);
      const hostOf = new Map(nodes.map(({ ID, Description }) => [ID, Description.Hostname]));
      const awaited = options.skipUnavailable
        ? services.filter(({ node }) => node === null || !unavailable.has(node))
        : services;
      const scoped = tasks.filter((task) => {
        const { [APP_LABEL]: app, [NODE_LABEL]: pin } = task.Spec.ContainerSpec?.Labels ?? {};
        // What no plan names has no node of its own, wherever its tasks are.
        const node = pin ?? (app === undefined ? hostOf.get(task.NodeID) : null);
        return node === undefined || options.inScope({ node });
      });
      last = assess(awaited, scoped, hostOf, unavailable, memory, clock.now(), options.graceMs);
      options.onProgress(last);
      const { hopeless: reason, isLeft, lost } = last;
      if (reason !== null) return { outcome: "hopeless", reason, isLeft, lost };
      if (!last.converged || last.fingerprint !== stable.print) {
        stable = { print: last.fingerprint, since: clock.now(), told: stable.told };
      }
      if (last.converged) {
        if (clock.now() - stable.since >= options.monitorMs) {
          const removed = await removedGlobal(engine, awaited, options.stack);
          if (removed === undefined) return { outcome: "converged" };
          const reason = `${removed}: somebody has removed it`;
          return { outcome: "hopeless", reason, isLeft: false, lost: [] };
        }
        if (!stable.told) options.onVerify();
        stable.told = true;
      }
    }
    if (signal?.aborted) return { outcome: "interrupted", last };
    if (clock.now() >= deadline) return { outcome: "timed-out", last };
    // A manager of thousands of tasks is asked less often.
    await clock.sleep(Math.max(POLL_MS, 3 * (clock.now() - began)), signal);
  }
}

/** Name of a global service that is gone: nobody misses containers of one, since nobody knows how many it should have. */
async function removedGlobal(
  engine: Engine,
  services: readonly Awaited[],
  stack: string,
): Promise<string | undefined> {
  const all = services.filter(({ isGlobal }) => isGlobal);
  if (all.length === 0) return undefined;
  const there = await attempt(() => engine.services({ [STACK_LABEL]: stack }));
  const ids = new Set(there?.map(({ ID }) => ID));
  return there === undefined ? undefined : all.find(({ id }) => !ids.has(id))?.name;
}

/** What is asked, or undefined if the engine is away for a moment. */
async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isTransient(error)) return undefined;
    throw error;
  }
}
