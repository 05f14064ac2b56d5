import { refuseIfAborted, UsageError } from "../../domain/errors.ts";
import { systemClock } from "../clock.ts";
import { racing, retrying } from "../deploy/retry.ts";
import type { SwarmNodeInfo } from "../engine/schemas.ts";
import { ClusterError } from "../errors.ts";
import { SLOTS_LABEL } from "../lab/layout.ts";
import { INTERRUPTED, runThere } from "./machine.ts";
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
import type { Facts } from "./probe.ts";
import { INSTALL, START } from "./scripts.ts";

/** A label of nodes. */
export interface NodeLabel {
  /** Host name of the one node that gets it; null for all. */
  readonly host: string | null;
  readonly key: string;
  readonly value: string;
}

/** What the nodes of a cluster are told to be. */
export interface ClusterLabels {
  /** Containers that each node takes; null leaves that as it is. */
  readonly slots: number | null;
  readonly labels: readonly NodeLabel[];
}

/** A machine that is a node. */
export interface ClusterNode {
  /** What the user calls it. */
  readonly machine: string;
  /** Its host name, which is its name in the Swarm. */
  readonly node: string;
  readonly address: string;
  readonly role: string;
  /** Version of its engine. */
  readonly engine: string;
  /** What was done: "installed", "started", "made a Swarm", "joined", "labelled"; nothing where all was so already. */
  readonly done: readonly string[];
  /** Whether the user may use the engine without sudo, as `DOCKER_HOST=ssh://` does. */
  readonly isOpen: boolean;
}

/** How long a machine may take until its Swarm calls it ready. */
const READY_SECONDS = 120;

/** How long managers that were started may take until they have a leader again. */
const LEADER_SECONDS = 30;

/**
 * Makes machines one Swarm: an engine on each, the first as its manager, all others joined. What is so already is left. All
 * that is in the way is found first, as far as it can be seen, and then nothing is changed.
 * @returns The manager, then the workers.
 * @throws {ClusterError} naming machines and what to do. What was done until then stays.
 */
export async function clusterUp(
  plan: ClusterPlan & ClusterLabels,
  work: ClusterWork,
): Promise<ClusterNode[]> {
  const facts = await lookAround(plan, work);
  checkLabels(plan.labels, facts);
  await checkSwarms(facts);
  const done = new Map<Facts, string[]>(facts.map((one) => [one, []]));
  const did = (one: Facts, what: string) => {
    done.get(one)!.push(what);
    work.tell(`${one.name}: ${what}`);
  };
  await forEach(facts, (one) => bringEngine(one, work, did), work.signal);
  const members = await forEach(facts, openMember, work.signal);
  try {
    const [manager, ...workers] = members as [Member, ...Member[]];
    const deadline = systemClock.now() + LEADER_SECONDS * 1000;
    const patience = { clock: systemClock, deadline, signal: work.signal };
    const before = await retrying(patience, () => nodesOfSwarm(members, manager));
    if (before === null) {
      await manager.engine.initSwarm(manager.facts.address);
      did(manager.facts, "made a Swarm");
    }
    const { worker: token } = await manager.engine.joinTokens();
    const at = await manager.engine.info();
    const meeting = `${bracketed(at.Swarm.NodeAddr || manager.facts.address)}:2377`;
    await forEach(workers, async (member) => {
      if (isInSwarm(member)) return;
      await join(member, meeting, token);
      did(member.facts, "joined");
    }, work.signal);
    const nodes = await readyNodes(members, work);
    for (const [at, member] of members.entries()) {
      if (await label(manager, nodes[at]!.ID, plan)) did(member.facts, "labelled");
    }
    return members.map(({ facts, info }, at) => ({
      machine: facts.name,
      node: facts.host,
      address: facts.address,
      role: nodes[at]!.Spec.Role,
      engine: info.ServerVersion,
      done: done.get(facts)!,
      isOpen: facts.isOpen,
    }));
  } finally {
    closeAll(members);
  }
}

