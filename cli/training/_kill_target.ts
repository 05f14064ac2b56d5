// What run_folder_test.ts kills: trains a toy into a directory, a checkpoint at every update.
// Arguments: the directory, the number of updates, and, to be killed, the change to the disk at which SIGKILL comes.
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

/** Counts what changes the disk, and kills this process before the change of that number, or half way through a write. */
function killAt(change: number): void {
  let changes = 0;
  const disk = { ...Deno };
  const count = async (half: () => unknown = () => {}): Promise<void> => {
    if (++changes < change) return;
    await half();
    Deno.kill(Deno.pid, "SIGKILL");
    await new Promise(() => {});
  };
  Deno.mkdir = (...args) => count().then(() => disk.mkdir(...args));
  Deno.remove = (...args) => count().then(() => disk.remove(...args));
  Deno.rename = (...args) => count().then(() => disk.rename(...args));
  Deno.writeFile = async (path, data, options) => {
    if (!(data instanceof Uint8Array)) throw new TypeError("Only bytes are expected here");
    await count(() => disk.writeFile(path, data.subarray(0, data.length >> 1), options));
    await disk.writeFile(path, data, options);
  };
  Deno.open = async (path, options) => {
    await count();
    const file = await disk.open(path, options);
    const write = file.write.bind(file);
    file.write = (bytes) =>
      count(() => write(bytes.subarray(0, bytes.length >> 1))).then(() => write(bytes));
    const sync = file.sync.bind(file);
    file.sync = () => count().then(sync);
    return file;
  };
}

if (import.meta.main) {
  const [path, updates, change] = Deno.args;
  if (change !== undefined) killAt(Number(change));
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
