import { encodeCheckpoint, type PolicyInfo } from "../../policies/checkpoint/mod.ts";
import type { JobEnd, TrainingJob } from "../../policies/training/job.ts";
import { readLatest, type TrainingFiles } from "./files.ts";
import type { JobReport, MergedRun, Run } from "./records.ts";
import type { RunFolder } from "./run_folder.ts";

/**
 * Makes one policy of the best of every job: all networks together where the jobs are pieces, those of
 * the best job where they are attempts at the same.
 */
export async function mergeRun(
  disk: TrainingFiles,
  run: Run,
  jobs: readonly TrainingJob[],
  folders: ReadonlyMap<string, RunFolder>,
  ends: readonly (JobEnd | null)[],
  arePieces: boolean,
): Promise<Omit<MergedRun, "interrupted">> {
  const found = await Promise.all(jobs.map(async ({ name }) => {
    return (await readLatest(disk, `${folders.get(name)!.path}/best`))?.checkpoint ?? null;
  }));
  const reports = jobs.map(({ name, seed, resume }, at): JobReport => {
    const progress = ends[at]?.progress ?? resume?.progress;
    return {
      name,
      seed,
      end: ends[at]?.end ?? null,
      updates: progress?.updates ?? 0,
      episodes: progress?.episodes ?? 0,
      seconds: progress?.seconds ?? 0,
      bestUpdate: found[at]?.info.updates ?? 0,
      gap: found[at]?.info.metrics["eval/gap"] ?? null,
    };
  });
  const saved = found.flatMap((checkpoint) => checkpoint === null ? [] : [checkpoint]);
  if (saved.length === 0) return { policy: null, networks: [], gap: null, jobs: reports };
  if (jobs.length === 1) {
    return {
      policy: `${run.out}/best`,
      networks: saved[0]!.networks,
      gap: reports[0]!.gap,
      jobs: reports,
    };
  }
  const chosen = arePieces
    ? saved
    : [saved.reduce((best, one) => worth(one) > worth(best) ? one : best)];
  const gaps = chosen.map(({ info }) => info.metrics["eval/gap"] ?? null);
  const gap = gaps.includes(null)
    ? null
    : gaps.reduce<number>((sum, value) => sum + value!, 0) / gaps.length;
  const info: PolicyInfo = {
    ...run.info,
    seed: arePieces ? run.info.seed : chosen[0]!.info.seed,
    updates: chosen.reduce((sum, one) => sum + one.info.updates, 0),
    episodes: chosen.reduce((sum, one) => sum + one.info.episodes, 0),
    metrics: { "eval/gap": gap },
    versions: { ...disk.versions },
    created: disk.now(),
  };
  const networks = chosen.flatMap((checkpoint) => checkpoint.networks);
  const parts = await encodeCheckpoint({ info, networks, trainer: null });
  await disk.replaceDirectory(`${run.out}/best`, parts);
  return { policy: `${run.out}/best`, networks, gap, jobs: reports };
}

function worth({ info: { metrics } }: { readonly info: PolicyInfo }): number {
  const gap = metrics["eval/gap"];
  return typeof gap === "number" ? -gap : metrics["rollout/throughput_best"] ?? -Infinity;
}
