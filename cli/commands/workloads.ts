import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import type { Engine } from "../../swarm/engine/engine.ts";
import { labEngine } from "../../swarm/lab/engines.ts";
import { copyImages } from "../../swarm/lab/images.ts";
import { labNodes } from "../../swarm/lab/layout.ts";
import { openLab } from "../../swarm/lab/status.ts";
import { buildWorkloads } from "../../swarm/workloads/build/build.ts";
import { BASES } from "../../swarm/workloads/build/system.ts";
import { CATALOGUE } from "../../swarm/workloads/catalogue.ts";
import { type CliContext, printJson } from "../context.ts";
import { act, type GivenBy, untyped } from "../options/define.ts";
import * as options from "../options/mod.ts";
import { Talk } from "../output/progress.ts";
import * as swarm from "../swarm/mod.ts";

/** Options of `metis workloads list`. */
const listOptions = () =>
  [
    options.jsonOption(),
  ] as const;

/** Options of `metis workloads build`. */
const buildOptions = () =>
  [
    new Option("--lab <directory>", "folder of the lab to build for, instead of --host"),
    new Option(
      "--base <source>",
      "where Debian's programs come from: its image in a registry, this machine, " +
        "or debootstrap (default: machine with --lab, else pull)",
    ).choices(BASES),
    new Option(
      "--cache <directory>",
      "where the result of debootstrap is kept (default: the user's cache)",
    ),
    new Option(
      "--deno <path>",
      "Deno for Linux that goes into the images (default: the one that runs)",
    ),
    ...swarm.engineOptions(),
    ...options.outputOptions(),
  ] as const;
type BuildArguments = GivenBy<typeof buildOptions>;

/** The command `metis workloads`. @param connect Finds the engine; tests give their own. */
export function command(
  context: CliContext,
  connect: swarm.Connect = swarm.connectAny,
): CommandUnknownOpts {
  const command = new Command("workloads")
    .description(
      "The long-running applications to measure with: a Redis, an image classifier, checksums, YCSB A and B, a " +
        "scene detector, super-resolution, and what supports them.",
    );
  act(
    command.command("list")
      .description(
        "Show the workloads, their images, and the environment variables that size their work.",
      ),
    listOptions(),
    (given) => runList(context, given),
  );
  act(
    command.command("build")
      .description(
        "Build the images of all workloads on an engine, and copy them to all nodes of a lab.",
      ),
    buildOptions(),
    (given) => runBuild(context, given, connect),
  );
  return untyped(command);
}

function runList(context: CliContext, given: { json?: true | undefined }): void {
  if (given.json) return printJson(context, CATALOGUE);
  for (const { name, image, does, settings } of CATALOGUE) {
    const lines = Object.entries(settings).map(([variable, { default: value, help }]) =>
      `  ${variable}${value === "" ? "" : ` (${value})`}: ${help}\n`
    );
    context.stdout.write(`${name}, ${image}: ${does}\n${lines.join("")}\n`);
  }
}

async function runBuild(
  context: CliContext,
  given: BuildArguments,
  connect: swarm.Connect,
): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  const began = context.seconds();
  const { base = given.lab === undefined ? "pull" : "machine", lab } = given;
  const build = (engine: Engine) =>
    buildWorkloads(engine, {
      base,
      cache: given.cache ?? cacheFolder(context),
      deno: given.deno,
      tell: (text) => talk.notice(text),
      signal: context.signal,
    });
  const images = lab === undefined
    ? await swarm.withEngine(connect, context, given, build)
    : await buildForLab(lab, talk, build);
  const seconds = context.seconds() - began;
  if (given.json) return printJson(context, { images, seconds });
  context.stdout.write(`${images.length} images are built (${seconds.toFixed(1)} s)\n`);
}

async function buildForLab<Built extends { readonly reference: string }>(
  directory: string,
  talk: Talk,
  build: (engine: Engine) => Promise<Built[]>,
): Promise<Built[]> {
  const plan = await openLab(directory);
  const engine = await labEngine(labNodes(plan)[0]!);
  try {
    const images = await build(engine);
    const references = images.map(({ reference }) => reference);
    await copyImages(plan, references, "n1", (text) => talk.notice(text));
    return images;
  } finally {
    engine.close();
  }
}

function cacheFolder(context: CliContext): string {
  const home = context.env("XDG_CACHE_HOME") || `${context.env("HOME") ?? ""}/.cache`;
  return `${home}/metis/workloads`;
}
