/**
 * Containers of two apps that move on a lab while a client asks for them.
 * @module
 */
import { importEverywhere } from "../lab/images.ts";
import type { LabPlan } from "../lab/layout.ts";
import { testImage } from "./_lab.ts";
import { broughtUp, LabSwarm, tableText } from "./_lab_swarm.ts";

/** The apps: both answer "hello". */
export const MOVING_APPS = ["web", "db"];
/** What both run. */
export const MOVING_IMAGE = "metis-test:1";
/** How both run. */
export const MOVING_COMMAND = ["httpd", "-f", "-p", "8080", "-h", "/www"];

/** A lab that is up, with two apps that answer. */
export class MovingLab extends LabSwarm {
  /** The services, and how they are changed. */
  readonly how: readonly string[] = [
    ...["--services", `${this.folder}/services.json`],
    ...["--monitor", "1", "--parallelism", "15"],
  ];
  /** A table of every configuration of a node: the more containers there are on it, the slower they are. */
  readonly table = `${this.folder}/table.csv`;

  /** Brings it up. @param folder For the files of its commands. */
  static async up(lab: LabPlan, folder: string): Promise<MovingLab> {
    const own = new MovingLab(lab, folder, await broughtUp(lab));
    await importEverywhere(lab, await testImage(), MOVING_IMAGE);
    await Deno.writeTextFile(own.table, tableText(MOVING_APPS, lab.slots));
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

  /** Writes a plan: a row of containers of each app for each node. @returns Its file. */
  async plan(placement: readonly (readonly number[])[]): Promise<string> {
    const file = `${this.folder}/plan-${placement.flat().join("-")}.json`;
    await Deno.writeTextFile(file, JSON.stringify({ apps: MOVING_APPS, placement }));
    return file;
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
