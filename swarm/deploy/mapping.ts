import { countOf, InputError, type Placement, type Problem } from "../../domain/mod.ts";
import { assign } from "./assignment.ts";
import { type Host, listed } from "./hosts.ts";

/** Containers of each app on each host name, as they run now. */
export type RunningCounts = ReadonlyMap<string, ReadonlyMap<string, number>>;

/**
 * Decides which node of the Swarm is which node of the plan. Where hosts were named one by one, or the plan
 * fences nodes, by position; else nodes of a plan are interchangeable, and the assignment that moves fewest
 * containers is taken. Plan nodes without containers need no host.
 * @returns The host of each node of the plan; null if the node is empty and no host is left for it.
 * @throws {InputError} if hosts are too few, too small, unlike what the plan asks, or unavailable.
 */
export function mapNodes(
  problem: Problem,
  placement: Placement,
  hosts: readonly Host[],
  running: RunningCounts,
  byPosition: boolean,
): (Host | null)[] {
  const rows = usedRows(placement);
  const wanted = classLabels(problem);
  const lacks = (node: number, host: Host): string | null => {
    const containers = rowSum(placement, node);
    if (containers > host.capacity) {
      return `node ${node} of the plan holds ${
        countOf(containers, "container")
      }, ${host.hostname} takes ${host.capacity}`;
    }
    const label = Object.entries(wanted[node] ?? {}).find(([key, value]) =>
      host.labels[key] !== value
    );
    if (label !== undefined) {
      return `node ${node} of the plan needs the label ${
        label.join("=")
      }, ${host.hostname} lacks it`;
    }
    return host.unavailable === null ? null : `${host.hostname} is ${host.unavailable}`;
  };
  const fixed = byPosition || problem.rules.fencedNodes.length > 0;
  if (fixed) return positions(placement, hosts, rows, lacks);
  const usable = hosts.filter(({ unavailable }) => unavailable === null);
  if (rows.length > usable.length) throw tooFew(rows.length, hosts, usable);
  const columnOf = assign(
    rows.length,
    usable.length,
    (row, column) =>
      lacks(rows[row]!, usable[column]!) !== null
        ? -Infinity
        : staying(problem, placement, rows[row]!, running.get(usable[column]!.hostname)),
  );
  if (columnOf === null) {
    const reason = rows.map((node) =>
      usable.map((host) => lacks(node, host)).find((text) => text !== null)
    ).find((text) => text !== undefined);
    throw new InputError(`The nodes of the Swarm do not fit the plan: ${reason}`);
  }
  const mapped = new Array<Host | null>(placement.nodes).fill(null);
  rows.forEach((node, row) => mapped[node] = usable[columnOf[row]!]!);
  return mapped;
}

function positions(
  placement: Placement,
  hosts: readonly Host[],
  rows: readonly number[],
  lacks: (node: number, host: Host) => string | null,
): (Host | null)[] {
  const last = rows.at(-1) ?? -1;
  if (last >= hosts.length) throw tooFew(last + 1, hosts, hosts);
  for (const node of rows) {
    const reason = lacks(node, hosts[node]!);
    if (reason !== null) {
      throw new InputError(`The nodes of the Swarm do not fit the plan: ${reason}`);
    }
  }
  return Array.from({ length: placement.nodes }, (_, node) => hosts[node] ?? null);
}

function tooFew(needed: number, hosts: readonly Host[], usable: readonly Host[]): InputError {
  const out = hosts.filter(({ unavailable }) => unavailable !== null);
  const away = out.length === 0
    ? ""
    : `; ${out.map(({ hostname, unavailable }) => `${hostname} is ${unavailable}`).join(", ")}`;
  return new InputError(
    `The plan needs ${needed} nodes, the Swarm offers ${usable.length} (${
      listed(usable.map(({ hostname }) => hostname)) || "none"
    })${away}: plan for fewer by --nodes, or add nodes`,
  );
}

function usedRows(placement: Placement): number[] {
  return Array.from({ length: placement.nodes }, (_, node) => node)
    .filter((node) => rowSum(placement, node) > 0);
}

function rowSum({ apps, counts }: Placement, node: number): number {
  let sum = 0;
  for (let app = 0; app < apps; app++) sum += counts[node * apps + app]!;
  return sum;
}

/** Containers that may stay where they are if a node of the plan becomes a host. */
function staying(
  { apps }: Problem,
  { counts }: Placement,
  node: number,
  running: ReadonlyMap<string, number> | undefined,
): number {
  if (running === undefined) return 0;
  return apps.reduce(
    (sum, name, app) => sum + Math.min(counts[node * apps.length + app]!, running.get(name) ?? 0),
    0,
  );
}

function classLabels({ cluster }: Problem): Readonly<Record<string, string>>[] {
  return cluster.nodeClasses.flatMap(({ count, labels }) =>
    Array.from({ length: count }, () => labels)
  );
}
