// What the tests of policies share: the published split and weights of 2020.
import { toNumbers } from "../profiles/npy.ts";
import { readNpzArrays } from "../profiles/mod.ts";
import { readReference, referenceText } from "../reference/folder.ts";
import type { Network } from "./learning/network.ts";
import { type NamedArray, readPublishedNetworks } from "./checkpoint/published.ts";
import { type SubSchedulers, subSchedulersFromNetworks } from "./paper/sub_schedulers.ts";

/** The split over three sub-clusters that the 2020 program found for the first demand of 200. */
export function referenceSplit(): number[][] {
  const lines = referenceText("metis-81nodes-200-0.csv").trim().split("\n").slice(1);
  return lines.map((line) => line.split(",").slice(1).map(Number));
}

/** The published weights of 2020, by size class. */
export async function publishedSubSchedulers(apps: readonly string[]): Promise<SubSchedulers> {
  return subSchedulersFromNetworks(await publishedNetworks(), apps);
}

/** The networks of the published weights of 2020. */
export async function publishedNetworks(): Promise<Network[]> {
  const name = "metis-subschedulers-2020.npz";
  const arrays: Record<string, NamedArray> = {};
  for (const [key, array] of await readNpzArrays(readReference(name), name)) {
    arrays[key] = { shape: array.shape, data: toNumbers(array, key) };
  }
  return readPublishedNetworks(arrays, name);
}

/** Sub-cluster i gets demand div parts, plus one if i < demand mod parts, per app. */
export function evenSplit(demand: readonly number[], parts: number): number[][] {
  return Array.from(
    { length: parts },
    (_, part) => demand.map((count) => Math.floor(count / parts) + (part < count % parts ? 1 : 0)),
  );
}
