import { readConstraints } from "../baselines/constraints/mod.ts";
import { paragon } from "../baselines/paragon/mod.ts";
import { NO_RULES, uniformCluster } from "../domain/mod.ts";
import { referenceDemands, referenceSimulator } from "../reference/data.ts";
import { referenceText } from "../reference/folder.ts";
import { runScheduler } from "../scheduling/mod.ts";
import type { Study } from "./common/study.ts";

const NODES = 81;
const ROWS = [0, 1, 2];
/** What the 2020 program reaches on these demands. */
const PUBLISHED = {
  200: "0.751, 0.746, 0.758",
  300: "0.728, 0.716, 0.712",
  400: "0.728, 0.726, 0.731",
} as const;

/** Paragon beside the published program. */
export const study: Study = {
  summary: "Paragon on the surface and the constraints of 2020, beside the published figures",
  takes: { all: "5 seconds", quick: "3 seconds" },
  needsData: { all: true, quick: true },
  cases: [],
  run: async ({ quick, seeds = 1, tell }) => {
    const simulator = await referenceSimulator();
    const { apps } = simulator;
    const file = "metis-interference.csv";
    const { constraints } = readConstraints(referenceText(file), apps, file);
    const rows: string[][] = [];
    for (const containers of quick ? [200] as const : [200, 300, 400] as const) {
      const demands = referenceDemands(containers);
      for (let seed = 1; seed <= seeds; seed++) {
        const means: string[] = [];
        for (const row of ROWS) {
          const cluster = uniformCluster(NODES, simulator.capacity);
          const problem = { apps, cluster, demand: demands[row]!, rules: NO_RULES, simulator };
          const run = await runScheduler(paragon, { ...problem, constraints }, { seed });
          means.push(run.mean.toFixed(3));
        }
        const label = `${containers} on ${NODES} nodes${seeds > 1 ? `, seed ${seed}` : ""}`;
        rows.push([label, ...means, PUBLISHED[containers]]);
        tell(rows.at(-1)!.join(", "));
      }
    }
    return [{
      title: "Paragon: mean normalised throughput",
      columns: [
        { title: "demand" },
        ...ROWS.map((row) => ({ title: `row ${row}`, isNumber: true as const })),
        { title: "published" },
      ],
      rows,
    }];
  },
};
