/**
 * Containers of two apps that move on a lab while a client asks for them.
 * @module
 */
import assert from "node:assert/strict";
import type { Engine } from "../engine/engine.ts";
import { labEngine } from "../lab/engines.ts";
import { importEverywhere } from "../lab/images.ts";
import { type LabNode, labNodes, type LabPlan } from "../lab/layout.ts";
import { APP_LABEL, STACK_LABEL } from "../services/spec.ts";
import { ended, type Ran, startMetis, testImage } from "./_lab.ts";

/** The apps: both answer "hello". */
export const MOVING_APPS = ["web", "db"];
/** What both run. */
export const MOVING_IMAGE = "metis-test:1";
/** How both run. */
export const MOVING_COMMAND = ["httpd", "-f", "-p", "8080", "-h", "/www"];

/** A lab that is up, and the command line on its first node. */
export class MovingLab {
  readonly nodes: readonly LabNode[];
  /** The services, and how they are changed. */
  readonly how: readonly string[];
  /** A table of every configuration of a node: the more containers there are on it, the slower they are. */
  readonly table: string;

  private constructor(readonly lab: LabPlan, readonly folder: string, readonly engine: Engine) {
    this.nodes = labNodes(lab);
    this.table = `${folder}/table.csv`;
    const services = `${folder}/services.json`;
    this.how = ["--services", services, "--monitor", "1", "--parallelism", "15"];
  }

  /** Brings it up. @param folder For the files of its commands. */
  static async up(lab: LabPlan, folder: string): Promise<MovingLab> {
    const { directory, subnet, nodes, slots } = lab;
    const up = ["lab", "up", "--nodes", `${nodes}`, "--slots", `${slots}`];
    done(await ended(startMetis([...up, "--directory", directory, "--subnet", subnet], {})));
    await importEverywhere(lab, await testImage(), MOVING_IMAGE);
    await Deno.writeTextFile(`${folder}/table.csv`, tableText(slots));
    const own = new MovingLab(lab, folder, await labEngine(labNodes(lab)[0]!));
    await own.serve();
    return own;
  }

  /** Writes the services. @param more Of web, what is else than of the other. */
  async serve(more: object = {}): Promise<void> {
    const app = {
      image: MOVING_IMAGE,
      command: MOVING_COMMAND,
      stop_grace_period: "1s",
      ports: [{ target: 8080 }],
    };
    const [web, ...others] = MOVING_APPS.map((name) => [name, app]);
    const services = Object.fromEntries([...others, [web![0], { ...app, ...more }]]);
    await Deno.writeTextFile(`${this.folder}/services.json`, JSON.stringify({ services }));
  }

  /** Starts the command line. */
  start(...args: readonly string[]): Deno.ChildProcess {
    return startMetis(args, { DOCKER_HOST: `unix://${this.nodes[0]!.socket}` });
  }

  /** Runs the command line to its end, which must be a good one. */
  async metis(...args: readonly string[]): Promise<Ran> {
    return done(await ended(this.start(...args)));
  }

  /** Writes a plan: a row of containers of each app for each node. @returns Its file. */
  async plan(placement: readonly (readonly number[])[]): Promise<string> {
    const file = `${this.folder}/plan-${placement.flat().join("-")}.json`;
    await Deno.writeTextFile(file, JSON.stringify({ apps: MOVING_APPS, placement }));
    return file;
  }

  /** Containers of a stack that run on each node. */
  async perNode(stack = "metis"): Promise<Record<string, number>> {
    const counts = Object.fromEntries(this.nodes.map(({ name }) => [name, 0]));
    for (const { node } of await this.endpoints(stack)) counts[node]!++;
    return counts;
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
    const [tasks, nodes] = await Promise.all([
      this.engine.tasks({ [STACK_LABEL]: stack }),
      this.engine.nodes(),
    ]);
    const of = new Map(nodes.map(({ ID, Description }) => [ID, Description.Hostname]));
    const addresses = new Map(this.nodes.map(({ name, address }) => [name, address]));
    return tasks.flatMap(({ NodeID, Status, DesiredState, Spec }) => {
      const port = Status.PortStatus?.Ports?.[0]?.PublishedPort;
      if (Status.State !== "running" || DesiredState !== "running" || !port) return [];
      const node = of.get(NodeID)!;
      const app = Spec.ContainerSpec?.Labels?.[APP_LABEL] ?? "";
      return [{ app, node, address: `http://${addresses.get(node)}:${port}/` }];
    });
  }
}

/** What a client was answered. */
export interface Answers {
  /** Requests. */
  readonly asked: number;
  /** Times that a container did not answer, so that the next one was asked. */
  readonly turnedAway: number;
  /** Requests that no container answered. */
  readonly lost: number;
}

/**
 * Asks each app again and again, one container after the other. As load balancers do, it goes to the next one where
 * a container has just stopped; a request that none of them answers is lost.
 */
export class Client {
  #answers: Answers = { asked: 0, turnedAway: 0, lost: 0 };
  #ended = false;
  readonly #running: Promise<unknown>;

  constructor(readonly lab: MovingLab, readonly stack = "metis") {
    this.#running = Promise.all(MOVING_APPS.map((app) => this.#ask(app)));
  }

  /** What it was answered since the last time that it was asked. */
  take(): Answers {
    const answers = this.#answers;
    this.#answers = { asked: 0, turnedAway: 0, lost: 0 };
    return answers;
  }

  async end(): Promise<Answers> {
    this.#ended = true;
    await this.#running;
    return this.take();
  }

  async #ask(app: string): Promise<void> {
    let known: Awaited<ReturnType<MovingLab["endpoints"]>> = [];
    for (let turn = 0; !this.#ended; turn++) {
      // Where the engine does not answer for a moment, what was there before is asked.
      known = await this.lab.endpoints(this.stack).catch(() => known);
      const own = known.filter((one) => one.app === app);
      const inTurn = own.map((_, at) => own[(turn + at) % own.length]!);
      let turnedAway = 0;
      while (turnedAway < inTurn.length && !await answers(inTurn[turnedAway]!.address)) {
        turnedAway++;
      }
      const before = this.#answers;
      this.#answers = {
        asked: before.asked + 1,
        turnedAway: before.turnedAway + turnedAway,
        lost: before.lost + (turnedAway === inTurn.length ? 1 : 0),
      };
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** True if the address answers as the apps do. */
export async function answers(address: string): Promise<boolean> {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(5000) });
    return await response.text() === "hello\n";
  } catch {
    return false;
  }
}

function tableText(slots: number): string {
  const rows = [];
  for (let web = 0; web <= slots; web++) {
    for (let db = 0; web + db <= slots; db++) {
      if (web + db === 0) continue;
      const speed = 1 / (1 + 0.1 * (web + db - 1));
      rows.push([web, db, web > 0 ? speed : "", db > 0 ? speed : ""].join(","));
    }
  }
  return `web,db,rps:web,rps:db\n${rows.join("\n")}\n`;
}

function done(ran: Ran): Ran {
  assert.equal(ran.code, 0, `${ran.output}\n${ran.talk}`);
  return ran;
}

/** Waits for a state, for at most so many seconds. */
export async function until(isThere: () => Promise<boolean>, seconds = 60): Promise<void> {
  for (let tried = 0; tried < 10 * seconds; tried++) {
    if (await isThere().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`waited ${seconds} s for nothing`);
}
