import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { printable } from "../../domain/mod.ts";
import type { PolicyInfo } from "../../policies/checkpoint/manifest.ts";
import { encodeCheckpoint, readPublishedNetworks, sha256 } from "../../policies/checkpoint/mod.ts";
import type { Network } from "../../policies/learning/network.ts";
import { SUB_NODES, subSchedulersFromNetworks } from "../../policies/paper/sub_schedulers.ts";
import { PAPER_APPS, readNpzArrays } from "../../profiles/mod.ts";
import { toNumbers } from "../../profiles/npy.ts";
import { type CliContext, printJson, wantsColor } from "../context.ts";
import { act, type GivenBy, untyped } from "../options/define.ts";
import * as options from "../options/mod.ts";
import { Talk } from "../output/progress.ts";
import { type Column, renderPairs, renderTable, wrapText } from "../output/table.ts";
import { realFiles } from "../training/deno_files.ts";
import { readPolicy, type TrainingFiles } from "../training/files.ts";

/** Slots of a node in the 2020 release. */
const PUBLISHED_CAPACITY = 8;

/** Options of `metis policy show`. */
const showOptions = () =>
  [
    options.jsonOption(),
  ] as const;

/** Options of `metis policy import`. */
const importOptions = () =>
  [
    new Option("--out <directory>", "directory to write").makeOptionMandatory(),
    new Option("--apps <names>", "apps in the order of the weights").argParser(options.parseNames),
    options.capacityOption().default(PUBLISHED_CAPACITY),
    ...options.outputOptions(),
  ] as const;
type ImportArguments = GivenBy<typeof importOptions>;

/** The command `metis policy`. @param files The disk; tests give one in memory. */
export function command(context: CliContext, files?: TrainingFiles): CommandUnknownOpts {
  const command = new Command("policy")
    .description("Shows trained policies, and imports the published ones.");
  act(
    command.command("show")
      .description("Show what a policy is, and check every byte of it.")
      .argument("<directory>", "directory that `metis train --out` or `metis policy import` wrote"),
    showOptions(),
    (directory, given) => runShow(context, directory, given, files),
  );
  act(
    command.command("import")
      .description("Import sub-schedulers in the format of the 2020 release (.npz).")
      .argument("<file>", "numpy archive of arrays such as class0_level1_fc1_kernel"),
    importOptions(),
    (file, given) => runImport(context, file, given, files),
  );
  return untyped(command);
}

async function runImport(
  context: CliContext,
  file: string,
  given: ImportArguments,
  files: TrainingFiles | undefined,
): Promise<void> {
  const disk = files ?? realFiles();
  const bytes = await context.readFile(file);
  const arrays = Object.fromEntries(
    [...await readNpzArrays(bytes, file)].map(([name, array]) =>
      [name, { shape: array.shape, data: toNumbers(array, `${file}: ${name}`) }] as const
    ),
  );
  const networks = readPublishedNetworks(arrays, file);
  const apps = [...given.apps ?? PAPER_APPS];
  subSchedulersFromNetworks(networks, apps);
  const info: PolicyInfo = {
    kind: "sub",
    algorithm: "paper",
    apps,
    capacity: given.capacity,
    nodes: SUB_NODES,
    preset: String(SUB_NODES),
    surface: null,
    data: await sha256(bytes),
    seed: null,
    updates: 0,
    episodes: 0,
    options: {},
    metrics: {},
    versions: { ...disk.versions },
    created: disk.now(),
  };
  const parts = await encodeCheckpoint({ info, networks, trainer: null });
  const out = given.out.replace(/(?<=.)\/+$/, "");
  await disk.makeDirectory(out);
  await disk.replaceDirectory(out, parts);
  if (given.json) printJson(context, { out, networks: networks.length, apps, kind: info.kind });
  new Talk(context, given.quiet === true).notice(`Wrote ${networks.length} networks to ${out}`);
}

async function runShow(
  context: CliContext,
  directory: string,
  given: { readonly json?: true | undefined },
  files: TrainingFiles | undefined,
): Promise<void> {
  const disk = files ?? realFiles();
  const { checkpoint, path, notices } = await readPolicy(disk, directory);
  const { info, networks, trainer } = checkpoint;
  if (given.json) {
    return printJson(context, {
      path,
      ...info,
      networks: networks.map((network) => ({ name: network.name, layers: shapeOf(network) })),
      resumable: trainer !== null,
      notices,
    });
  }
  const talk = new Talk(context, false);
  for (const notice of notices) talk.notice(notice);
  const { columns: width } = context.stdout;
  const layout = { width, color: wantsColor(context, context.stdout) };
  context.stdout.write([
    wrapText(printable(`${path}: ${info.kind} (${info.algorithm}), every checksum fits.`), width) +
    "\n",
    renderPairs(describeInfo(info, trainer !== null)),
    renderTable(networkColumns(), groupByShape(networks), layout),
  ].join("\n"));
}

/** What is known of a policy as pairs for people. */
export function describeInfo(info: PolicyInfo, resumable: boolean): [string, string][] {
  const known = (value: unknown) => value === null ? "unknown" : String(value);
  const pairs: [string, string][] = [
    ["apps", info.apps.join(", ")],
    ["slots of a node", `${info.capacity}`],
    ["nodes", known(info.nodes)],
    ["surface", known(info.surface).slice(0, 16)],
    ["data file", known(info.data).slice(0, 16)],
    ["seed", known(info.seed)],
    ["updates", `${info.updates}`],
    ["episodes", `${info.episodes}`],
    ["created", known(info.created)],
    ["training can go on", resumable ? "yes (--resume)" : "no"],
    ["made by", Object.entries(info.versions).map((pair) => pair.join(" ")).join(", ")],
  ];
  const gap = info.metrics["eval/gap"];
  if (typeof gap === "number") pairs.push(["validation gap", `${(gap * 100).toFixed(3)} %`]);
  const chosen = Object.entries(info.options).map((pair) => pair.join("=")).join(", ");
  if (chosen !== "") pairs.push(["options", chosen]);
  return pairs;
}

interface NetworkGroup {
  readonly names: readonly string[];
  readonly shape: string;
  readonly weights: number;
}

function groupByShape(networks: readonly Network[]): NetworkGroup[] {
  const groups = new Map<string, { names: string[]; shape: string; weights: number }>();
  for (const network of networks) {
    const shape = shapeOf(network);
    const group = groups.get(shape) ?? { names: [], shape, weights: 0 };
    group.names.push(network.name);
    group.weights += network.layers.reduce(
      (sum, { kernel, bias }) => sum + kernel.length + bias.length,
      0,
    );
    groups.set(shape, group);
  }
  return [...groups.values()];
}

function networkColumns(): Column<NetworkGroup>[] {
  const text = (names: readonly string[]) =>
    names.length <= 3 ? names.join(", ") : `${names[0]} ... ${names.at(-1)}`;
  return [
    { title: "Networks", align: "right", cell: ({ names }) => `${names.length}` },
    { title: "Names", align: "left", cell: ({ names }) => text(names) },
    { title: "Layers", align: "left", cell: ({ shape }) => shape },
    { title: "Weights", align: "right", cell: ({ weights }) => `${weights}` },
  ];
}

function shapeOf(network: Network): string {
  return network.layers.reduce(
    (text, { outputs, activation }) => `${text} -> ${outputs} ${activation}`,
    `${network.layers[0]!.inputs}`,
  );
}
