import type { Demand, Profile } from "../domain/mod.ts";
import { TableModel } from "../models/mod.ts";
import { readDemands, readProfile } from "../profiles/mod.ts";
import { Simulator } from "../sim-wasm/mod.ts";
import type { ReferenceName } from "./files.ts";
import { readReference, referenceText } from "./folder.ts";

/** Slots of a node in the 2020 data. */
export const REFERENCE_CAPACITY = 8;

/** Sizes of the demands, in containers: the first three are for 81 nodes, the others for 729. */
export const REFERENCE_SIZES = [200, 300, 400, 1000, 2000, 3000] as const;

/** A size of the demands. */
export type ReferenceSize = typeof REFERENCE_SIZES[number];

/** A profile of the reference data. @throws {InputError} if it is missing. */
export async function referenceProfile(
  name: Extract<ReferenceName, `metis-${number}.npz` | "rf20-table.csv">,
): Promise<Profile> {
  return (await readProfile(readReference(name), name)).profile;
}

/** The surface of all published figures: every configuration of up to 8 containers. */
export async function referenceSimulator(): Promise<Simulator> {
  const model = new TableModel(await referenceProfile("rf20-table.csv"));
  return Simulator.create({ model, capacity: REFERENCE_CAPACITY });
}

/** The demands of a size. @throws {InputError} if they are missing. */
export function referenceDemands(containers: ReferenceSize): readonly Demand[] {
  const name = `batch-${containers}.csv` as const;
  return readDemands(referenceText(name), name).demands;
}
