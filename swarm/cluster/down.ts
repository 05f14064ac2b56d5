import { ClusterError } from "../errors.ts";
import {
  closeAll,
  type ClusterPlan,
  type ClusterWork,
  forEach,
  isInSwarm,
  lookAround,
  type Member,
  nodesOfSwarm,
  openMember,
} from "./members.ts";

/** What became of a machine. */
export interface LeftNode {
  /** What the user calls it. */
  readonly machine: string;
  readonly node: string;
  /** False where it was in no Swarm. */
  readonly left: boolean;
}

/**
 * Takes machines out of their Swarm, which ends with its manager. Engines, images and volumes stay.
 * @param force Also where services run, or machines that are not named are left without a manager.
 * @throws {ClusterError} naming machines and what to do.
 */
export async function clusterDown(
  plan: ClusterPlan,
  force: boolean,
  work: ClusterWork,
): Promise<LeftNode[]> {
  const facts = await lookAround(plan, work);
  const answering = facts.filter(({ engine }) => engine === "answers");
  const members = await forEach(answering, openMember, work.signal);
  try {
    const manager = members.find((one) => one.facts === facts[0]);
    const nodes = await nodesOfSwarm(members, manager);
    const inSwarm = members.filter(isInSwarm);
    if (manager !== undefined && nodes !== null && !force) {
      const own = new Set(inSwarm.map(({ info }) => info.Swarm.NodeID));
      const others = nodes.filter(({ ID, Status }) => !own.has(ID) && Status.State === "ready");
      await refuseLoss(manager, others.map(({ Description }) => Description.Hostname));
    }
    const leave = async (member: Member) => {
      // The Swarm of the manager ends: only force makes its last one leave.
      await member.engine.leaveSwarm(member === manager);
      work.tell(`${member.facts.name}: left`);
    };
    await forEach(inSwarm.filter((one) => one !== manager), leave, work.signal);
    if (manager !== undefined && inSwarm.includes(manager)) await leave(manager);
    return facts.map((one) => ({
      machine: one.name,
      node: one.host,
      left: inSwarm.some(({ facts }) => facts === one),
    }));
  } finally {
    closeAll(members);
  }
}

/** @throws {ClusterError} if something would be lost with the Swarm. */
async function refuseLoss({ engine, facts }: Member, others: readonly string[]): Promise<void> {
  if (others.length > 0) {
    throw new ClusterError(
      `${facts.name}: ${
        others.join(", ")
      } would be left without a manager: name them by --workers, or accept it by --force`,
    );
  }
  const services = await engine.services();
  if (services.length === 0) return;
  const some = services.slice(0, 3).map(({ Spec }) => Spec.Name).join(", ");
  const more = services.length > 3 ? ` and ${services.length - 3} more` : "";
  throw new ClusterError(
    `${facts.name}: services end with the Swarm: ${some}${more}. Remove them first (metis undeploy, docker stack rm), or ` +
      "accept it by --force",
  );
}
