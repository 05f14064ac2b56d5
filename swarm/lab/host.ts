import { LabError, oneLine } from "../errors.ts";
import { HOLDER_MARK } from "./layout.ts";

/** A process of ours that keeps the namespaces of a node, or of the switch, alive. */
export interface Holder {
  /** Id on this machine; its children are in the namespaces. */
  readonly pid: number;
  readonly node: string;
}

/** Program that is needed, and Debian's package of it. */
const NEEDED: readonly (readonly [program: string, debianPackage: string])[] = [
  ["dockerd", "docker.io"],
  ["containerd", "docker.io"],
  ["runc", "docker.io"],
  ["ip", "iproute2"],
  ["iptables", "iptables"],
  ["unshare", "util-linux"],
  ["nsenter", "util-linux"],
  ["setsid", "util-linux"],
  ["mount", "mount"],
];

/**
 * Checks that this machine can hold a lab.
 * @throws {LabError} naming everything that is missing, and the command that brings it.
 */
export async function checkMachine(): Promise<void> {
  if (Deno.build.os !== "linux") {
    throw new LabError(`A lab needs Linux: this is ${Deno.build.os}`);
  }
  if (Deno.uid() !== 0) {
    throw new LabError("A lab makes network namespaces and engines: run it as root (sudo)");
  }
  const missing: string[] = [];
  const packages = new Set<string>();
  for (const [program, debianPackage] of NEEDED) {
    if (await isOnPath(program)) continue;
    missing.push(program);
    packages.add(debianPackage);
  }
  if (missing.length > 0) {
    throw new LabError(
      `Missing for a lab: ${missing.join(", ")}: apt-get install -y --no-install-recommends ${
        [...packages].join(" ")
      }`,
    );
  }
}

async function isOnPath(program: string): Promise<boolean> {
  const folders = [...(Deno.env.get("PATH") ?? "").split(":"), "/usr/sbin", "/sbin"];
  for (const folder of folders) {
    if (await exists(`${folder}/${program}`)) return true;
  }
  return false;
}

/** True if there is a file or folder of this name. */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs a program to its end.
 * @returns What it wrote to standard output.
 * @throws {LabError} with its own last line where it fails.
 */
export async function run(program: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    env: withSbin(),
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout);
  const reason = decoder.decode(stderr).trim().split("\n").at(-1) ?? "";
  throw new LabError(`${program} ${args.slice(0, 3).join(" ")} failed: ${oneLine(reason)}`);
}

/**
 * Starts a program that outlives us, away from our terminal; it writes to a log file.
 * @param record File to which the process writes its id and start time before it becomes the program.
 */
export function startDetached(
  files: { readonly log: string; readonly record?: string },
  program: string,
  ...args: string[]
): void {
  new Deno.Command("sh", {
    // The names come as arguments: the shell never reads them as code. Neither exec nor setsid changes the id.
    args: [
      "-c",
      'log=$1 record=$2; shift 2; [ -z "$record" ] || ' +
      'echo "$$ $(cut -d " " -f 22 "/proc/$$/stat")" >"$record"; ' +
      'exec setsid "$@" >>"$log" 2>&1 </dev/null',
      "sh",
      files.log,
      files.record ?? "",
      program,
      ...args,
    ],
    env: withSbin(),
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn().unref();
}

/** Users other than root often lack the folders of the system's programs. */
function withSbin(): Record<string, string> {
  return { PATH: `${Deno.env.get("PATH") ?? "/usr/bin:/bin"}:/usr/sbin:/sbin` };
}

/** File in the folder of a node, which only root may enter: id and start time of the process that holds it. */
export function holderFile(directory: string, node: string): string {
  return `${directory}/${node}/holder`;
}

/**
 * The processes that hold the nodes of a lab: those that the lab recorded as it started them, as long as they run.
 * What others call themselves does not count: a process is ours by its id and start time, and must be root's.
 * @param proc Where the kernel shows its processes. It is read by other programs, since Deno itself would have to be
 * started with every permission for it.
 */
export async function findHolders(directory: string, proc = "/proc"): Promise<Holder[]> {
  const holders: Holder[] = [];
  for (const node of await foldersIn(directory)) {
    const record = await Deno.readTextFile(holderFile(directory, node)).catch(() => "");
    const [, pid, start] = /^(\d+) (\d+)\n$/.exec(record) ?? [];
    if (pid === undefined) continue;
    const stat = await attempt("cat", `${proc}/${pid}/stat`);
    // The name of the program stands in parentheses and may hold anything; 20 fields on is the start time.
    if (stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] !== start) continue;
    const status = await attempt("cat", `${proc}/${pid}/status`);
    if (!/^Uid:\t0\t0\t0\t0$/m.test(status)) continue;
    const words = (await attempt("cat", `${proc}/${pid}/cmdline`)).split("\0");
    const at = words.indexOf(HOLDER_MARK);
    if (at < 0 || words[at + 1] !== directory || words[at + 2] !== node) continue;
    holders.push({ pid: Number(pid), node });
  }
  return holders;
}

async function foldersIn(directory: string): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(directory));
    return entries.filter(({ isDirectory }) => isDirectory).map(({ name }) => name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** What a program wrote, also where it failed: processes and groups may end while they are read. */
async function attempt(program: string, ...args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command(program, {
    args,
    env: withSbin(),
    stdin: "null",
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout);
}

/** The words that run a program inside the namespaces of a holder. */
export function inside(holder: Holder, ...words: string[]): [string, ...string[]] {
  const namespaces = `/proc/${holder.pid}/ns`;
  return [
    "nsenter",
    `--net=${namespaces}/net`,
    `--uts=${namespaces}/uts`,
    `--mount=${namespaces}/mnt`,
    `--pid=${namespaces}/pid_for_children`,
    ...words,
  ];
}

/** Folders of control groups whose names begin so, and all below them, the deepest first. */
export async function findCgroups(prefix: string): Promise<string[]> {
  const roots = (await mountPoints()).filter(({ type }) => type === "cgroup" || type === "cgroup2");
  const found: string[] = [];
  for (const { path } of roots) {
    const pattern = `${path}/${prefix}*`;
    found.push(
      ...(await attempt("find", path, "-depth", "-type", "d", "-path", pattern)).split("\n"),
    );
  }
  return found.filter((line) => line !== "");
}

/** Removes empty control groups; those that are still busy stay. */
export async function removeCgroups(folders: readonly string[]): Promise<void> {
  if (folders.length > 0) await attempt("rmdir", ...folders);
}

/** What is mounted in our own namespace. */
export async function mountPoints(): Promise<{ readonly path: string; readonly type: string }[]> {
  return (await run("cat", "/proc/self/mounts")).split("\n").filter((line) => line !== "")
    .map((line) => ({ path: line.split(" ")[1] ?? "", type: line.split(" ")[2] ?? "" }));
}

/** True if this machine has a network interface of this name. */
export async function hasInterface(name: string): Promise<boolean> {
  return (await attempt("ip", "-o", "link", "show", "dev", name)) !== "";
}
