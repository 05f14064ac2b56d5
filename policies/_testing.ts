// What the tests of policies share: the exact surface of the comparisons, and the published weights.
import { existsSync, readFileSync } from "node:fs";
import type { Profile } from "../domain/mod.ts";
import { TableModel } from "../models/mod.ts";
import { readNpy, toNumbers } from "../profiles/npy.ts";
import { readZip } from "../profiles/zip.ts";
import { Simulator } from "../sim-wasm/mod.ts";
import { type NamedArray, readPublishedNetworks } from "./checkpoint/published.ts";
import { type SubSchedulers, subSchedulersFromNetworks } from "./paper/sub_schedulers.ts";

const folder = new URL("../../shared/data/", import.meta.url);

/** True where the reference data are at hand: tests that need them say so in their names. */
export const HAS_DATA = existsSync(new URL("rf20-table.csv", folder));

function rows(file: string): { header: string[]; rows: number[][] } {
  const lines = readFileSync(new URL(file, folder), "utf8").trim().split("\n");
  return {
    header: lines[0]!.split(","),
    rows: lines.slice(1).map((line) => line.split(",").map(Number)),
  };
}

/** The surface of all published figures, 8 slots. */
export function referenceSimulator(): Simulator {
  const { header, rows: lines } = rows("rf20-table.csv");
  const apps = header.filter((name) => !name.startsWith("rps:"));
  const profile: Profile = {
    apps,
    rows: lines.length,
    counts: Uint8Array.from(lines.flatMap((line) => line.slice(0, apps.length))),
    rps: Float64Array.from(lines.flatMap((line) => line.slice(apps.length))),
  };
  return Simulator.create({ model: new TableModel(profile), capacity: 8 });
}

/** The demands of a batch file, such as "batch-200.csv". */
export function referenceDemands(file: string): number[][] {
  return rows(file).rows;
}

/** The split over three sub-clusters that the 2020 program found for the first demand of 200. */
export function referenceSplit(): number[][] {
  return rows("metis-81nodes-200-0.csv").rows.map((row) => row.slice(1));
}

/** The published weights of 2020. */
export async function publishedSubSchedulers(apps: readonly string[]): Promise<SubSchedulers> {
  const name = "metis-subschedulers-2020.npz";
  const arrays: Record<string, NamedArray> = {};
  const bytes = new Uint8Array(readFileSync(new URL(name, folder)));
  for (const entry of await readZip(bytes, name)) {
    const array = readNpy(entry.bytes, entry.name);
    if (array.kind !== "numbers") continue;
    arrays[entry.name.replace(/\.npy$/, "")] = {
      shape: array.shape,
      data: toNumbers(array, entry.name),
    };
  }
  return subSchedulersFromNetworks(readPublishedNetworks(arrays, name), apps);
}

/** Sub-cluster i gets demand div parts, plus one if i < demand mod parts, per app. */
export function evenSplit(demand: readonly number[], parts: number): number[][] {
  return Array.from(
    { length: parts },
    (_, part) => demand.map((count) => Math.floor(count / parts) + (part < count % parts ? 1 : 0)),
  );
}
