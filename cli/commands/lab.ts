import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { readNodeCpus } from "../../swarm/lab/cgroups.ts";
import { labDown } from "../../swarm/lab/down.ts";
import { DEFAULT_DIRECTORY, DEFAULT_SUBNET, MAX_LAB_NODES } from "../../swarm/lab/layout.ts";
import { type LabNodeStatus, labStatus } from "../../swarm/lab/status.ts";
import { labUp } from "../../swarm/lab/up.ts";
import { type CliContext, printJson, wantsColor } from "../context.ts";
import { act, type GivenBy, untyped } from "../options/define.ts";
import * as options from "../options/mod.ts";
import { Talk } from "../output/progress.ts";
import { renderTable } from "../output/table.ts";

/** Options of `metis lab up`. */
const upOptions = () =>
  [
    new Option("--nodes <count>", "number of nodes").argParser(options.whole(1, MAX_LAB_NODES))
      .default(3),
    new Option("--slots <count>", "containers that each node takes").argParser(
      options.whole(1, 255),
    ).default(8),
    new Option("--subnet <numbers>", "first three numbers of its addresses").default(
      DEFAULT_SUBNET,
    ),
    new Option("--directory <path>", "folder of its files").default(DEFAULT_DIRECTORY),
    new Option("--cpus <list>", "CPUs of the containers of a node: n1=0,n2=2-3"),
    new Option(
      "--priority",
      "containers have priority over all other work of this machine, for measuring",
    ),
    ...options.outputOptions(),
  ] as const;

/** Options of `metis lab status`. */
const statusOptions = () =>
  [
    new Option("--directory <path>", "folder of its files").default(DEFAULT_DIRECTORY),
    options.jsonOption(),
  ] as const;

/** Options of `metis lab down`. */
const downOptions = () =>
  [
    new Option("--directory <path>", "folder of its files").default(DEFAULT_DIRECTORY),
    ...options.outputOptions(),
  ] as const;

/** The command `metis lab`. */
export function command(context: CliContext): CommandUnknownOpts {
  const command = new Command("lab")
    .description(
      "A Swarm to try things out: several Docker engines in namespaces of this machine. Needs Linux, root and " +
        "Debian's docker.io, iproute2 and iptables.",
    );
  act(
    command.command("up")
      .description("Bring a lab up. If that fails, nothing of it is left."),
    upOptions(),
    (given) => runUp(context, given),
  );
  act(
    command.command("status")
      .description("Show the nodes of a lab."),
    statusOptions(),
    (given) => runStatus(context, given),
  );
  act(
    command.command("down")
      .description("Take a lab down, also what a crash left behind."),
    downOptions(),
    (given) => runDown(context, given),
  );
  return untyped(command);
}

async function runUp(
  context: CliContext,
  given: GivenBy<typeof upOptions>,
): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  const began = context.seconds();
  const { nodes, slots, subnet, directory, priority = false } = given;
  const cpus = given.cpus === undefined ? {} : readNodeCpus(given.cpus);
  const made = await labUp(
    { nodes, slots, subnet, directory },
    (text) => talk.notice(text),
    context.signal,
    { cpus, priority },
  );
  const seconds = context.seconds() - began;
  if (given.json) return printJson(context, { directory, subnet, slots, nodes: made, seconds });
  context.stdout.write(
    `${nodes} nodes are up (${seconds.toFixed(1)} s). Use them by\n\n` +
      `  export DOCKER_HOST=unix://${made[0]!.socket}\n`,
  );
}

async function runStatus(context: CliContext, given: GivenBy<typeof statusOptions>): Promise<void> {
  const status = await labStatus(given.directory);
  if (given.json) return printJson(context, status);
  const { columns: width } = context.stdout;
  context.stdout.write(renderTable<LabNodeStatus>(
    [
      { title: "Node", align: "left", cell: ({ name }) => name },
      { title: "Address", align: "left", cell: ({ address }) => address },
      { title: "State", align: "left", cell: ({ state }) => state },
      { title: "Engine", align: "left", cell: ({ engine }) => engine ?? "" },
      { title: "Swarm", align: "left", cell: ({ swarm }) => swarm ?? "unknown" },
      { title: "Socket", align: "left", cell: ({ socket }) => socket },
    ],
    status.nodes,
    { width, color: wantsColor(context, context.stdout) },
  ));
}

async function runDown(context: CliContext, given: GivenBy<typeof downOptions>): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  const down = await labDown(given.directory, (text) => talk.notice(text));
  if (given.json) return printJson(context, { directory: given.directory, down });
  context.stdout.write(down ? "The lab is down\n" : `No lab in ${given.directory}\n`);
}
