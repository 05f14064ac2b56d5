/**
 * Makes the reference data from a checkout of the 2020 release of Metis. Pure: bytes in, bytes out.
 * @module
 */
import { InputError } from "../domain/mod.ts";
import { referenceOrder } from "../models/reference_split.ts";
import { sha256 } from "../policies/checkpoint/mod.ts";
import { PAPER_APPS, readNpzArrays } from "../profiles/mod.ts";
import { toNumbers } from "../profiles/npy.ts";
import { REFERENCE_FILES, type ReferenceName } from "./files.ts";
import { fitReferenceForest } from "./forest.ts";
import { type FloatArray, NumpyGenerator, writeNpz } from "./numpy.ts";
import { SOURCES } from "./sources.ts";
import { readTensorBundle } from "./tensor_bundle.ts";

const DATASETS = "Experiments/simulator/datasets";
const PROFILE = `${DATASETS}/0905-2008results-median-normed.npz`;
/** Demands of each 2020 batch file that are taken, and demands that are drawn where it is broken. */
const BATCH_ROWS = 50;
const DRAWN_ROWS = 30;
const CAPACITY = 8;

/** Reads a file of a checkout by its path; null if there is none. */
export type ReadSource = (path: string) => Promise<Uint8Array | null>;

/**
 * The reference data by name, in the order of {@link REFERENCE_FILES}.
 * @param read Reads a file of the checkout.
 * @param sources SHA-256 of the files that may be read; tests give their own.
 * @throws {InputError} naming the file that is missing from the checkout, that is not the one of 2020, or that
 * comes out otherwise than it should.
 */
export async function makeReferenceData(
  read: ReadSource,
  sources: Readonly<Record<string, string>> = SOURCES,
): Promise<Map<ReferenceName, Uint8Array>> {
  // All are checked before the long work begins.
  const checked = new Map<string, Uint8Array>();
  for (const [path, sum] of Object.entries(sources)) {
    checked.set(path, await checkedSource(path, sum, read));
  }
  const source = (path: string): Uint8Array => {
    const bytes = checked.get(path);
    if (bytes === undefined) throw new InputError(`${path}: is not among the files of the release`);
    return bytes;
  };
  const made = new Map<ReferenceName, Uint8Array>();
  for (const { name, sha256: expected } of REFERENCE_FILES) {
    const bytes = await MAKERS[name](source);
    const sum = await sha256(bytes);
    if (sum !== expected) {
      throw new InputError(
        `${name}: comes out with SHA-256 ${sum} where ${expected} is expected: please report it`,
      );
    }
    made.set(name, bytes);
  }
  return made;
}

async function checkedSource(path: string, sum: string, read: ReadSource): Promise<Uint8Array> {
  const bytes = await read(path);
  if (bytes === null) {
    throw new InputError(
      `${path}: is missing: name a checkout of the 2020 release of Metis (docs/data.md)`,
    );
  }
  const found = await sha256(bytes);
  if (found !== sum) {
    throw new InputError(
      `${path}: is not the file of the 2020 release: its SHA-256 is ${found}, not ${sum}`,
    );
  }
  return bytes;
}

type Maker = (source: (path: string) => Uint8Array) => Uint8Array | Promise<Uint8Array>;

const copyOf = (path: string): Maker => (source) => source(path);

function csv(header: readonly string[], rows: readonly (readonly (number | string)[])[]) {
  return new TextEncoder().encode([header, ...rows].map((row) => `${row.join(",")}\n`).join(""));
}

/** The first demands of a batch file. */
function batchOf(containers: number): Maker {
  const path = `Experiments/data/batch_set_${containers}.npz`;
  return async (source) => {
    const { values, columns } = await matrixOf(source(path), "batch_set", path);
    const rows = Array.from(
      { length: BATCH_ROWS },
      (_, row) => [...values.subarray(row * columns, (row + 1) * columns)],
    );
    return csv(PAPER_APPS, rows);
  };
}

/** Demands in which each container is of each app with the same chance; the 2020 file of 3000 is broken. */
function drawnDemands(containers: number, rows: number): Uint8Array {
  const draws = new NumpyGenerator(containers);
  return csv(
    PAPER_APPS,
    Array.from({ length: rows }, () => draws.evenMultinomial(containers, PAPER_APPS.length)),
  );
}

/** The split over three sub-clusters in the log of the 2020 program. */
const publishedSplit: Maker = async (source) => {
  const path = "Experiments/checkpoint/81nodes_0_200/optimal_file_name.npz";
  const { values, columns } = await matrixOf(source(path), "allocation_optimal", path);
  const rows = Array.from(
    { length: values.length / columns },
    (_, part) => [part, ...values.subarray(part * columns, (part + 1) * columns)],
  );
  return csv(["subcluster", ...PAPER_APPS], rows);
};

