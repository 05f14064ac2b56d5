import { cpuUsage } from "node:process";
import { configurationKey, Random, uniformCluster } from "../domain/mod.ts";
import { fitModel } from "../models/mod.ts";
import { observationSize, SUB_OBSERVATION } from "../policies/environment/observation.ts";
import { createPaperNetwork, type Network } from "../policies/learning/network.ts";
import { HIGH_OPTIONS } from "../policies/paper/demand_config.ts";
import { highLearner, subLearner } from "../policies/paper/learners.ts";
import { PUBLISHED_SETTINGS, SUB_OPTIONS } from "../policies/paper/sub_config.ts";
import {
  SIZE_CLASSES,
  SUB_BRANCHING,
  SUB_NODES,
  subNetworkName,
} from "../policies/paper/sub_schedulers.ts";
import { loadTensorFlow } from "../policies/learning/tensorflow.ts";
import { readProfile } from "../profiles/mod.ts";
import { Simulator } from "../sim-wasm/mod.ts";
import { allConfigurations } from "../profiling/active.ts";
import { type BenchmarkRow, runPeer } from "./measure.ts";

const DEMAND = [27, 32, 12, 37, 30, 34, 28];
const NODES = 81;
const CAPACITY = 8;
/** Updates that are timed, after as many that are not. */
const UPDATES = 60;

/** The same of sub-schedulers, of more episodes each. */
const SUB_UPDATES = 5;

/** Training in the paper's way, episode by episode, beside the same program in numpy; CPU seconds of one core. */
export async function benchLearn(): Promise<BenchmarkRow[]> {
  const path = new URL("../datasets/synthetic-7x8.csv", import.meta.url);
  const { profile } = await readProfile(await Deno.readFile(path), "synthetic-7x8.csv");
  const model = fitModel("extra-trees", profile, { seed: 1 });
  const simulator = Simulator.create({ model, capacity: CAPACITY });
  const tensorflow = await loadTensorFlow();
  const cluster = uniformCluster(NODES, CAPACITY);
  const setting = { simulator, cluster, demand: DEMAND, parts: untrained(profile.apps.length) };
  const trainer = highLearner.create(tensorflow, setting, HIGH_OPTIONS.defaults, 1);
  // The first updates fill the pool of episodes that are played again.
  for (let update = 0; update < UPDATES; update++) trainer.update();
  const tensors = tensorflow.tf.memory().numTensors;
  const started = cpuSeconds();
  for (let update = 0; update < UPDATES; update++) trainer.update();
  const ours = UPDATES * HIGH_OPTIONS.defaults.episodesPerUpdate / (cpuSeconds() - started);
  const grown = tensorflow.tf.memory().numTensors - tensors;
  trainer.dispose();
  const peer = await runPeer(
    "/usr/bin/python3",
    [new URL("peers/paper_episodes.py", import.meta.url).pathname],
    JSON.stringify({
      demand: DEMAND,
      capacity: CAPACITY,
      updates: 3,
      episodes: HIGH_OPTIONS.defaults.episodesPerUpdate,
      table: throughputs(simulator),
    }),
  ) as { episodesPerSecond: number } | null;
  const sub = [false, true].map((reference) => {
    const config = {
      ...SUB_OPTIONS.defaults,
      ...PUBLISHED_SETTINGS,
      firstClass: 10,
      lastClass: 10,
      reference,
    };
    const nodes = uniformCluster(SUB_NODES, CAPACITY);
    using trainer = subLearner.create(tensorflow, { simulator, cluster: nodes }, config, 1);
    trainer.update();
    const started = cpuSeconds();
    for (let update = 0; update < SUB_UPDATES; update++) trainer.update();
    return SUB_UPDATES * config.episodesPerUpdate / (cpuSeconds() - started);
  });
  return [
    {
      suite: "learn",
      workload: "paper, sub-schedulers of 101 to 110 containers, CPU time",
      ours: sub[0]!,
      unit: "episodes/s",
      better: "higher",
      alternative: "gradients by TensorFlow.js on WASM",
      theirs: sub[1]!,
    },
    {
      suite: "learn",
      workload: `paper, high level: 200 containers on ${NODES} nodes, CPU time`,
      ours,
      unit: "episodes/s",
      better: "higher",
      ...(peer === null ? {} : { alternative: "numpy", theirs: peer.episodesPerSecond }),
    },
    {
      suite: "learn",
      workload: `tensors that ${UPDATES} updates leave behind`,
      ours: grown,
      unit: "tensors",
      better: "lower",
    },
  ];
}

function cpuSeconds(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1e6;
}

/** Sub-schedulers with random weights: they take as long as trained ones. */
function untrained(apps: number): Network[] {
  const draws = new Random(1);
  const inputs = observationSize(SUB_OBSERVATION, 3, apps);
  return Array.from(
    { length: SIZE_CLASSES },
    (_, sizeClass) =>
      SUB_BRANCHING.map((actions, level) =>
        createPaperNetwork(subNetworkName(sizeClass, level + 1), inputs, actions, draws)
      ),
  ).flat();
}

/** Throughput of a node by its configuration. */
function throughputs(simulator: Simulator): Record<string, number> {
  const width = simulator.apps.length;
  const all = allConfigurations(width, CAPACITY);
  const rps = simulator.model.predict(all, all.length / width);
  const table: Record<string, number> = {};
  for (let at = 0; at < all.length; at += width) {
    let sum = 0;
    for (let app = 0; app < width; app++) sum += all[at + app]! * rps[at + app]!;
    table[configurationKey(all, at, width)] = sum;
  }
  return table;
}
