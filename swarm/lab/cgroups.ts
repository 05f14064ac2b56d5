import { UsageError } from "../../domain/errors.ts";
import { mountPoints, run } from "./host.ts";
import { type LabNode, labNodes, type LabPlan } from "./layout.ts";

/** How the containers of a lab share this machine with everything else on it. */
export interface LabResources {
  /** CPUs that the containers of a node may use, by its name: `{ n1: "0", n2: "2-3" }`. */
  readonly cpus: Readonly<Record<string, string>>;
  /** Containers of the lab have priority over all other work of this machine. */
  readonly priority: boolean;
}

/** Shares of a node with priority: a session of other work has 1024. */
const SHARES = 262_144;
/** The same for control groups of version 2, where others have 100. */
const WEIGHT = 10_000;

/** Reads `n1=0,n2=2-3`. @throws {UsageError} if it is not such a list. */
export function readNodeCpus(text: string): Record<string, string> {
  const cpus: Record<string, string> = {};
  // A comma may belong to a list of CPUs: a node's name begins with a letter.
  for (const part of text.split(/,(?=[a-z])/)) {
    const match = /^(n\d+)=(\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*)$/.exec(part);
    if (match === null) throw new UsageError(`--cpus must be like n1=0,n2=2-3: ${part}`);
    cpus[match[1]!] = match[2]!;
  }
  return cpus;
}

/**
 * Makes the control groups of the nodes before there are containers: what runs below inherits their CPUs and weight.
 * They go with the lab (labDown), and as long as it is there, they outlive its engines.
 */
export async function prepareCgroups(
  plan: LabPlan,
  { cpus, priority }: LabResources,
): Promise<void> {
  const nodes = labNodes(plan);
  const unknown = Object.keys(cpus).find((name) => !nodes.some((node) => node.name === name));
  if (unknown !== undefined) {
    throw new UsageError(`--cpus names ${unknown}: the lab has n1 to n${plan.nodes}`);
  }
  if (Object.keys(cpus).length === 0 && !priority) return;
  const mounts = await mountPoints();
  // Both versions may be mounted: version 1 then has the controllers.
  const own = (controller: string) =>
    mounts.find(({ path, type }) =>
      type === "cgroup" && path.split("/").at(-1)!.split(",").includes(controller)
    )?.path;
  const unified = mounts.find(({ type }) => type === "cgroup2")?.path ?? "/sys/fs/cgroup";
  for (const node of nodes) {
    const list = cpus[node.name];
    if (list !== undefined) {
      const root = own("cpuset");
      if (root !== undefined) {
        await write(`${root}/${node.cgroup}`, [
          ["cpuset.cpus", list],
          ["cpuset.mems", await memoryNodes(root)],
        ]);
      } else await unifiedWrite(unified, node, "cpuset", [["cpuset.cpus", list]]);
    }
    if (priority) {
      const root = own("cpu");
      if (root !== undefined) {
        await write(`${root}/${node.cgroup}`, [["cpu.shares", `${SHARES}`]]);
      } else await unifiedWrite(unified, node, "cpu", [["cpu.weight", `${WEIGHT}`]]);
    }
  }
}

async function memoryNodes(root: string): Promise<string> {
  return (await run("cat", `${root}/cpuset.mems`)).trim();
}

async function unifiedWrite(
  root: string,
  node: LabNode,
  controller: string,
  settings: readonly (readonly [string, string])[],
): Promise<void> {
  await write(root, [["cgroup.subtree_control", `+${controller}`]]);
  await write(`${root}/${node.cgroup}`, settings);
}

/** By a shell, since Deno writes to /sys only where it has every permission. */
async function write(
  folder: string,
  settings: readonly (readonly [string, string])[],
): Promise<void> {
  await run("mkdir", "-p", folder);
  for (const [name, value] of settings) {
    await run("sh", "-c", 'echo "$2" > "$1"', "sh", `${folder}/${name}`, value);
  }
}
