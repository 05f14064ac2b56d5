import type { SwarmNodeInfo } from "../engine/schemas.ts";
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
  /** False where it was in no Swarm, or its engine does not answer. */
  readonly left: boolean;
}

/**
 * Takes machines out of their Swarm, which ends unless most of its managers stay. Engines, images and volumes stay.
 * @param force Also where services end with it, machines that are not named are left without enough managers, or the
 * manager's engine does not answer: then nobody knows whether the others are of its Swarm.
 * @throws {ClusterError} naming machines and what to do.
 */
export async function clusterDown(
  plan: ClusterPlan,
  force: boolean,
  work: ClusterWork,
): Promise<LeftNode[]> {
  const facts = await lookAround(plan, work);
  const silent = facts.filter(({ engine }) => engine === "silent");
  const isManagerSilent = facts[0].engine === "silent";
  if (isManagerSilent && !force) {
    throw new ClusterError(
      `${
        facts[0].name
      }: the manager's engine does not answer: start it (metis cluster up does), or let the other ` +
        "machines leave by --force",
    );
  }
  for (const { name } of silent) work.tell(`${name}: its engine does not answer: left as it is`);
  const answering = facts.filter(({ engine }) => engine === "answers");
  const members = await forEach(answering, openMember, work.signal);
  try {
    const manager = members.find((one) => one.facts === facts[0]);
    const nodes = isManagerSilent ? null : await nodesOfSwarm(members, manager);
    const inSwarm = members.filter(isInSwarm);
    const own = new Set(inSwarm.map(({ info }) => info.Swarm.NodeID));
    if (manager !== undefined && nodes !== null && !force && !goesOn(nodes, own)) {
      const others = nodes.filter(({ ID, Status }) => !own.has(ID) && Status.State === "ready");
      await refuseLoss(manager, others.map(({ Description }) => Description.Hostname));
    }
    const isManager = ({ info }: Member) => info.Swarm.ControlAvailable;
    const leave = async (member: Member) => {
      // Docker lets no manager leave without force, whoever promoted it.
      await member.engine.leaveSwarm(force || isManager(member));
      work.tell(`${member.facts.name}: left`);
    };
    await forEach(inSwarm.filter((one) => !isManager(one)), leave, work.signal);
    // One after another, the one that the plan names last.
    for (const one of inSwarm.filter(isManager).reverse()) {
      await forEach([one], leave, work.signal);
    }
    return facts.map((one) => ({
      machine: one.name,
      node: one.host,
      left: inSwarm.some(({ facts }) => facts === one),
    }));
  } finally {
    closeAll(members);
  }
}

/** Whether a Swarm goes on when nodes leave it: by a majority of its managers, which stay and are ready. */
export function goesOn(
  nodes: readonly Pick<SwarmNodeInfo, "ID" | "Spec" | "Status">[],
  leaving: ReadonlySet<string>,
): boolean {
  const managers = nodes.filter(({ Spec }) => Spec.Role === "manager");
  const stay = managers.filter(({ ID, Status }) => !leaving.has(ID) && Status.State === "ready");
  return stay.length > managers.length / 2;
}

/** @throws {ClusterError} if something would be lost with the Swarm. */
async function refuseLoss({ engine, facts }: Member, others: readonly string[]): Promise<void> {
  if (others.length > 0) {
    throw new ClusterError(
      `${facts.name}: ${
        others.join(", ")
      } would be left without enough managers: name them by --workers, or accept it by --force`,
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
