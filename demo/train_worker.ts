/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />
/**
 * The worker that trains the policy that comes with Metis further, on the profile of the page: the learner of `metis train`.
 * @module
 */
import {
  drawEvenDemand,
  encodeCheckpoint,
  loadTensorFlow,
  metisLearner,
  metisPolicyScheduler,
  type Network,
  type PolicyInfo,
  problemOn,
  proveBound,
  Random,
  runScheduler,
  type SchedulingProblem,
  type Simulator,
  simulatorOfData,
  surfaceFingerprint,
  uniformCluster,
  universalPolicy,
} from "../mod.ts";
import type { TrainWorkerMethods } from "./worker/protocol.ts";
import { serveCalls } from "./worker/rpc.ts";
import { tarOf } from "./worker/tar.ts";

/** Updates small enough for a page; `metis train` takes larger ones. */
const SMALL = { demands: 3, samples: 6, polished: 2 } as const;
/** Validation demands, and updates between two validations. */
const VALIDATIONS = 6;
const VALIDATE_EVERY = 20;
/** Share of the slots that a validation demand fills. */
const FILL = 0.4;

serveCalls<TrainWorkerMethods>(self, {
  async train({ surface, nodes, updates, seed }, { signal, tell }) {
    const { apps, capacity } = surface;
    const cluster = uniformCluster(nodes, capacity);
    const simulator = simulatorOfData(surface);
    const wasmPath = new URL("./", import.meta.url).href;
    const tensorflow = await loadTensorFlow({ wasmPath });
    const config = { ...metisLearner.defaults, ...SMALL, updates };
    const parts = (await universalPolicy("metis"))!.networks;
    const trainer = metisLearner.create(tensorflow, { simulator, cluster, parts }, config, seed);
    const started = performance.now();
    try {
      const cases = await validationCases(simulator, nodes, seed);
      let last = { update: 0, gap: null as number | null };
      for (let update = 0; update <= updates && !signal.aborted; update++) {
        const measures = update % VALIDATE_EVERY === 0 || update === updates;
        const gap = measures ? await gapOf(trainer.networks(), cases) : null;
        last = { update, gap };
        if (update === updates) {
          tell({ update, regret: NaN, gap, seconds: (performance.now() - started) / 1000 });
          break;
        }
        const { meanReward } = trainer.update();
        const seconds = (performance.now() - started) / 1000;
        tell({ update, regret: -meanReward, gap, seconds });
        // Lets an abort through.
        await new Promise((resume) => setTimeout(resume, 0));
      }
      const networks = trainer.networks();
      const info: PolicyInfo = {
        kind: metisLearner.policyKind,
        algorithm: metisLearner.algorithm,
        ...{ apps, capacity, nodes, seed, preset: null, data: null },
        surface: await surfaceFingerprint(simulator),
        updates: last.update,
        episodes: last.update * SMALL.demands * SMALL.samples,
        options: { ...config },
        metrics: { "eval/gap": last.gap },
        versions: {},
        created: null,
      };
      return { networks, archive: await archiveOf(info, networks), backend: tensorflow.backend };
    } finally {
      trainer.dispose();
      simulator.dispose();
    }

    async function validationCases(
      simulator: Simulator,
      nodes: number,
      seed: number,
    ): Promise<{ problem: SchedulingProblem; bound: number }[]> {
      const draws = new Random(seed ^ 0x76616c69);
      const slots = nodes * capacity;
      return await Promise.all(Array.from({ length: VALIDATIONS }, async () => {
        const demand = drawEvenDemand(apps.length, Math.round(FILL * slots), draws);
        const problem = problemOn(simulator, { cluster, demand });
        return { problem, bound: (await proveBound(problem, { effort: "lp" })).boundTotal };
      }));
    }
  },
});

/** A policy directory of the command line, named policy, in one file. */
async function archiveOf(info: PolicyInfo, networks: readonly Network[]): Promise<Blob> {
  const files = await encodeCheckpoint({ info, networks, trainer: null });
  return tarOf(new Map(Array.from(files, ([path, bytes]) => [`policy/${path}`, bytes])));
}

async function gapOf(
  networks: readonly Network[],
  cases: readonly { readonly problem: SchedulingProblem; readonly bound: number }[],
): Promise<number> {
  const scheduler = metisPolicyScheduler(networks);
  let sum = 0;
  for (const { problem, bound } of cases) {
    const { total } = await runScheduler(scheduler, problem);
    sum += (bound - total) / bound;
  }
  return sum / cases.length;
}
