import { refuseIfAborted } from "../../domain/errors.ts";
import { systemClock } from "../clock.ts";
import { LabError } from "../errors.ts";
import { type LabResources, prepareCgroups } from "./cgroups.ts";
import { labDown } from "./down.ts";
import { labEngine, startEngine } from "./engines.ts";
import {
  checkMachine,
  exists,
  findHolders,
  type Holder,
  holderFile,
  inside,
  run,
  startDetached,
} from "./host.ts";
import {
  checkLabPlan,
  HOLDER_MARK,
  hostAddress,
  hostInterface,
  type LabNode,
  labNodes,
  type LabPlan,
  SLOTS_LABEL,
  stateFile,
  stateText,
} from "./layout.ts";
import { NODE_SCRIPT } from "./node_script.ts";

/** Holder of the network between the nodes. */
export const SWITCH = "switch";
const READY_SECONDS = 60;

/** Told of each step. */
export type Narrator = (text: string) => void;

/**
 * Brings up engines in namespaces of this machine, joined to one Swarm. This machine itself gets one
 * network interface and one folder; whatever fails or interrupts takes both away again.
 * @throws {LabError} if the machine cannot hold it, or has one already.
 */
export async function labUp(
  plan: LabPlan,
  tell: Narrator,
  signal?: AbortSignal,
  resources?: LabResources,
): Promise<LabNode[]> {
  checkLabPlan(plan);
  await checkMachine();
  await checkFree(plan);
  try {
    return await build(plan, tell, signal, resources);
  } catch (error) {
    await labDown(plan.directory, tell);
    refuseIfAborted(signal, "Interrupted: the lab was taken down again");
    throw error;
  }
}

async function checkFree(plan: LabPlan): Promise<void> {
  if (await exists(plan.directory)) {
    throw new LabError(
      (await exists(stateFile(plan.directory)))
        ? `There is a lab in ${plan.directory}: see \`metis lab status\`, or take it down by \`metis lab down\``
        : `${plan.directory} exists and is not a lab: choose another --directory`,
    );
  }
  const used = await run("ip", "-4", "-o", "addr", "show");
  const routes = await run("ip", "-4", "route", "show");
  if (`${used}\n${routes}`.split(/\s+/).some((word) => word.startsWith(`${plan.subnet}.`))) {
    throw new LabError(`The network ${plan.subnet}.0/24 is in use: choose another --subnet`);
  }
}

async function build(
  plan: LabPlan,
  tell: Narrator,
  signal?: AbortSignal,
  resources?: LabResources,
): Promise<LabNode[]> {
  const nodes = labNodes(plan);
  await Deno.mkdir(plan.directory, { recursive: true, mode: 0o755 });
  await Deno.writeTextFile(stateFile(plan.directory), stateText(plan));
  const script = `${plan.directory}/node.sh`;
  await Deno.writeTextFile(script, NODE_SCRIPT);
  tell(`Making ${plan.nodes} nodes in ${plan.directory}`);
  for (const name of [SWITCH, ...nodes.map((node) => node.name)]) {
    await Deno.mkdir(`${plan.directory}/${name}`, { mode: 0o700 });
    startDetached(
      {
        log: `${plan.directory}/${name}/node.log`,
        record: holderFile(plan.directory, name),
      },
      ...["unshare", "--net", "--uts", "--mount", "--pid", "--fork", "--kill-child"],
      ...["--mount-proc", "sh", script, HOLDER_MARK, plan.directory, name],
    );
  }
  const holders = await heldNodes(plan, signal);
  await connect(plan, nodes, holders);
  refuseIfAborted(signal);
  if (resources !== undefined) await prepareCgroups(plan, resources);
  tell("Starting their engines");
  await Promise.all(nodes.map((node) => startEngine(plan, node, signal)));
  refuseIfAborted(signal);
  tell("Joining them to one Swarm");
  await join(plan, nodes, signal);
  return nodes;
}

/** Waits until every holder has prepared its node. */
async function heldNodes(plan: LabPlan, signal?: AbortSignal): Promise<Map<string, Holder>> {
  const names = [SWITCH, ...labNodes(plan).map(({ name }) => name)];
  for (let waited = 0; waited < READY_SECONDS * 1000; waited += 100) {
    refuseIfAborted(signal);
    const ready = await Promise.all(names.map((name) => exists(`${plan.directory}/${name}/ready`)));
    if (ready.every(Boolean)) {
      const holders = await findHolders(plan.directory);
      return new Map(holders.map((holder) => [holder.node, holder]));
    }
    await systemClock.sleep(100, signal);
    if (waited > 2000 && (await findHolders(plan.directory)).length < names.length) break;
  }
  const logs = await Promise.all(
    names.map((name) => Deno.readTextFile(`${plan.directory}/${name}/node.log`).catch(() => "")),
  );
  const reason = logs.join("\n").trim().split("\n").at(-1);
  throw new LabError(`The nodes of the lab could not be made: ${reason || "no reason given"}`);
}

/** Cables from every node and from this machine to a switch that has a network namespace of its own. */
async function connect(
  plan: LabPlan,
  nodes: readonly LabNode[],
  holders: ReadonlyMap<string, Holder>,
): Promise<void> {
  const hub = holders.get(SWITCH)!;
  const inHub = (...words: string[]) => run(...inside(hub, "ip", ...words));
  await inHub("link", "add", "bridge", "type", "bridge");
  await inHub("link", "set", "bridge", "up");
  for (const node of nodes) {
    const holder = holders.get(node.name)!;
    const inNode = (...words: string[]) => run(...inside(holder, "ip", ...words));
    await run(
      ...["ip", "link", "add", "name", node.name, "netns", `${hub.pid}`, "type", "veth"] as const,
      ...["peer", "name", "eth0", "netns", `${holder.pid}`],
    );
    await inHub("link", "set", node.name, "master", "bridge", "up");
    await inNode("addr", "add", `${node.address}/24`, "dev", "eth0");
    await inNode("link", "set", "eth0", "up");
    await inNode("route", "add", "default", "via", hostAddress(plan));
  }
  const outside = hostInterface(plan);
  await run(
    ...["ip", "link", "add", "name", outside, "type", "veth"] as const,
    ...["peer", "name", "machine", "netns", `${hub.pid}`],
  );
  await inHub("link", "set", "machine", "master", "bridge", "up");
  await run("ip", "addr", "add", `${hostAddress(plan)}/24`, "dev", outside);
  await run("ip", "link", "set", outside, "up");
}

async function join(plan: LabPlan, nodes: readonly LabNode[], signal?: AbortSignal): Promise<void> {
  const [first, ...others] = nodes;
  const manager = await labEngine(first!);
  try {
    await manager.initSwarm(first!.address);
    const { worker } = await manager.joinTokens();
    await Promise.all(others.map(async (node) => {
      const engine = await labEngine(node);
      try {
        await engine.joinSwarm(node.address, [`${first!.address}:2377`], worker);
      } finally {
        engine.close();
      }
    }));
    for (let waited = 0;; waited += 200) {
      refuseIfAborted(signal);
      const seen = await manager.nodes();
      if (seen.filter(({ Status }) => Status.State === "ready").length === nodes.length) {
        for (const node of seen) {
          const labels = { ...node.Spec.Labels, [SLOTS_LABEL]: `${plan.slots}` };
          await manager.updateNode(node, { Labels: labels });
        }
        return;
      }
      if (waited > READY_SECONDS * 1000) {
        throw new LabError(`Not every node joined the Swarm in ${READY_SECONDS} s`);
      }
      await systemClock.sleep(200, signal);
    }
  } finally {
    manager.close();
  }
}
