/**
 * What runs as each app: the options, and the services that they name.
 * @module
 */
import { Option } from "@commander-js/extra-typings";
import { isAbsolute, join } from "node:path";
import { InputError, UsageError } from "../../domain/mod.ts";
import {
  type ReadStack,
  readStack,
  secretLike,
  type Services,
} from "../../swarm/services/compose.ts";
import { servicesAsTheyRun } from "../../swarm/adopt/as_it_runs.ts";
import type { Engine } from "../../swarm/engine/engine.ts";
import { type Finding, refuseByFindings } from "../../swarm/services/findings.ts";
import { pathOf } from "../../swarm/services/paths.ts";
import { bytesOf } from "../../swarm/services/units.ts";
import { workloadServices } from "../../swarm/services/workloads.ts";
import { type CliContext, readText } from "../context.ts";
import * as options from "../options/mod.ts";
import type { Talk } from "../output/progress.ts";

/** What runs as each app. @param usual Where no file says it. */
export const servicesOption = (usual = "the bundled workloads") =>
  new Option(
    "--services <file>",
    `what runs as each app: a Compose file, YAML or JSON; repeated, later files add to earlier ones (default: ${usual})`,
  ).argParser((file: string, before: readonly string[] | undefined) => [...before ?? [], file]);

/** Share of the node that a container gets where nothing is said. */
const SHARE = "the node's, divided by its slots";

/** {@link servicesOption} of what runs already. */
export const runningServicesOption = () => servicesOption("what runs, as it is");

/** CPUs of containers. @param scope Whom it holds for, and what is the default. */
export const cpusOption = (scope: string = ` (default: ${SHARE})`) =>
  new Option("--cpus <count>", `most CPUs of each container${scope}`)
    .argParser(options.positive);

/** Memory of containers. */
export const memoryOption = () =>
  new Option("--memory <size>", "most memory of each container: 512M (default: the same)")
    .argParser(memorySize);

/** {@link cpusOption} of plans, whose own services are limited only where they say so. */
export const planCpusOption = () =>
  cpusOption(`, if its service sets none (default for the bundled workloads: ${SHARE})`);

/** @throws {UsageError} if it is not a size. */
function memorySize(text: string): string {
  try {
    bytesOf(text, "--memory");
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
  return text;
}

/**
 * What runs as each app: of the files, else the bundled workloads; says where secrets are in the open.
 * @param apps Those of a plan: of other services it decides nothing. @default all
 * @param kept Keys of theirs that are deployed as they are written after all.
 */
export async function loadServices(
  context: CliContext,
  talk: Talk,
  files: readonly string[] | undefined,
  apps?: readonly string[],
  kept: readonly string[] = [],
): Promise<{ services: Services; servicesFile: string }> {
  if (files === undefined) {
    return { services: workloadServices(), servicesFile: "the bundled workloads" };
  }
  const { services, findings, unset } = await readStackFiles(context, files);
  refuseByFindings(findings);
  for (const [service, keys] of leftOut(findings, apps, kept)) {
    talk.notice(
      `${files.join(" and ")}: ignored, as \`docker stack\` or the plan has it: ${service}: ${
        keys.join(", ")
      }`,
    );
  }
  const servicesFile = files.join(" and ");
  if (unset.length > 0) {
    talk.notice(`${servicesFile}: not set, so empty, as in Docker: ${unset.join(", ")}`);
  }
  for (const [app, service] of services) {
    const names = secretLike(service);
    if (names.length === 0) continue;
    talk.notice(
      `${servicesFile}: services.${app}: ${
        names.join(", ")
      } in the environment can be read by all who may ` +
        "inspect the service: `secrets` keeps it",
    );
  }
  return { services, servicesFile };
}

/** {@link loadServices} of what runs already: without files, it goes on as it is. */
export async function loadRunningServices(
  context: CliContext,
  talk: Talk,
  { services: files, stack }: {
    readonly services?: readonly string[] | undefined;
    readonly stack: string;
  },
  engine: Engine,
): Promise<{ services: Services; servicesFile: string }> {
  const running = files === undefined ? await servicesAsTheyRun(engine, stack) : null;
  return running === null
    ? await loadServices(context, talk, files)
    : { services: running, servicesFile: `the stack ${stack}` };
}

/** Reads stack files, and the files that they name: relative ones begin at the folder of the first, as in Docker. */
export async function readStackFiles(
  context: CliContext,
  names: readonly string[],
): Promise<ReadStack> {
  const stack = await Promise.all(
    names.map(async (name) => ({ name, contents: await readText(context, name) })),
  );
  const contents = new Map<string, Uint8Array | null>();
  const read = () =>
    readStack(stack, {
      variables: context.env,
      defaultNetwork: true,
      files: {
        resolve: (path) => absolute(context, names[0]!, path),
        read: (path) => {
          if (!contents.has(path)) contents.set(path, null);
          return contents.get(path)!;
        },
      },
    });
  // Which files it names is known by reading it without them.
  read();
  for (const path of contents.keys()) {
    contents.set(path, await context.readFile(path).catch(unreadable));
  }
  return read();
}

function unreadable(error: unknown): null {
  if (error instanceof InputError) return null;
  throw error;
}

function absolute(context: CliContext, stackFile: string, path: string): string {
  const folder = join(stackFile, "..");
  return pathOf(
    path,
    isAbsolute(folder) ? folder : join(context.directory(), folder),
    context.env("HOME") ?? "/",
  );
}

/** Keys that are not deployed as they are written, by the service that they are of. */
function leftOut(
  findings: readonly Finding[],
  apps: readonly string[] | undefined,
  kept: readonly string[],
): Map<string, string[]> {
  const keys = new Map<string, string[]>();
  for (const { service, key, kind, text } of findings) {
    if (service === null) continue;
    const isPlanned = apps === undefined || apps.includes(service);
    const isLeftOut = kind === "ignored" ||
      (kind === "decided" && isPlanned && !kept.includes(key));
    // Variables that are not set are told once for all places.
    if (!isLeftOut || text.startsWith("the variable ")) continue;
    keys.set(service, [...keys.get(service) ?? [], key]);
  }
  return keys;
}
