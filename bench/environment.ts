import { NO_RULES, Random, uniformCluster } from "../domain/mod.ts";
import { PlacementEnvironment } from "../policies/environment/mod.ts";
import { readProfile } from "../profiles/mod.ts";
import { surfaceFromProfile } from "../scheduling/mod.ts";
import { blocksOf } from "../tools/_docs.ts";
import { type BenchmarkRow, runPeer } from "./measure.ts";

const PROFILE = "synthetic-7x8.csv";
const DEMAND = [27, 32, 12, 37, 30, 34, 28];
const NODES = 81;
const CAPACITY = 8;
/** Environments that are stepped together. */
const NUMBERS = [1, 16, 64];
/** Seconds that each figure is taken over. */
const SECONDS = 2;

/**
 * The environment for other people's learners: `metis env` from Python, by the client of docs/environment.md, beside the same
 * random actions in process. Both draw an action for each environment from its mask.
 */
export async function benchEnvironment(): Promise<BenchmarkRow[]> {
  const folder = await Deno.makeTempDir();
  try {
    const page = await Deno.readTextFile(new URL("../docs/environment.md", import.meta.url));
    const client = blocksOf(page).find(({ file }) => file === "metis_env.py")!;
    await Deno.writeTextFile(`${folder}/metis_env.py`, client.code);
    const path = (name: string) => new URL(name, import.meta.url).pathname;
    const main = path("../cli/main.ts");
    const program = [Deno.execPath(), "run", "--quiet", "--allow-read", "--allow-env", main];
    const cluster = ["--nodes", `${NODES}`, "--capacity", `${CAPACITY}`, "--demand", `${DEMAND}`];
    const peer = await runPeer(
      "/usr/bin/env",
      [`PYTHONPATH=${folder}`, "/usr/bin/python3", path("peers/environment.py")],
      JSON.stringify({
        program,
        arguments: [
          "--profile",
          path(`../datasets/${PROFILE}`),
          "--fit",
          "extra-trees",
          ...cluster,
        ],
        seconds: SECONDS,
        numbers: NUMBERS,
      }),
    ) as number[] | null;
    const inProcess = await stepsInProcess();
    return NUMBERS.flatMap((number, at) => {
      const workload = `placing on ${NODES} nodes, ${number} at once`;
      const [suite, unit, better] = ["environment", "steps/s", "higher"] as const;
      const ours = inProcess[at]!;
      if (peer === null) {
        return [{ suite, workload: `${workload}, in process`, ours, unit, better }];
      }
      const row = { suite, workload: `${workload}, from Python`, ours: peer[at]!, unit, better };
      return [{ ...row, alternative: "in process", theirs: ours }];
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Steps of one environment a second, for each number of environments. */
async function stepsInProcess(): Promise<number[]> {
  const bytes = await Deno.readFile(new URL(`../datasets/${PROFILE}`, import.meta.url));
  const { profile } = await readProfile(bytes, PROFILE);
  const surface = surfaceFromProfile(profile, { source: PROFILE, fit: "extra-trees", seed: 1 });
  using simulator = surface.simulator(CAPACITY);
  const cluster = uniformCluster(NODES, CAPACITY);
  const problem = { apps: profile.apps, cluster, demand: DEMAND, rules: NO_RULES };
  return NUMBERS.map((environments) => {
    const environment = new PlacementEnvironment({ simulator, problem, environments });
    playFor(environment, SECONDS / 4);
    return playFor(environment, SECONDS);
  });
}

function playFor(environment: PlacementEnvironment, seconds: number): number {
  const { environments, masks, actionSpace: { n } } = environment;
  const draws = new Random(1);
  const actions = new Uint32Array(environments);
  environment.reset({ seed: 1 });
  let steps = 0;
  const started = performance.now();
  while (performance.now() - started < 1000 * seconds) {
    for (let at = 0; at < environments; at++) {
      // The first open action from a random one on.
      let action = draws.below(n);
      while (masks[at * n + action] === 0) action = (action + 1) % n;
      actions[at] = action;
    }
    environment.step(actions);
    steps += environments;
  }
  return 1000 * steps / (performance.now() - started);
}
