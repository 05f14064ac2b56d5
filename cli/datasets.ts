import { BUNDLED, type BundledDataset, datasetUrl } from "../datasets/mod.ts";
import { InputError, type Profile, profiledCapacity } from "../domain/mod.ts";
import { type DemandTable, readDemands, readProfile } from "../profiles/mod.ts";
import { readBundled } from "./bundled.ts";
import type { TableLayout } from "./output/table.ts";
import { renderTable } from "./output/table.ts";

/** A bundled dataset as bytes, with what is known about it. */
export interface LoadedDataset {
  readonly dataset: BundledDataset;
  readonly bytes: Uint8Array;
}

/**
 * Reads a bundled dataset from where the program itself was loaded.
 * @throws {UsageError} for an unknown name.
 * @throws {InputError} if the file is missing from the installation.
 */
export async function loadDataset(name: string): Promise<LoadedDataset> {
  const url = datasetUrl(name);
  try {
    const bytes = await readBundled(url);
    return { dataset: BUNDLED.find((dataset) => dataset.name === name)!, bytes };
  } catch (error) {
    throw new InputError(`Cannot read the bundled dataset ${name} at ${url}`, { cause: error });
  }
}

/** A bundled profile. */
export async function loadBundledProfile(name: string): Promise<Profile> {
  const { dataset, bytes } = await loadDataset(name);
  return (await readProfile(bytes, dataset.file)).profile;
}

/** Bundled demands. */
export async function loadBundledDemands(name: string): Promise<DemandTable> {
  const { dataset, bytes } = await loadDataset(name);
  return readDemands(new TextDecoder().decode(bytes), dataset.file);
}

/** What is bundled, as a table for people. */
export function renderDatasets(layout: TableLayout): string {
  return renderTable<BundledDataset>(
    [
      { title: "Name", align: "left", cell: ({ name }) => name },
      { title: "Kind", align: "left", cell: ({ kind }) => kind },
      { title: "What it is", align: "left", cell: ({ summary }) => summary, wraps: true },
    ],
    BUNDLED,
    layout,
  );
}

/** Facts about a dataset, in the field names of `--json`. */
export interface DatasetFacts {
  readonly name: string;
  readonly kind: BundledDataset["kind"];
  readonly summary: string;
  readonly file: string;
  readonly apps: readonly string[];
  readonly rows: number;
  /** Slots of the fullest configuration; null for demands. */
  readonly capacity: number | null;
  /** Containers of the smallest and the largest demand; null for a profile. */
  readonly containers: readonly [number, number] | null;
}

/** Reads a dataset and says what it holds. */
export async function datasetFacts(name: string): Promise<DatasetFacts> {
  const { dataset } = await loadDataset(name);
  if (dataset.kind === "profile") {
    const profile = await loadBundledProfile(name);
    const { apps, rows } = profile;
    return { ...dataset, apps, rows, capacity: profiledCapacity(profile), containers: null };
  }
  const { apps, demands } = await loadBundledDemands(name);
  const totals = demands.map((demand) => demand.reduce((sum, count) => sum + count, 0));
  return {
    ...dataset,
    apps,
    rows: demands.length,
    capacity: null,
    containers: [Math.min(...totals), Math.max(...totals)],
  };
}
