/**
 * The root file system under the workloads, for engines that reach no registry.
 * @module
 */
import { InputError } from "../../../domain/errors.ts";
import type { Engine } from "../../engine/engine.ts";
import { sha256 } from "../../names.ts";
import { PACKAGES, PROGRAMS } from "./names.ts";
import { output, requirePrograms, tarStream } from "./programs.ts";

/** Where the programs come from: Debian's image, this machine, or debootstrap. */
export const BASES = ["pull", "machine", "debootstrap"] as const;

/** See {@link BASES}. */
export type Base = typeof BASES[number];

/** How a base is made. */
export interface SystemOptions {
  readonly base: Base;
  /** Folder in which what debootstrap made is kept. */
  readonly cache: string;
  readonly tell: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes the image with the programs, where the engine has not got it.
 * @returns Its reference.
 * @throws {InputError} naming what is missing on this machine.
 */
export async function makeSystem(engine: Engine, options: SystemOptions): Promise<string> {
  switch (options.base) {
    case "pull":
      return await pullDebian(engine, options);
    case "machine":
      return await importMachine(engine, options);
    case "debootstrap":
      return await importDebootstrap(engine, options);
  }
}

/** Debian's image with the packages, both from the registries that the engine reaches. */
async function pullDebian(engine: Engine, { tell }: SystemOptions): Promise<string> {
  const reference = "metis/system:debian";
  const folder = await Deno.makeTempDir();
  try {
    await Deno.copyFile(new URL("system.Dockerfile", import.meta.url), `${folder}/Dockerfile`);
    tell(`Building ${reference} with ${PACKAGES.join(", ")}`);
    const args = { PACKAGES: PACKAGES.join(" ") };
    await engine.buildImage(
      tarStream(["--mtime=@0", "-C", folder, "."]),
      { reference, args },
      tell,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return reference;
}

/** Programs of this machine with the libraries that they load. */
async function importMachine(engine: Engine, { tell }: SystemOptions): Promise<string> {
  if (Deno.build.os !== "linux") {
    throw new InputError("--base machine needs Linux: use --base pull");
  }
  const programs = requirePrograms([...PROGRAMS, "ldd", "sh"], PACKAGES).filter((path) =>
    !path.endsWith("/ldd")
  );
  const libraries = await output("ldd", [...programs, Deno.execPath()]);
  const found = [...libraries.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)].map((match) => match[1]!);
  const files = [...new Set([...found, ...programs])].sort();
  const missing = /^\s*(\S+) => not found/m.exec(libraries)?.[1];
  if (missing !== undefined) throw new InputError(`This machine lacks the library ${missing}`);
  const stamps = files.map((path) => {
    const { size, mtime } = Deno.statSync(path);
    return `${path} ${size} ${mtime?.getTime()}`;
  });
  const reference = `metis/system:machine-${(await sha256(stamps.join("\n"))).slice(0, 16)}`;
  if (await engine.hasImage(reference)) return reference;
  tell(`Copying ${PROGRAMS.join(", ")} and ${found.length} libraries of this machine`);
  const accounts = ["/etc/passwd", "/etc/group", "/etc/nsswitch.conf"];
  const paths = [...files, ...accounts].map((path) => path.slice(1));
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/tmp`);
    // The mask of the process would take bits away from mkdir's own mode.
    await Deno.chmod(`${folder}/tmp`, 0o1777);
    // -h: libraries are found by names that are links, and only those names are in the image.
    const tar = tarStream(["-h", "-C", "/", ...paths, "-C", folder, "tmp"]);
    await engine.importImage(tar, reference);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return reference;
}

/** A minimal Debian with the packages. */
async function importDebootstrap(
  engine: Engine,
  { cache, tell, signal }: SystemOptions,
): Promise<string> {
  const [debootstrap] = requirePrograms(["debootstrap"], ["debootstrap"]);
  if (Deno.uid() !== 0) throw new InputError("debootstrap must be run as root (sudo)");
  const release = /^VERSION_CODENAME=(\w+)$/m.exec(await Deno.readTextFile("/etc/os-release"))?.[1];
  const suite = release ?? "bookworm";
  const name = `debian-${suite}-${(await sha256(PACKAGES.join())).slice(0, 8)}`;
  const reference = `metis/system:${name}`;
  if (await engine.hasImage(reference)) return reference;
  const file = `${cache}/${name}.tar`;
  if (!(await isFile(file))) {
    await Deno.mkdir(cache, { recursive: true });
    tell(`Making a minimal Debian ${suite} with ${PACKAGES.join(", ")}: some minutes, once`);
    const folder = await Deno.makeTempDir({ dir: cache, prefix: "root-" });
    try {
      const args = ["--variant=minbase", `--include=${PACKAGES.join()}`, suite, folder];
      await output(debootstrap!, [...args, ...await mirrors(suite)], signal);
      const waste = ["var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/man"];
      const excluded = [...waste, "usr/share/locale", "dev"].map((path) => `--exclude=./${path}/*`);
      await output("tar", ["-C", folder, ...excluded, "-cf", `${file}.part`, "."], signal);
      await Deno.rename(`${file}.part`, file);
    } finally {
      await Deno.remove(folder, { recursive: true }).catch(() => {});
    }
  }
  tell("Importing it");
  await engine.importImage((await Deno.open(file)).readable, reference);
  return reference;
}

/** The mirror that this machine's apt uses, if it says so: debootstrap knows a default. */
async function mirrors(suite: string): Promise<string[]> {
  const format = ["--format", "$(SITE)", "Created-By: Packages", `Codename: ${suite}`];
  const sites = await output("apt-get", ["indextargets", ...format]).catch(() => "");
  return sites.split("\n").filter((site) => site !== "").slice(0, 1);
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}
