/**
 * What the tests on real engines share: a lab of their own, an image without a registry, and the command
 * line as a process.
 * @module
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { labDown } from "../lab/down.ts";
import { findCgroups } from "../lab/host.ts";
import { cgroupPrefix, type LabPlan } from "../lab/layout.ts";

/** The lab of the tests: not the one that a user may have up. No other test's directory starts with its name. */
export const TEST_LAB: LabPlan = {
  directory: "/var/lib/metis-lab-test-faults",
  subnet: "10.78.0",
  nodes: 3,
  slots: 16,
};

/** Why no real engine can be had here, or null if it can. */
export function whyNoLab(): string | null {
  if (Deno.env.get("METIS_LAB") !== "1") return "METIS_LAB=1 is not set";
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return "no root on Linux";
  for (
    const [path, name] of [["/usr/sbin/dockerd", "docker.io"], ["/bin/busybox", "busybox-static"]]
  ) {
    try {
      Deno.statSync(path!);
    } catch {
      return `no ${name}`;
    }
  }
  return null;
}

/** A test on a lab of its own, which it leaves in any state. @param program That it needs besides. */
export function labTest(
  name: string,
  lab: LabPlan,
  fn: (t: Deno.TestContext, folder: string) => Promise<void>,
  program?: string,
): void {
  const reason = whyNoLab() ??
    (program === undefined || existsSync(program) ? null : `no ${program}`);
  Deno.test({
    name: `real lab: ${name}${reason === null ? "" : ` (${reason})`}`,
    ignore: reason !== null,
    fn: (t) => onLab(lab, (folder) => fn(t, folder)),
  });
}

/** Does something on a lab that it brings up: what is left of it is taken down before and after, and nothing may stay. */
export async function onLab<T>(lab: LabPlan, body: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir();
  await labDown(lab.directory, () => {});
  let result: T;
  try {
    result = await body(folder);
  } finally {
    await labDown(lab.directory, () => {});
    await Deno.remove(folder, { recursive: true });
  }
  assert.deepEqual(await findCgroups(cgroupPrefix(lab)), []);
  return result;
}

/** The tar of a root file system of a few MB: busybox, which holds a web server. */
export function testImage(): Promise<Uint8Array<ArrayBuffer>> {
  return rootFileSystem(async (folder) => {
    await addBusybox(folder, ["sh", "httpd", "sleep"]);
    await Deno.mkdir(`${folder}/www`);
    await Deno.writeTextFile(`${folder}/www/index.html`, "hello\n");
  });
}

/** The tar of a root file system that holds a program of this machine and the libraries that it loads. */
export function programImage(program: string): Promise<Uint8Array<ArrayBuffer>> {
  return rootFileSystem((folder) => addProgram(folder, program));
}

/** The tar of a root file system. @param fill Fills its folder. */
export async function rootFileSystem(
  fill: (folder: string) => Promise<void>,
): Promise<Uint8Array<ArrayBuffer>> {
  const folder = await Deno.makeTempDir();
  try {
    await fill(folder);
    const { stdout } = await new Deno.Command("tar", { args: ["-C", folder, "-c", "."] }).output();
    return stdout;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Adds busybox to a root file system, by these names. */
export async function addBusybox(folder: string, names: readonly string[]): Promise<void> {
  await Deno.mkdir(`${folder}/bin`, { recursive: true });
  await Deno.copyFile("/bin/busybox", `${folder}/bin/busybox`);
  for (const name of names) await Deno.symlink("busybox", `${folder}/bin/${name}`);
}

/** Adds a program of this machine to a root file system, and the libraries that it loads. */
export async function addProgram(folder: string, program: string): Promise<void> {
  const { stdout } = await new Deno.Command("ldd", { args: [program] }).output();
  const libraries = new TextDecoder().decode(stdout).match(/\/\S+/g) ?? [];
  for (const path of [program, ...libraries]) {
    await Deno.mkdir(`${folder}${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
    await Deno.copyFile(path, `${folder}${path}`);
  }
}

/** How a run of the command line ended. */
export interface Ran {
  readonly code: number;
  readonly output: string;
  readonly talk: string;
}

/** Starts the command line. @param env The whole environment but PATH. */
export function startMetis(
  args: readonly string[],
  env: Record<string, string>,
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--allow-read", "--allow-write", "--allow-env", "--allow-sys"],
      ...["--allow-net", "--allow-run", new URL("../../cli/main.ts", import.meta.url).pathname],
      ...args,
    ],
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** No run takes longer, in milliseconds: one that hangs fails its test, and not the whole of CI. */
const LONGEST_RUN_MS = 400_000;

/** Waits for the end of a started command line. */
export async function ended(
  child: Deno.ChildProcess,
  longestMs: number = LONGEST_RUN_MS,
): Promise<Ran> {
  const timer = setTimeout(() => child.kill("SIGKILL"), longestMs);
  try {
    const { code, stdout, stderr } = await child.output();
    const decoder = new TextDecoder();
    return { code, output: decoder.decode(stdout), talk: decoder.decode(stderr) };
  } finally {
    clearTimeout(timer);
  }
}
