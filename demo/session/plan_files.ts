import {
  appOrder,
  InputError,
  maxCapacity,
  type Placement,
  placementRows,
  type Problem,
  problemInOrder,
  readPlan,
  type Running,
} from "../../mod.ts";
import type { NamedFile } from "./packing.ts";

/** A plan file of what runs: all that a link needs of it. */
export function fileOfRunning(name: string, { apps, cluster, placement }: Running): NamedFile {
  const plan = { apps, cluster: cluster.nodeClasses, placement: placementRows(placement) };
  return { name, bytes: new TextEncoder().encode(JSON.stringify(plan)) };
}

/**
 * Reads a plan file, in the order of the profile's apps.
 * @throws {InputError} if it is none, or of other apps, or of larger nodes than were profiled.
 */
export function placementOfFile(
  { name: file, bytes }: NamedFile,
  apps: readonly string[],
  capacity: number,
): { readonly problem: Problem; readonly placement: Placement } {
  const { problem, placement } = readPlan(new TextDecoder().decode(bytes), file);
  const order = appOrder(apps, problem.apps, file);
  if (maxCapacity(problem.cluster) > capacity) {
    throw new InputError(
      `${file}: has nodes of ${
        maxCapacity(problem.cluster)
      } slots, but the profile knows ${capacity}`,
    );
  }
  const counts = new Uint8Array(placement.counts.length);
  const width = apps.length;
  for (let at = 0; at < counts.length; at++) {
    const node = Math.floor(at / width);
    counts[at] = placement.counts[node * width + order[at % width]!]!;
  }
  return {
    problem: problemInOrder(problem, apps),
    placement: { nodes: placement.nodes, apps: width, counts },
  };
}
