/**
 * One fault at one moment of one deployment: what came of it, and what of it must never be.
 * @module
 */
import { MetisError } from "../../domain/errors.ts";
import type { DeployOptions } from "../deploy/deployment.ts";
import { APPS, whatRuns } from "./_deployments.ts";
import { type DeploymentKind, strangersOf, type World, worldOf } from "./_fault_worlds.ts";

/** What a fault does to a world. */
export interface Armed {
  /** True once it has happened: a case in which it never did is void. */
  readonly happened: () => boolean;
  /** Takes away what caused it, as whoever reads the message would. */
  readonly heal?: () => Promise<void> | void;
  readonly options?: Partial<DeployOptions>;
  /** The process is killed after so many calls. */
  readonly dieAfter?: number;
  /** Containers of each app that it took itself, so far. */
  readonly took?: () => readonly number[];
  /** The node that it took. */
  readonly lost?: string;
}

/** A case: a fault at a moment. */
export interface FaultCase {
  readonly deployment: DeploymentKind;
  /** Kind of the fault, as the table has it. */
  readonly fault: string;
  /** When and how, so that the case is found again. */
  readonly moment: string;
  readonly arm: (world: World) => Armed | Promise<Armed>;
}

/** A deployment without a fault. */
export interface Clean {
  readonly calls: readonly string[];
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly networks: readonly string[];
}

/** How a case ended. */
export interface Ended {
  readonly outcome: Outcome;
  /** What the first run said; "" where it converged. */
  readonly message: string;
  /** What a deployment must never do, and did. */
  readonly broken: readonly string[];
}

/** What a deployment that met a fault came to, as its exit code and the Swarm have it. */
export type Outcome =
  | "converged"
  | "as before"
  | "named, goes on"
  | "killed, goes on"
  | "void";

/** Runs a kind of deployment without a fault. */
export async function cleanRun(kind: DeploymentKind): Promise<Clean> {
  const world = await worldOf(kind);
  const before = whatRuns(world.swarm);
  const watched = watch(world, kind, () => [0, 0, 0]);
  await world.deploy();
  const { swarm } = world;
  const broken = watched();
  if (broken.length > 0) throw new Error(`${kind.name} without a fault: ${broken.join("; ")}`);
  return {
    calls: [...swarm.calls],
    before,
    after: whatRuns(swarm),
    networks: networksOf(world),
  };
}

/** Runs one case. */
export async function runCase({ deployment, arm }: FaultCase, clean: Clean): Promise<Ended> {
  const world = await worldOf(deployment);
  const { swarm } = world;
  const armed = await arm(world);
  const before = whatRuns(swarm);
  const strangers = strangersOf(swarm);
  const { options, dieAfter, took = () => [0, 0, 0] } = armed;
  const watched = watch(world, deployment, took);
  const end = await endOf(world.deploy(options, dieAfter));
  if (!armed.happened()) return { outcome: "void", message: end.message, broken: [] };
  const isKilled = dieAfter !== undefined;
  const broken: string[] = [];
  const left = whatRuns(swarm);
  if (!isKilled) {
    if (end.code === 0 && !same(left, clean.after)) broken.push(`exit code 0, but ${left.join()}`);
    if ((end.code === 1 || end.code === 3) && !same(left, before)) {
      broken.push(`exit code ${end.code}, but ${left.join()}`);
    }
    if (![0, 1, 3, 4, 5, 130].includes(end.code)) broken.push(`ends with ${end.message}`);
    if (armed.lost !== undefined && end.message.includes("all else is as planned")) {
      broken.push(...missingOf(left, clean.after, armed.lost));
    }
    // Who reads of something else than the old state or the new one is told how to go on.
    const says =
      /by hand|run (the same command|this) again|metis (status|undeploy)|when that has ended/;
    if ((end.code === 4 || end.code === 5) && !says.test(end.message)) {
      broken.push(`exit code ${end.code} without a way on: ${end.message}`);
    }
    if (end.code !== 0 && !/^\S[^\n]+$/.test(end.message)) broken.push("no message of one line");
  }
  if (strangersOf(swarm) !== strangers) broken.push("changed what is not of the stack");
  await armed.heal?.();
  swarm.interfere = () => null;
  const healed = strangersOf(swarm);
  const again = await endOf(world.deploy());
  broken.push(...watched());
  if (again.code !== 0) broken.push(`the same command again: ${again.message}`);
  else if (!same(whatRuns(swarm), clean.after)) {
    broken.push(`the same command again ends as ${whatRuns(swarm).join()}`);
  }
  if (strangersOf(swarm) !== healed) {
    broken.push("the same command again changed what is not of the stack");
  }
  if (swarm.configs.size !== 1) broken.push(`left ${[...swarm.configs.keys()].join()}`);
  if (!same(networksOf(world), clean.networks)) broken.push(`left ${networksOf(world).join()}`);
  const calls = swarm.calls.length;
  const third = await endOf(world.deploy());
  const writes = swarm.calls.slice(calls).filter((call) =>
    !call.startsWith("GET") && !call.includes("/configs")
  );
  if (third.code !== 0 || writes.length > 0) broken.push(`a third run writes ${writes.join()}`);
  const outcome = isKilled
    ? "killed, goes on"
    : end.code === 0
    ? "converged"
    : same(left, before)
    ? "as before"
    : "named, goes on";
  return { outcome, message: end.message, broken };
}

/** Looks at every call whether as many containers answer as are promised. @returns What it saw. */
function watch(
  { swarm }: World,
  { promised }: DeploymentKind,
  took: () => readonly number[],
): () => string[] {
  const seen: string[] = [];
  const after = swarm.afterCall;
  swarm.afterCall = (call) => {
    after(call);
    APPS.forEach((app, at) => {
      const least = promised[at]! - took()[at]!;
      const running = swarm.running(app);
      if (running >= least || seen.length > 0) return;
      seen.push(`${running} of ${app} after ${call} (${swarm.calls.length}), promised ${least}`);
    });
  };
  return () => seen;
}

/** Services of other nodes than the lost one that are not as planned, or that have fewer containers. */
function missingOf(left: readonly string[], after: readonly string[], lost: string): string[] {
  const runs = new Map(left.map((line) => [line.split(" ")[0], line.split(" ")]));
  return after.filter((line) => {
    const [name, image, replicas] = line.split(" ");
    if (name!.endsWith(`-${lost}`)) return false;
    const [, its, count = "x0"] = runs.get(name) ?? [];
    return its !== image || Number(count.slice(1)) < Number(replicas!.slice(1));
  }).map((line) => `not as planned: ${line}`);
}

function networksOf({ swarm }: World): string[] {
  return swarm.networks.map(({ Name }) => Name).sort();
}

async function endOf(work: Promise<unknown>): Promise<{ code: number; message: string }> {
  try {
    await work;
    return { code: 0, message: "" };
  } catch (error) {
    if (error instanceof MetisError) return { code: error.exitCode, message: error.message };
    return { code: -1, message: String(error) };
  }
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
