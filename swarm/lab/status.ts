import { LabError } from "../errors.ts";
import { labEngine } from "./engines.ts";
import { exists, findHolders } from "./host.ts";
import { type LabNode, labNodes, type LabPlan, readState, stateFile } from "./layout.ts";

/** How a node of a lab is. */
export interface LabNodeStatus {
  readonly name: string;
  readonly address: string;
  readonly socket: string;
  /** "up", "engine down" (its namespaces are there) or "gone". */
  readonly state: "up" | "engine down" | "gone";
  /** Version of its engine, or null if it does not answer. */
  readonly engine: string | null;
  /** As the manager sees it: ready, down, ...; null if there is no manager to ask. */
  readonly swarm: string | null;
}

/** How a lab is. */
export interface LabStatus {
  readonly directory: string;
  readonly slots: number;
  readonly nodes: readonly LabNodeStatus[];
}

/**
 * Reads the plan of the lab in a folder.
 * @throws {LabError} if there is none.
 */
export async function openLab(directory: string): Promise<LabPlan> {
  const file = stateFile(directory);
  if (!(await exists(file))) throw new LabError(`No lab in ${directory}: run \`metis lab up\``);
  return readState(directory, await Deno.readFile(file));
}

/** @throws {LabError} if there is no lab in the folder. */
export async function labStatus(directory: string): Promise<LabStatus> {
  const plan = await openLab(directory);
  const nodes = labNodes(plan);
  const held = new Set((await findHolders(directory)).map(({ node }) => node));
  const seen = await swarmStates(nodes[0]!);
  return {
    directory,
    slots: plan.slots,
    nodes: await Promise.all(nodes.map(async ({ name, address, socket, ...node }) => {
      const engine = held.has(name) ? await versionOf({ name, address, socket, ...node }) : null;
      const state = !held.has(name) ? "gone" : engine === null ? "engine down" : "up";
      return { name, address, socket, state, engine, swarm: seen.get(name) ?? null };
    })),
  };
}

async function versionOf(node: LabNode): Promise<string | null> {
  const engine = await labEngine(node);
  try {
    return (await engine.info()).ServerVersion;
  } catch {
    return null;
  } finally {
    engine.close();
  }
}

async function swarmStates(manager: LabNode): Promise<Map<string, string>> {
  const engine = await labEngine(manager);
  try {
    return new Map(
      (await engine.nodes()).map((
        { Description, Status, Spec },
      ) => [
        Description.Hostname,
        Spec.Availability === "active" ? Status.State : `${Status.State}, ${Spec.Availability}`,
      ]),
    );
  } catch {
    return new Map();
  } finally {
    engine.close();
  }
}
