import {
  Command,
  type CommandUnknownOpts,
  InvalidArgumentError,
  Option,
} from "@commander-js/extra-typings";
import { countOf } from "../../domain/mod.ts";
import { clusterDown, type LeftNode } from "../../swarm/cluster/down.ts";
import { machineAt } from "../../swarm/cluster/machine.ts";
import type { ClusterPlan } from "../../swarm/cluster/members.ts";
import { type ClusterNode, clusterUp, type NodeLabel } from "../../swarm/cluster/up.ts";
import { type CliContext, printJson, wantsColor } from "../context.ts";
import { act, type GivenBy, untyped } from "../options/define.ts";
import * as options from "../options/mod.ts";
import { Talk } from "../output/progress.ts";
import { renderTable } from "../output/table.ts";

/** Which machines, and how they are reached. */
const machineOptions = () =>
  [
    new Option(
      "--manager <machine>",
      "machine that manages the Swarm: [USER@]HOST[:PORT], as ssh takes it",
    )
      .makeOptionMandatory(),
    new Option("--workers <machines>", "machines that join it, separated by commas").argParser(
      options.parseNames,
    ).default<string[]>([], "none"),
    new Option(
      "--ssh-config <file>",
      "configuration of ssh (keys, ports, jumps), instead of yours",
    ),
    new Option(
      "--accept-new",
      "take the host keys of machines that ssh has not met yet (a key that changed is refused all the same)",
    ),
  ] as const;

/** Options of `metis cluster up`. */
const upOptions = () =>
  [
    ...machineOptions(),
    new Option("--slots <count>", "containers that each node takes, as its label io.metis.slots")
      .argParser(options.whole(1, 255)),
    new Option(
      "--label <label>",
      "label of all nodes, or of one: disk=ssd, web1:disk=ssd (can be repeated)",
    ).argParser(parseLabel).default<NodeLabel[]>([], "none"),
    new Option(
      "--interface <name>",
      "network interface by which the machines reach each other (default: the address that ssh came to)",
    ),
    ...options.outputOptions(),
  ] as const;

/** Options of `metis cluster down`. */
const downOptions = () =>
  [
    ...machineOptions(),
    new Option(
      "--force",
      "also where services end with the Swarm, machines that are not named lose their managers, or the manager's engine does not answer",
    ),
    ...options.outputOptions(),
  ] as const;

/** The command `metis cluster`. */
export function command(context: CliContext): CommandUnknownOpts {
  const command = new Command("cluster")
    .description(
      "Machines as one Swarm, by ssh: the system's own, with its keys, agent and known hosts. It asks for no password, and " +
        "refuses host keys that it does not know.",
    );
  act(
    command.command("up")
      .description(
        "Install the distribution's engine where there is none (Debian, Ubuntu), start it, make the manager a Swarm, join " +
          "the workers, and label them. What is so already is left: run it again to go on, or to add workers.",
      ),
    upOptions(),
    (given) => runUp(context, given),
  );
  act(
    command.command("down")
      .description(
        "Take the machines out of their Swarm, which ends unless most of its managers stay. Engines, images and volumes stay.",
      ),
    downOptions(),
    (given) => runDown(context, given),
  );
  return untyped(command);
}

async function runUp(context: CliContext, given: GivenBy<typeof upOptions>): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  const began = context.seconds();
  const { slots = null, label: labels, interface: networkInterface = null } = given;
  const plan = { ...planOf(given), networkInterface, slots, labels };
  const { signal } = context;
  const nodes = await clusterUp(plan, { tell: (text) => talk.notice(text), signal });
  const seconds = context.seconds() - began;
  if (given.json) return printJson(context, { nodes, seconds });
  context.stdout.write(renderTable<ClusterNode>(
    [
      { title: "Machine", align: "left", cell: ({ machine }) => machine },
      { title: "Node", align: "left", cell: ({ node }) => node },
      { title: "Address", align: "left", cell: ({ address }) => address },
      { title: "Role", align: "left", cell: ({ role }) => role },
      { title: "Engine", align: "left", cell: ({ engine }) => engine },
      { title: "Done", align: "left", cell: ({ done }) => done.join(", ") || "nothing to do" },
    ],
    nodes,
    { width: context.stdout.columns, color: wantsColor(context, context.stdout) },
  ));
  const { machine, isOpen } = nodes[0]!;
  context.stdout.write(`\nUse them by\n\n  export DOCKER_HOST=ssh://${machine}\n`);
  if (given.sshConfig !== undefined) {
    context.stdout.write(
      `\nThat reads ~/.ssh/config, and not ${given.sshConfig}: put what it says of the machine there\n`,
    );
  }
  if (!isOpen) {
    talk.notice(
      "The user there may not use the engine yet: sudo usermod -aG docker USER lets him, as root in all but name",
    );
  }
}

async function runDown(context: CliContext, given: GivenBy<typeof downOptions>): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  const plan = { ...planOf(given), networkInterface: null };
  const { signal } = context;
  const tell = (text: string) => talk.notice(text);
  const machines = await clusterDown(plan, given.force === true, { tell, signal });
  if (given.json) return printJson(context, { machines });
  const left = machines.filter((one: LeftNode) => one.left).length;
  context.stdout.write(
    left === 0
      ? "None of the machines left a Swarm\n"
      : `${countOf(left, "machine")} left the Swarm\n`,
  );
}

function planOf(
  given: GivenBy<typeof machineOptions>,
): Omit<ClusterPlan, "networkInterface"> {
  const ssh = { config: given.sshConfig, acceptNew: given.acceptNew };
  return {
    manager: machineAt(given.manager, ssh),
    workers: given.workers.map((text) => machineAt(text, ssh)),
  };
}

function parseLabel(text: string, before: readonly NodeLabel[]): NodeLabel[] {
  const match = /^(?:([A-Za-z0-9][A-Za-z0-9.-]*):)?([A-Za-z0-9][^=\s:]*)=(.*)$/.exec(text);
  if (match === null) {
    throw new InvalidArgumentError("It must be KEY=VALUE, or NODE:KEY=VALUE.");
  }
  return [...before, { host: match[1] ?? null, key: match[2]!, value: match[3]! }];
}
