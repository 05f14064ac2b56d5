import { InputError } from "../../domain/mod.ts";
import { systemClock } from "../clock.ts";
import { deploy } from "../deploy/deploy.ts";
import type { DeployOptions, Reporter, Target } from "../deploy/deployment.ts";
import { FIRST_PORT, launchTarget } from "../deploy/launch.ts";
import { lockOwner } from "../deploy/owner.ts";
import type { DesiredService } from "../deploy/changes.ts";
import type { SwarmState } from "../deploy/state.ts";
import { desiredServices } from "../deploy/target.ts";
import { emptyTarget } from "../deploy/undeploy.ts";
import type { Engine } from "../engine/engine.ts";
import type { Services } from "../services/compose.ts";
import { loadRequest } from "../services/measuring.ts";
import { APP_LABEL, SLOT_LABEL, STACK_LABEL } from "../services/spec.ts";
import type { LoadPlan, LoadTarget } from "../load/plan.ts";
import { type GeneratorPlace, loadInProcess } from "../load/process.ts";
import type { NodeRunner, UnjudgedRun } from "./node_runner.ts";
import { assignSlots } from "./configurations.ts";
import { containerRun } from "./containers.ts";
import { waitUntilReady } from "./ready.ts";

/** Seconds that a deployment may take. */
const DEPLOY_SECONDS = 300;
/** How often a deployment is tried again whose ports are not free yet. */
const PORT_TRIES = 5;
/** Containers that do not say otherwise get so long to end; a measurement waits for each. */
const STOP_GRACE = "2s";

/** How configurations are run on a node of a Swarm. */
export interface SwarmRunnerOptions {
  /** Host name. */
  readonly node: string;
  /** Address that its published ports are reached at. */
  readonly address: string;
  readonly apps: readonly string[];
  readonly capacity: number;
  readonly services: Services;
  /** Services that run once beside the containers, and are not loaded. */
  readonly support: readonly string[];
  readonly servicesFile: string;
  /** Limits of each container. @default the node's, divided by its slots */
  readonly cpus?: number | undefined;
  readonly memory?: string | undefined;
  readonly firstPort?: number;
  /** Everything of a load plan but its targets. */
  readonly load: Omit<LoadPlan, "targets">;
  readonly place: GeneratorPlace;
  /** Seconds that containers may take until they answer. */
  readonly readySeconds: number;
  readonly note: (text: string) => void;
}

/** Runs configurations as services that are pinned to one node, changing only what differs from the one before. */
export class SwarmRunner implements NodeRunner {
  readonly node: string;
  readonly #engine: Engine;
  readonly #options: SwarmRunnerOptions;
  readonly #services: Services;
  readonly #stack: string;
  /** What runs in each slot; null if that must be asked. */
  #slots: readonly (string | null)[] | null = null;

