/**
 * A deployment that is under way: what carrying it out and taking it back share.
 * @module
 */
import { MetisError } from "../../domain/mod.ts";
import type { Clock } from "../clock.ts";
import type { Engine } from "../engine/engine.ts";
import { oneLine } from "../errors.ts";
import { type Applied, applyChanges, type ApplyOptions } from "./apply.ts";
import {
  type Change,
  type CurrentService,
  type DesiredService,
  isGlobal,
  planChanges,
  realChanges,
} from "./changes.ts";
import type { Assessment, Awaited, Memory } from "./convergence.ts";
import type { DeployOptions, Reporter, Target } from "./deployment.ts";
import { listed } from "./hosts.ts";
import type { Release } from "./release.ts";
import { type Patience, retrying } from "./retry.ts";
import type { Ground } from "./counts.ts";
import type { Stage } from "./stages.ts";
import { readSwarm, type SwarmState } from "./state.ts";

/** A deployment that is under way. */
export interface Work {
  readonly engine: Engine;
  readonly target: Target;
  readonly options: DeployOptions;
  readonly reporter: Reporter;
  /** What there was before it. */
  readonly before: readonly CurrentService[];
  /** What there should be after it. */
  readonly desired: readonly DesiredService[];
  readonly ground: Ground | null;
  /** How apps are updated, by name, where their files say it. */
  readonly updates: ReadonlyMap<string, Release>;
  /** How they are taken back. */
  readonly rollbacks: ReadonlyMap<string, Release>;
  /** Host names of the nodes that it goes on without. */
  readonly lost: ReadonlySet<string>;
  readonly memory: Memory;
  readonly clock: Clock;
  /** Told when all that should run was sent. */
  readonly arrived: () => Promise<void>;
  /** Told when all was taken back. @param isWhole As it was before: no containers stay for others. */
  readonly returned: (isWhole?: boolean) => Promise<void>;
}

/** The part of the stack that is changed and waited for: not what is on nodes that are lost. */
export function inReach({ target, lost }: Work): Target["inScope"] {
  return (service) => target.inScope(service) && !lost.has(service.node ?? "");
}

/** What a stage changes of what there is now. */
export async function changesNow(
  work: Work,
  { services }: Stage,
  patience: Patience,
): Promise<Change[]> {
  const state = await retrying(patience, () => readSwarm(work.engine, work.target.stack));
  return planChanges(services, state.current.filter(inReach(work)));
}

/** Makes services of lost nodes what they are to be when these come back. Nobody waits for them. */
export async function leaveLost(
  { engine, target, lost }: Work,
  services: readonly DesiredService[],
  { current }: SwarmState,
  options: ApplyOptions,
): Promise<void> {
  const there = current.filter((one) => target.inScope(one) && lost.has(one.node ?? ""));
  await applyChanges(engine, realChanges(planChanges(services, there)), [], options);
}

/**
 * What must run once the changes are made.
 * @param needed Hosts that must not go away, by the others on them. @param isLast What failed may not be waited for later.
 */
export function awaited(
  changes: readonly Change[],
  applied: readonly Applied[],
  { waits, tolerated: mayFail }: Stage,
  needed: ReadonlySet<string | null> = new Set(),
  isLast = true,
): Awaited[] {
  const ids = new Map(applied.map(({ change, id }) => [change, id]));
  return changes.flatMap((change): Awaited[] => {
    if (change.kind === "remove") return [];
    const { key, name, node, hash, replicas, oneShot, mostFailures, body } = change.to;
    const id = ids.get(change) ?? (change.kind === "create" ? null : change.from.id);
    if (id === null) return [];
    const { taskHash = hash } = change.to;
    const service = { id, name, node, hash, taskHash, replicas, oneShot, mostFailures };
    if (waits.has(key)) {
      const tolerated = mayFail.get(key);
      return [{
        ...service,
        isGlobal: isGlobal(body),
        ...(tolerated === undefined ? {} : { release: { ...tolerated, isLast } }),
      }];
    }
    const rest = { ...service, isGlobal: false };
    return [needed.has(node) ? { ...rest, isLater: true } : { ...rest, replicas: 0 }];
  });
}

/** How far services are, in words. */
export function counted(assessment: Assessment | null): string {
  if (assessment === null) return "the engine did not say how far it is";
  const { running, wanted, waiting } = assessment;
  const names = waiting.length === 0 ? "" : `, waiting for ${listed(waiting)}`;
  return `overall progress: ${running} out of ${wanted} tasks${names}`;
}

/** What an error says, in one line. */
export function messageOf(error: unknown): string {
  return error instanceof MetisError ? error.message : oneLine(String(error));
}
