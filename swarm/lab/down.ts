import { systemClock } from "../clock.ts";
import { LabError } from "../errors.ts";
import {
  exists,
  findCgroups,
  findHolders,
  hasInterface,
  mountPoints,
  removeCgroups,
  run,
} from "./host.ts";
import { cgroupPrefix, hostInterface, type LabPlan, readState, stateFile } from "./layout.ts";

/** How often what is still busy is tried again, 100 ms apart. */
const TRIES = 100;

/**
 * Takes a lab down, also what a crash left behind, and waits until nothing of it is left.
 * @returns True if there was something to take down.
 * @throws {LabError} naming what would not go.
 */
export async function labDown(directory: string, tell: (text: string) => void): Promise<boolean> {
  const plan = await readPlan(directory);
  const holders = await findHolders(directory);
  if (plan === null && holders.length === 0) {
    if (await exists(directory)) {
      throw new LabError(`${directory} is not a lab: nothing in it was changed`);
    }
    return false;
  }
  if (Deno.uid() !== 0) throw new LabError("Taking a lab down needs root (sudo)");
  tell(`Ending ${holders.length} namespaces`);
  // The first process of a pid namespace takes all others of it along.
  for (const { pid } of holders) kill(pid);
  await until(
    async () => (await findHolders(directory)).length === 0,
    `Processes of the lab in ${directory} do not end`,
  );
  if (plan === null) return true;
  await removeInterface(plan);
  await removeGroups(plan);
  await removeFolder(directory);
  return true;
}

async function readPlan(directory: string): Promise<LabPlan | null> {
  const file = stateFile(directory);
  return (await exists(file)) ? readState(directory, await Deno.readFile(file)) : null;
}

function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** The kernel takes the interface away with the switch's namespace, a moment after its last process. */
async function removeInterface(plan: LabPlan): Promise<void> {
  const name = hostInterface(plan);
  const gone = async () => !(await hasInterface(name));
  await until(
    gone,
    `The interface ${name} is still there: run \`ip link del ${name}\``,
    async () => {
      await run("ip", "link", "del", name).catch(() => {});
    },
  );
}

async function removeGroups(plan: LabPlan): Promise<void> {
  const left = () => findCgroups(cgroupPrefix(plan));
  await until(
    async () => (await left()).length === 0,
    `Control groups ${cgroupPrefix(plan)}* are still busy`,
    async () => removeCgroups(await left()),
  );
}

async function removeFolder(directory: string): Promise<void> {
  // Mounts live in the nodes' own namespaces; one that shows here was not made by a lab.
  const mounts = (await mountPoints()).map(({ path }) => path)
    .filter((path) => path.startsWith(`${directory}/`));
  if (mounts.length > 0) {
    throw new LabError(`${mounts[0]} is mounted: unmount it and run \`metis lab down\` again`);
  }
  // The state file goes last, so that an interrupted removal can be taken up again.
  await until(
    () =>
      Promise.resolve([...Deno.readDirSync(directory)].every(({ name }) => name === "lab.json")),
    `${directory} cannot be emptied`,
    async () => {
      for await (const { name } of Deno.readDir(directory)) {
        if (name === "lab.json") continue;
        await Deno.remove(`${directory}/${name}`, { recursive: true }).catch(() => {});
      }
    },
  );
  await Deno.remove(directory, { recursive: true });
}

async function until(
  done: () => Promise<boolean>,
  complaint: string,
  work: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  for (let tried = 0; tried < TRIES; tried++) {
    if (await done()) return;
    await work();
    if (await done()) return;
    await systemClock.sleep(100);
  }
  throw new LabError(complaint);
}