/** @throws {UsageError} if a label is for a node that none of the machines is. */
function checkLabels(labels: readonly NodeLabel[], facts: readonly Facts[]): void {
  for (const { host } of labels) {
    if (host === null || facts.some((one) => one.host === host)) continue;
    const hosts = facts.map((one) => one.host).join(", ");
    throw new UsageError(`--label names ${host}: the machines are called ${hosts}`);
  }
}

/** Looks at the Swarms of engines that answer already, before anything is changed. */
async function checkSwarms(facts: readonly [Facts, ...Facts[]]): Promise<void> {
  const members = await forEach(facts.filter(({ engine }) => engine === "answers"), openMember);
  try {
    // Only a manager that is started knows which nodes are its own.
    if (facts[0].engine === "silent") members.forEach(isInSwarm);
    else await nodesOfSwarm(members, members.find((one) => one.facts === facts[0]));
  } finally {
    closeAll(members);
  }
}

async function bringEngine(
  facts: Facts,
  { tell, signal }: ClusterWork,
  did: (facts: Facts, what: string) => void,
): Promise<void> {
  const { engine, machine } = facts;
  if (engine === "answers") return;
  if (engine === "none") {
    tell(`${facts.name}: installing its distribution's engine`);
    await runThere(machine, { script: INSTALL, signal });
    did(facts, "installed");
  }
  await runThere(machine, { script: START, signal });
  did(facts, "started");
}

async function join({ engine, facts }: Member, meeting: string, token: string): Promise<void> {
  try {
    await engine.joinSwarm(facts.address, [meeting], token);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new ClusterError(
      `${facts.name}: it does not come to the manager at ${meeting} (ports 2377/tcp, 7946/tcp and udp, 4789/udp must be ` +
        `open between the machines, and --interface names the network): ${error.message}`,
      { cause: error },
    );
  }
}

/** The nodes of machines, in their order, when all are ready. Dead entries of the same names are forgotten. */
async function readyNodes(
  members: readonly Member[],
  { tell, signal }: ClusterWork,
): Promise<SwarmNodeInfo[]> {
  const { engine: manager } = members[0]!;
  const ids = await forEach(members, async ({ engine }) => (await engine.info()).Swarm.NodeID);
  for (let waited = 0;; waited += 500) {
    refuseIfAborted(signal, INTERRUPTED);
    const nodes = await manager.nodes();
    const ours = ids.map((id) =>
      nodes.find(({ ID, Status }) => ID === id && Status.State === "ready")
    );
    if (ours.every((node) => node !== undefined)) {
      const names = new Set(members.map(({ facts }) => facts.host));
      for (const { ID, Description, Status, Spec } of nodes) {
        if (Status.State !== "down" || Spec.Role !== "worker" || ids.includes(ID)) continue;
        if (!names.has(Description.Hostname)) continue;
        await manager.removeNode(ID);
        tell(`Forgot the node that ${Description.Hostname} was before`);
      }
      return ours;
    }
    if (waited > READY_SECONDS * 1000) {
      const late = members.filter((_, at) => ours[at] === undefined).map(({ facts }) => facts.name);
      throw new ClusterError(
        `${
          late.join(", ")
        }: not ready in ${READY_SECONDS} s: see docker node ls, and the engine's log there`,
      );
    }
    await systemClock.sleep(500, signal);
  }
}

/** @returns Whether a label was missing. */
function label(
  { engine }: Member,
  id: string,
  { slots, labels }: ClusterLabels,
): Promise<boolean> {
  return racing(async () => {
    const node = (await engine.nodes()).find(({ ID }) => ID === id);
    if (node === undefined) throw new ClusterError(`The node ${id} was removed meanwhile`);
    const before = node.Spec.Labels ?? {};
    const wanted = {
      ...before,
      ...(slots === null ? {} : { [SLOTS_LABEL]: `${slots}` }),
      ...Object.fromEntries(
        labels.filter(({ host }) => host === null || host === node.Description.Hostname)
          .map(({ key, value }) => [key, value]),
      ),
    };
    if (Object.entries(wanted).every(([key, value]) => before[key] === value)) return false;
    await engine.updateNode(node, { Labels: wanted });
    return true;
  });
}

function bracketed(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}