/** The networks of the sub-schedulers. Those of levels 1 to N are in the checkpoint of level N; its own is taken. */
const publishedWeights: Maker = (source) => {
  const arrays = new Map<string, FloatArray>();
  for (let size = 0; size < 200; size += 10) {
    for (const level of [1, 2, 3]) {
      const path = `Experiments/checkpoint/subScheduler_${size}_${level}/model.ckpt`;
      const index = source(`${path}.index`);
      const tensors = readTensorBundle(index, source(`${path}.data-00000-of-00001`), path);
      for (const layer of ["fc1", "fc2"]) {
        for (const part of ["kernel", "bias"]) {
          const name = `${layer}${size}${level}/${part}`;
          const array = tensors.get(name);
          if (array === undefined) throw new InputError(`${path}: there is no tensor ${name}`);
          arrays.set(`class${size}_level${level}_${layer}_${part}`, array);
        }
      }
    }
  }
  return writeNpz(arrays);
};

/** The surface of the 2020 program: one forest per app, on the training part of the 2008 rows. */
const forestTable: Maker = async (source) => {
  const bytes = source(PROFILE);
  const width = PAPER_APPS.length;
  const { values: alloc, columns } = await matrixOf(bytes, "alloc", PROFILE);
  const { values: rps } = await matrixOf(bytes, "rps", PROFILE);
  const rows = alloc.length / columns;
  const train = referenceOrder(rows, 42).subarray(Math.ceil(0.1 * rows));
  const counts = [...train].flatMap((row) => [
    ...alloc.subarray(row * columns, row * columns + width),
  ]);
  const configurations = inLexicalOrder(width, CAPACITY);
  const grid = configurations.flat();
  const predictions = PAPER_APPS.map((_, app) => {
    const targets = Float64Array.from(train, (row) => rps[row * columns + app]! || 0);
    return fitReferenceForest({ width, counts, targets })(grid);
  });
  return csv(
    [...PAPER_APPS, ...PAPER_APPS.map((app) => `rps:${app}`)],
    configurations.map((held, row) => [
      ...held,
      ...held.map((count, app) => sixDigits(count > 0 ? predictions[app]![row]! : 0)),
    ]),
  );
};

/** Every configuration of at most `slots` containers; the last app counts fastest. */
function inLexicalOrder(apps: number, slots: number): number[][] {
  if (apps === 0) return [[]];
  return Array.from(
    { length: slots + 1 },
    (_, count) => inLexicalOrder(apps - 1, slots - count).map((rest) => [count, ...rest]),
  ).flat();
}

/** Six digits after the point as C prints them: halves go to the even neighbour, where toFixed() goes up. */
function sixDigits(value: number): string {
  const [whole, digits] = value.toFixed(60).split(".") as [string, string];
  const isHalf = /^50*$/.test(digits.slice(6));
  return isHalf && Number(digits[5]) % 2 === 0
    ? `${whole}.${digits.slice(0, 6)}`
    : value.toFixed(6);
}

async function matrixOf(
  bytes: Uint8Array,
  name: string,
  path: string,
): Promise<{ values: Float64Array; columns: number }> {
  const array = (await readNpzArrays(bytes, path)).get(name);
  if (array === undefined || array.shape.length !== 2) {
    throw new InputError(`${path}: there is no matrix ${name}`);
  }
  return { values: toNumbers(array, `${path}: ${name}`), columns: array.shape[1]! };
}

const MAKERS: Readonly<Record<ReferenceName, Maker>> = {
  "LICENSE-metis": copyOf("LICENSE"),
  "batch-200.csv": batchOf(200),
  "batch-300.csv": batchOf(300),
  "batch-400.csv": batchOf(400),
  "batch-1000.csv": batchOf(1000),
  "batch-2000.csv": batchOf(2000),
  "batch-3000.csv": () => drawnDemands(3000, DRAWN_ROWS),
  "metis-2008.npz": copyOf(PROFILE),
  "metis-322.npz": copyOf(`${DATASETS}/1212-322results-normed.npz`),
  "metis-81nodes-200-0.csv": publishedSplit,
  "metis-interference.csv": copyOf("Experiments/interference_applist.csv"),
  "metis-interference-rps.csv": copyOf("Experiments/interference_rpslist.csv"),
  "metis-pairwise.csv": copyOf(`${DATASETS}/0905-7app-2008-pairwise-normed.csv`),
  "metis-pairwise-per-app.csv": copyOf(`${DATASETS}/0905-7app-2008-pairwise-normed-per-app.csv`),
  "metis-subschedulers-2020.npz": publishedWeights,
  "rf20-table.csv": forestTable,
};
