import { renderPairs } from "../output/table.ts";
import type { TrainedRun } from "./records.ts";

/** What `metis train` tells at its end. */
export interface Report {
  readonly json: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Tells what one training made. */
export function reportOf({ learner, merged, out, info }: TrainedRun): Report {
  const updates = merged.jobs.reduce((sum, job) => sum + job.updates, 0);
  const episodes = merged.jobs.reduce((sum, job) => sum + job.episodes, 0);
  const seconds = merged.jobs.reduce((sum, job) => sum + job.seconds, 0);
  const pairs: [string, string][] = [
    ["learner", `${learner.name} (${learner.algorithm})`],
    ["updates", `${updates}`],
    ["episodes", `${episodes}`],
    ["seconds of training", seconds.toFixed(1)],
    [
      "gap on the validation demands",
      merged.gap === null ? "unknown" : `${(merged.gap * 100).toFixed(3)} %`,
    ],
    ["policy", merged.policy ?? "none"],
    ["curves", merged.jobs.length === 1 ? `${out}/curves.svg` : `${out}/parts/*/curves.svg`],
  ];
  return {
    json: {
      learner: learner.name,
      algorithm: learner.algorithm,
      seed: info.seed,
      out,
      policy: merged.policy,
      updates,
      episodes,
      seconds,
      gap: merged.gap,
      options: info.options,
      surface: info.surface,
      parts: merged.jobs,
    },
    text: renderPairs(pairs),
  };
}
