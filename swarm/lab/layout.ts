import * as v from "valibot";
import { decodeText, parseJson } from "../../domain/decode.ts";
import { InputError, UsageError } from "../../domain/errors.ts";

/** Where a lab lives unless told otherwise. */
export const DEFAULT_DIRECTORY = "/var/lib/metis-lab";
/** First three numbers of the addresses of a lab unless told otherwise. */
export const DEFAULT_SUBNET = "10.77.0";
/** Most nodes of a lab: each is an engine of some 100 MB. */
export const MAX_LAB_NODES = 50;
/** Word by which our own processes are known among all others. */
export const HOLDER_MARK = "metis-lab-holder";
/** Label of a node that says how many containers it takes. */
export const SLOTS_LABEL = "io.metis.slots";

/** What a lab is to be. */
export interface LabPlan {
  readonly directory: string;
  /** Such as "10.77.0": node i gets .i, this machine .254. */
  readonly subnet: string;
  /** 1 to {@link MAX_LAB_NODES}. */
  readonly nodes: number;
  /** Containers that each node takes, as its label says. */
  readonly slots: number;
}

/** One node of a lab. */
export interface LabNode {
  /** Host name, by which services are pinned: n1, n2, ... */
  readonly name: string;
  readonly address: string;
  /** Socket of its engine on this machine. */
  readonly socket: string;
  /** Folder of its files. */
  readonly folder: string;
  /** Parent of the control groups of its containers. */
  readonly cgroup: string;
}

/** The nodes of a lab; the first is the manager. */
export function labNodes(plan: LabPlan): LabNode[] {
  return Array.from({ length: plan.nodes }, (_, at) => {
    const name = `n${at + 1}`;
    const folder = `${plan.directory}/${name}`;
    return {
      name,
      address: `${plan.subnet}.${at + 1}`,
      socket: `${folder}/docker.sock`,
      folder,
      cgroup: `${cgroupPrefix(plan)}${name}`,
    };
  });
}

/** What the names of the control groups of a lab begin with. */
export function cgroupPrefix(plan: Pick<LabPlan, "subnet">): string {
  return `metis-lab-${plan.subnet}-`;
}

/** Name of this machine's end of the cable to the lab; Linux allows 15 letters. */
export function hostInterface(plan: Pick<LabPlan, "subnet">): string {
  return `ml${plan.subnet.replaceAll(".", "-")}`;
}

/** Address of this machine in the lab. */
export function hostAddress(plan: Pick<LabPlan, "subnet">): string {
  return `${plan.subnet}.254`;
}

/** The file that makes a folder the folder of a lab: nothing without it is ever removed. */
export function stateFile(directory: string): string {
  return `${directory}/lab.json`;
}

const stateSchema = v.strictObject({
  format: v.literal("metis-lab"),
  version: v.literal(1),
  subnet: v.pipe(v.string(), v.check(isSubnet, "must be like 10.77.0")),
  nodes: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_LAB_NODES)),
  slots: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(255)),
});

/** The text of a state file. */
export function stateText(plan: LabPlan): string {
  const { subnet, nodes, slots } = plan;
  return JSON.stringify({ format: "metis-lab", version: 1, subnet, nodes, slots }) + "\n";
}

/** @throws {InputError} if the file was not written by a lab. */
export function readState(directory: string, bytes: Uint8Array): LabPlan {
  const file = stateFile(directory);
  const result = v.safeParse(stateSchema, parseJson(decodeText(bytes, file), file));
  if (!result.success) {
    throw new InputError(`${file}: not written by \`metis lab up\``);
  }
  const { subnet, nodes, slots } = result.output;
  return { directory, subnet, nodes, slots };
}

/** @throws {UsageError} naming what cannot be. */
export function checkLabPlan(plan: LabPlan): LabPlan {
  if (!isSubnet(plan.subnet)) {
    throw new UsageError("--subnet takes three numbers from 0 to 255: 10.77.0");
  }
  // The path of a socket may have 107 bytes, and the shell script of a node must not meet odd letters.
  if (!/^\/[A-Za-z0-9._/-]{3,70}$/.test(plan.directory) || /\/\.{0,2}(\/|$)/.test(plan.directory)) {
    throw new UsageError(
      "--directory takes an absolute path of 4 to 71 letters, digits, dots, dashes and slashes",
    );
  }
  return plan;
}

function isSubnet(text: string): boolean {
  return /^\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(text) &&
    text.split(".").every((part) => Number(part) <= 255);
}