  constructor(engine: Engine, options: SwarmRunnerOptions) {
    this.node = options.node;
    this.#engine = engine;
    this.#options = options;
    this.#stack = measuringStack(options.node);
    this.#services = new Map(
      [...options.services].map(([app, service]) => [
        app,
        { ...service, stop_grace_period: service.stop_grace_period ?? STOP_GRACE },
      ]),
    );
  }

  /** As {@link NodeRunner.run}. */
  async run(counts: Uint8Array, signal: AbortSignal): Promise<UnjudgedRun> {
    const { apps, capacity, cpus, memory, servicesFile, place, readySeconds } = this.#options;
    const slots = assignSlots(counts, apps, capacity, this.#slots ?? await this.#running());
    this.#slots = null;
    const firstPort = this.#options.firstPort ?? FIRST_PORT;
    const launched = launchTarget(this.#engine, {
      stack: this.#stack,
      node: this.node,
      slots,
      services: this.#services,
      servicesFile,
      ...(cpus === undefined ? {} : { cpus }),
      ...(memory === undefined ? {} : { memory }),
      firstPort,
    });
    await this.#deploy({ ...launched, desire: (state) => this.#desire(launched, state) }, signal);
    this.#slots = slots;
    const targets = slots.flatMap((app, slot): (LoadTarget & { slot: number; app: string })[] =>
      app === null ? [] : [{
        slot,
        app,
        name: `${app} in slot ${slot}`,
        origin: `http://${this.#options.address}:${firstPort + slot}`,
        request: loadRequest(this.#services.get(app)!),
      }]
    );
    await waitUntilReady(targets, readySeconds, systemClock, signal);
    const before = await this.#containers();
    const plan = targets.map(({ name, origin, request }) => ({ name, origin, request }));
    const load = { ...this.#options.load, targets: plan };
    const { targets: results, behind } = await loadInProcess(load, signal, place);
    const after = await this.#containers();
    return {
      containers: targets.map(({ slot, app }, at) => containerRun(slot, app, results[at]!)),
      void: behind ?? (before === after ? null : "a container was replaced during the run"),
    };
  }

  /** As {@link NodeRunner.clear}. */
  async clear(): Promise<void> {
    this.#slots = null;
    await this.#deploy(emptyTarget(this.#stack, this.node));
  }

  /** The containers of the slots, and what supports them. */
  async #desire(launched: Target, state: SwarmState): Promise<DesiredService[]> {
    const spots = this.#options.support.map((app) => ({ app, node: this.node, replicas: 1 }));
    const support = await desiredServices(this.#engine, this.#stack, spots, this.#services);
    return [...await launched.desire(state), ...support];
  }

  async #deploy(target: Target, signal?: AbortSignal): Promise<void> {
    const options: DeployOptions = {
      timeout: DEPLOY_SECONDS,
      monitor: 0,
      parallelism: 8,
      // What did not come up is replaced by the next configuration, or cleared.
      rollback: false,
      // Once for every configuration would be once too often: a container that finds no image says so as well.
      checksImages: false,
      owner: lockOwner(),
      ...(signal === undefined ? {} : { signal }),
    };
    for (let tries = PORT_TRIES;; tries--) {
      try {
        await deploy(this.#engine, target, options, quietReporter(this.#options.note));
        return;
      } catch (error) {
        // The container before may be slow to let its port go.
        if (tries === 0 || !/port already in use/.test(String(error))) throw error;
      }
    }
  }

  /** The app of each slot, as an earlier process or a deployment that failed may have left them. */
  async #running(): Promise<(string | null)[]> {
    const services = await this.#engine.services({ [STACK_LABEL]: this.#stack });
    const slots: (string | null)[] = [];
    for (const { Spec: { Labels } } of services) {
      const slot = Number(Labels?.[SLOT_LABEL] ?? -1);
      if (slot >= 0 && slot < this.#options.capacity) slots[slot] = Labels?.[APP_LABEL] ?? null;
    }
    return Array.from(slots, (app) => app ?? null);
  }

  /** Which containers run. */
  async #containers(): Promise<string> {
    const tasks = await this.#engine.tasks({ [STACK_LABEL]: this.#stack });
    return tasks.filter(({ Status }) => Status.State === "running").map(({ ID }) => ID).sort()
      .join();
  }
}

/** Stack of the containers that are measured on a node: one each, so that nodes do not wait for each other's lock. */
export function measuringStack(node: string): string {
  const name = node.toLowerCase().replaceAll(".", "-");
  if (name.length <= 16) return `metis-profile-${name}`;
  // Long names often differ at their ends only.
  let hash = 7;
  for (const letter of node) hash = (Math.imul(hash, 31) + letter.codePointAt(0)!) >>> 0;
  return `metis-profile-${name.slice(0, 8)}${hash.toString(36)}`.slice(0, 30);
}

/** Address of a node, as the Swarm knows it. @throws {InputError} if it knows none that others can use. */
export async function addressOf(engine: Engine, node: string): Promise<string> {
  const found = (await engine.nodes()).find(({ Description, Status }) =>
    Description.Hostname === node && Status.State === "ready"
  );
  const address = found?.Status.Addr ?? "";
  if (address !== "" && address !== "0.0.0.0" && !address.startsWith("127.")) return address;
  throw new InputError(
    `The Swarm does not know an address of ${node}: \`docker swarm init --advertise-addr\` gives one`,
  );
}

function quietReporter(note: (text: string) => void): Reporter {
  return {
    planned: () => {},
    change: () => {},
    progress: () => {},
    // "verify: ..." is said at each deployment; what else is noted matters.
    note: (text) => text.startsWith("verify:") || note(text),
  };
}
