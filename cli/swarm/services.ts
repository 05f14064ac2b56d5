/**
 * What runs as each app: the options, and the services that they name.
 * @module
 */
import { Option } from "@commander-js/extra-typings";
import { UsageError } from "../../domain/mod.ts";
import { readServices, secretLike, type Services } from "../../swarm/services/compose.ts";
import { bytesOf } from "../../swarm/services/units.ts";
import { workloadServices } from "../../swarm/services/workloads.ts";
import { type CliContext, readText } from "../context.ts";
import * as options from "../options/mod.ts";
import type { Talk } from "../output/progress.ts";

/** What runs as each app. */
export const servicesOption = () =>
  new Option(
    "--services <file>",
    "what runs as each app: a Compose file, YAML or JSON (default: the bundled workloads)",
  );

/** Share of the node that a container gets where nothing is said. */
const SHARE = "the node's, divided by its slots";

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

/** What runs as each app: of the file, else the bundled workloads; says where secrets are in the open. */
export async function loadServices(
  context: CliContext,
  talk: Talk,
  file: string | undefined,
): Promise<{ services: Services; servicesFile: string }> {
  if (file === undefined) {
    return { services: workloadServices(), servicesFile: "the bundled workloads" };
  }
  const services = readServices(await readText(context, file), file, {
    variables: context.env,
    onIgnored: (text) =>
      talk.notice(`${file}: ignored, as \`docker stack\` or the plan has it: ${text}`),
  });
  for (const [app, service] of services) {
    const names = secretLike(service);
    if (names.length === 0) continue;
    talk.notice(
      `${file}: services.${app}: ${
        names.join(", ")
      } in the environment can be read by all who may ` +
        "inspect the service: `secrets` keeps it",
    );
  }
  return { services, servicesFile: file };
}
