/**
 * A lab that is up, as tests use it: its engine, its nodes, and the command line.
 * @module
 */
import assert from "node:assert/strict";
import type { Engine } from "../engine/engine.ts";
import type { Task } from "../engine/schemas.ts";
import { labEngine } from "../lab/engines.ts";
import { type LabNode, labNodes, type LabPlan } from "../lab/layout.ts";
import { APP_LABEL, STACK_LABEL } from "../services/spec.ts";
import { ended, type Ran, startMetis } from "./_lab.ts";

/** Brings a lab up. @returns The engine of its first node. */
export async function broughtUp(lab: LabPlan): Promise<Engine> {
  const { directory, subnet, nodes, slots } = lab;
  const up = ["lab", "up", "--nodes", `${nodes}`, "--slots", `${slots}`];
  done(await ended(startMetis([...up, "--directory", directory, "--subnet", subnet], {})));
  return await labEngine(labNodes(lab)[0]!);
}

/** A lab that is up, and the command line on its first node. */
export class LabSwarm {
  readonly nodes: readonly LabNode[];

  /** @param folder For the files of its commands. */
  constructor(readonly lab: LabPlan, readonly folder: string, readonly engine: Engine) {
    this.nodes = labNodes(lab);
  }

  /** Starts the command line. */
  start(...args: readonly string[]): Deno.ChildProcess {
    return startMetis(args, { DOCKER_HOST: `unix://${this.nodes[0]!.socket}` });
  }

  /** Runs the command line to its end, which must be a good one. */
  async metis(...args: readonly string[]): Promise<Ran> {
    return done(await ended(this.start(...args)));
  }

  /** Containers of a stack that run on each node. */
  async perNode(stack = "metis"): Promise<Record<string, number>> {
    const counts = Object.fromEntries(this.nodes.map(({ name }) => [name, 0]));
    for (const { node } of await this.#running(stack)) counts[node]!++;
    return counts;
  }

  /** Ids of the tasks of a stack that run, sorted, by app. */
  async containers(stack: string): Promise<Map<string, string[]>> {
    const services = await this.engine.services({ [STACK_LABEL]: stack });
    const apps = new Map(
      services.map(({ ID, Spec }) =>
        [ID, Spec.Labels?.[APP_LABEL] ?? Spec.Name.slice(stack.length + 1)] as const
      ),
    );
    const byApp = new Map<string, string[]>();
    for (const { task } of await this.#running(stack)) {
      const app = apps.get(task.ServiceID) ?? "";
      byApp.set(app, [...byApp.get(app) ?? [], task.ID].sort());
    }
    return new Map([...byApp].sort(([a], [b]) => a < b ? -1 : 1));
  }

  /** `docker stack deploy`. @returns False if it ends badly. @param waits For what it started to run. */
  async dockerDeploy(
    file: string,
    stack: string,
    { waits = false }: { readonly waits?: boolean } = {},
  ): Promise<boolean> {
    const how = [`--detach=${!waits}`, "--resolve-image", "never", "--prune", "-c", file];
    const { success } = await new Deno.Command("docker", {
      args: ["stack", "deploy", ...how, stack],
      env: { DOCKER_HOST: `unix://${this.nodes[0]!.socket}` },
    }).output();
    return success;
  }

  /** Removes a stack, whoever made it, and waits until nothing of it is left. */
  async removeStack(stack: string): Promise<void> {
    const label = { [STACK_LABEL]: stack };
    for (const { ID } of await this.engine.services(label)) await this.engine.removeService(ID);
    const isOver = ({ Status }: Task) => !["running", "starting"].includes(Status.State);
    await until(async () => (await this.engine.tasks(label)).every(isOver), 300);
    await until(async () => {
      for (const { Id } of await this.engine.networks(label)) {
        await this.engine.removeNetwork(Id).catch(() => {});
      }
      return (await this.engine.networks(label)).length === 0;
    });
  }

  /** Tasks of a stack that run and are meant to, with the host names of their nodes. */
  async #running(stack: string): Promise<{ readonly task: Task; readonly node: string }[]> {
    const [tasks, nodes] = await Promise.all([
      this.engine.tasks({ [STACK_LABEL]: stack }),
      this.engine.nodes(),
    ]);
    const of = new Map(nodes.map(({ ID, Description }) => [ID, Description.Hostname]));
    return tasks.filter(({ Status, DesiredState }) =>
      Status.State === "running" && DesiredState === "running"
    ).map((task) => ({ task, node: of.get(task.NodeID)! }));
  }

  /** Changes a node of the Swarm. */
  async setNode(name: string, spec: Record<string, unknown>): Promise<void> {
    const nodes = await this.engine.nodes();
    const node = nodes.find(({ Description }) => Description.Hostname === name)!;
    await this.engine.updateNode(node, { Labels: node.Spec.Labels, ...spec });
  }

  /** Where each container of a stack that runs can be reached. */
  async endpoints(
    stack: string,
  ): Promise<{ readonly app: string; readonly node: string; readonly address: string }[]> {
    const addresses = new Map(this.nodes.map(({ name, address }) => [name, address]));
    return (await this.#running(stack)).flatMap(({ task: { Status, Spec }, node }) => {
      const port = Status.PortStatus?.Ports?.[0]?.PublishedPort;
      if (!port) return [];
      const app = Spec.ContainerSpec?.Labels?.[APP_LABEL] ?? "";
      return [{ app, node, address: `http://${addresses.get(node)}:${port}/` }];
    });
  }
}

function done(ran: Ran): Ran {
  assert.equal(ran.code, 0, `${ran.output}\n${ran.talk}`);
  return ran;
}

/** A table of every configuration of a node: the more containers there are on it, the slower they are. */
export function tableText(apps: readonly string[], slots: number): string {
  const rows: string[] = [];
  const fill = (counts: readonly number[], left: number) => {
    if (counts.length < apps.length) {
      for (let count = 0; count <= left; count++) fill([...counts, count], left - count);
      return;
    }
    if (left === slots) return;
    const speed = 1 / (1 + 0.1 * (slots - left - 1));
    rows.push([...counts, ...counts.map((count) => count > 0 ? speed : "")].join(","));
  };
  fill([], slots);
  return `${[...apps, ...apps.map((app) => `rps:${app}`)].join(",")}\n${rows.join("\n")}\n`;
}

/** Waits for a state, for at most so many seconds. */
export async function until(isThere: () => Promise<boolean>, seconds = 60): Promise<void> {
  for (let tried = 0; tried < 10 * seconds; tried++) {
    if (await isThere().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`waited ${seconds} s for nothing`);
}
