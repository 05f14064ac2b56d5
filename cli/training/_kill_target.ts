// What run_folder_test.ts kills: trains a toy into a directory, a checkpoint at every update.
// Arguments: the directory, the number of updates.
import { runTraining } from "../../policies/training/loop.ts";
import { ToyTrainer } from "../../policies/training/_toy.ts";
import { denoFiles } from "./deno_files.ts";
import { RunFolder, type RunInfo } from "./run_folder.ts";

/** What the toy is, for its checkpoints. */
export const TOY_INFO: RunInfo = {
  kind: "toy",
  algorithm: "metis",
  apps: ["a"],
  capacity: 1,
  nodes: 1,
  preset: null,
  surface: null,
  data: null,
  seed: 9,
  options: { rate: 1, name: "toy" },
};

if (import.meta.main) {
  const [path, updates] = Deno.args;
  const folder = new RunFolder(denoFiles({}), path!, TOY_INFO, "Toy");
  const trainer = new ToyTrainer(9);
  const resumed = await folder.resume();
  if (resumed !== null) trainer.restore(resumed.trainer);
  const say = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(text + "\n"));
  say(`ready ${resumed?.progress.updates ?? 0}`);
  const { progress } = await runTraining(
    trainer,
    { updates: Number(updates), interval: { updates: 1 } },
    {
      seconds: () => performance.now() / 1000,
      signal: new AbortController().signal,
      pause: () => Promise.resolve(),
      record: (row) => folder.record(row),
      save: async (snapshot) => {
        await folder.save(snapshot);
        say(`saved ${snapshot.progress.updates}`);
      },
    },
    resumed?.progress,
  );
  say(`end ${progress.updates}`);
}
