import { selectRows } from "../domain/mod.ts";
import { fitGaussian, fitModel } from "../models/mod.ts";
import { readProfile, writeProfileCsv } from "../profiles/mod.ts";
import { Simulator } from "../sim-wasm/mod.ts";
import { type BenchmarkRow, runPeer, secondsOf } from "./measure.ts";

/** Fitting and predicting the models, beside scikit-learn where it is installed. */
export async function benchFit(): Promise<BenchmarkRow[]> {
  const path = new URL("../datasets/synthetic-7x8.csv", import.meta.url);
  const { profile } = await readProfile(await Deno.readFile(path), "synthetic-7x8.csv");
  const rows: BenchmarkRow[] = [];
  for (const count of [322, profile.rows]) {
    const part = selectRows(profile, Array.from({ length: count }, (_, row) => row));
    const peer = await runPeer(
      "/usr/bin/python3",
      [new URL("peers/forest.py", import.meta.url).pathname],
      writeProfileCsv(part),
    ) as { fit: number; predict6435: number } | null;
    const alternative = "scikit-learn";
    for (const name of ["forest", "extra-trees"]) {
      const peerFit = name === "forest" && peer !== null ? { alternative, theirs: peer.fit } : {};
      rows.push({
        suite: "fit",
        workload: `${name}, ${count} rows, ${profile.apps.length} apps x 100 trees`,
        ours: await secondsOf(() => fitModel(name, part, { seed: 1 }), { rounds: 3 }),
        unit: "s",
        better: "lower",
        ...peerFit,
      });
    }
    const { hyperparameters } = fitGaussian(part, { seed: 1 });
    rows.push({
      suite: "fit",
      workload: `gaussian, ${count} rows, refit in the loop of active profiling`,
      ours: await secondsOf(() => fitGaussian(part, { seed: 1, steps: 0, hyperparameters }), {
        rounds: 3,
      }),
      unit: "s",
      better: "lower",
    });
    const model = fitModel("forest", part, { seed: 1 });
    rows.push({
      suite: "predict",
      workload: `forest of ${count} rows, configuration by configuration`,
      ours: part.rows / await secondsOf(() => model.predict(part.counts, part.rows), { rounds: 3 }),
      unit: "nodes/s",
      better: "higher",
    });
    rows.push({
      suite: "predict",
      workload: `forest of ${count} rows, table of 6435 configurations`,
      ours: await secondsOf(() => Simulator.create({ model, capacity: 8 }), { rounds: 3 }),
      unit: "s",
      better: "lower",
      ...(peer !== null ? { alternative, theirs: peer.predict6435 } : {}),
    });
  }
  return rows;
}
