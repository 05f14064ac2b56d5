import { type Engine, openEngine } from "../engine/engine.ts";
import type { EngineInfo, SwarmNodeInfo } from "../engine/schemas.ts";
import type { SshEndpoint } from "../engine/endpoint.ts";
import { openTransport } from "../engine/transport.ts";
import { ClusterError } from "../errors.ts";
import { countOf, refuseIfAborted } from "../../domain/mod.ts";
import { INTERRUPTED } from "./machine.ts";
import { checkHostNames, type Facts, probe } from "./probe.ts";

/** The machines of a cluster, and how they are reached. */
export interface ClusterPlan {
  readonly manager: SshEndpoint;
  readonly workers: readonly SshEndpoint[];
  /** By which the machines reach each other; null for the addresses that ssh came to. */
  readonly networkInterface: string | null;
}

/** Who is told, and who may interrupt. */
export interface ClusterWork {
  readonly tell: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** A machine whose engine answers. */
export interface Member {
  readonly facts: Facts;
  readonly engine: Engine;
  readonly info: EngineInfo;
}

/**
 * Does something for each, all at once.
 * @throws {ClusterError} with everything that failed, when all have ended.
 */
export async function forEach<One, Result>(
  those: readonly One[],
  work: (one: One) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result[]> {
  const ended = await Promise.allSettled(those.map(work));
  refuseIfAborted(signal, INTERRUPTED);
  const faults = ended.filter((one) => one.status === "rejected").map(({ reason }) => reason);
  if (faults.length === 1) throw faults[0];
  if (faults.length > 1) {
    const words = faults.map((fault) => fault instanceof Error ? fault.message : `${fault}`);
    throw new ClusterError([...new Set(words)].join("; "), { cause: faults[0] });
  }
  return ended.map((one) => (one as PromiseFulfilledResult<Result>).value);
}

/**
 * Looks at all machines of a plan, the manager first.
 * @throws {ClusterError} naming all that cannot be used: nothing is changed before all can.
 */
export async function lookAround(
  { manager, workers, networkInterface }: ClusterPlan,
  { tell, signal }: ClusterWork,
): Promise<[Facts, ...Facts[]]> {
  tell(`Looking at ${countOf(workers.length + 1, "machine")}`);
  const facts = await forEach(
    [manager, ...workers],
    (machine) => probe(machine, networkInterface, signal),
    signal,
  );
  checkHostNames(facts);
  return facts as [Facts, ...Facts[]];
}

/** The engine of a machine, and what it says of itself. The caller closes it. */
export async function openMember(facts: Facts): Promise<Member> {
  const engine = openEngine(openTransport(facts.machine));
  try {
    return { facts, engine, info: await engine.info() };
  } catch (error) {
    engine.close();
    throw error;
  }
}

/** Whether a machine is in a Swarm. @throws {ClusterError} where that can be neither kept nor begun. */
export function isInSwarm({ facts, info: { Swarm } }: Member): boolean {
  if (Swarm.LocalNodeState === "inactive") return false;
  if (Swarm.LocalNodeState === "active") return true;
  throw new ClusterError(
    `${facts.name}: its Swarm is ${Swarm.LocalNodeState}${
      Swarm.Error ? ` (${Swarm.Error})` : ""
    }: ` +
      "unlock it (docker swarm unlock), wait for it, or let the machine leave by docker swarm leave",
  );
}

/**
 * The nodes of the manager's Swarm, or null where it has none yet.
 * @param members Those that answer. @param manager One of them, or undefined where it has no engine yet.
 * @throws {ClusterError} naming each machine that is in another Swarm.
 */
export async function nodesOfSwarm(
  members: readonly Member[],
  manager: Member | undefined,
): Promise<SwarmNodeInfo[] | null> {
  const inSwarm = members.filter(isInSwarm);
  const isManager = manager?.info.Swarm.ControlAvailable === true;
  if (manager !== undefined && inSwarm.includes(manager) && !isManager) {
    throw new ClusterError(
      `${manager.facts.name}: it is a worker of a Swarm: name a manager of that Swarm, or take the machine out of it by ` +
        "docker swarm leave",
    );
  }
  const nodes = manager !== undefined && isManager ? await manager.engine.nodes() : null;
  const known = new Set(nodes?.map(({ ID }) => ID));
  const strangers = inSwarm.filter((one) => one !== manager && !known.has(one.info.Swarm.NodeID));
  if (strangers.length === 0) return nodes;
  const names = strangers.map(({ facts }) => facts.name).join(", ");
  throw new ClusterError(
    `${names}: in another Swarm than the manager: take such a machine out of it by docker swarm leave, or name that ` +
      "Swarm's manager",
  );
}

/** Closes engines. */
export function closeAll(members: readonly Member[]): void {
  for (const { engine } of members) engine.close();
}
