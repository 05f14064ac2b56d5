/**
 * What the tests of deployments share: plans for the scripted Swarm, and what became of them.
 * @module
 */
import { placementFromRows, type Problem, uniformCluster } from "../../domain/mod.ts";
import type { Clock } from "../clock.ts";
import { deploy } from "../deploy/deploy.ts";
import type { DeployOptions, Reporter, Target } from "../deploy/deployment.ts";
import { type PlanRequest, planTarget } from "../deploy/target.ts";
import { emptyTarget } from "../deploy/undeploy.ts";
import type { Engine } from "../engine/engine.ts";
import { readServices } from "../services/compose.ts";
import { STACK_LABEL } from "../services/spec.ts";
import { jumpingClock } from "./_clock.ts";
import { FakeSwarm } from "./_fake_engine.ts";

/** Apps of the plans here. */
export const APPS = ["redis", "isr", "mms"];

/** A plan of these apps on nodes with plenty of room. @param image Tag of all images. */
export function target(
  engine: Engine,
  rows: readonly (readonly number[])[],
  image = "1",
  more: Readonly<Record<string, object | undefined>> = {},
  request: Partial<PlanRequest> = {},
): Target {
  const services = Object.fromEntries([
    ...APPS.map((app) => [app, { image: `${app}:${image}`, ...more[app] }] as const),
    ...Object.entries(more).filter(([name]) => !APPS.includes(name)),
  ]);
  const problem: Problem = {
    apps: APPS,
    cluster: uniformCluster(rows.length, 255),
    demand: APPS.map((_, app) => rows.reduce((sum, row) => sum + row[app]!, 0)),
    rules: { maxPerNode: [null, null, null], apart: [], fencedNodes: [] },
  };
  return planTarget(engine, {
    stack: "metis",
    problem,
    placement: placementFromRows(rows),
    planFile: "plan.json",
    services: readServices(JSON.stringify({ services }), "services.json"),
    servicesFile: "services.json",
    selection: { names: rows.map((_, at) => `n${at + 1}`) },
    force: false,
    ...request,
  });
}

/** Nothing of the stack. */
export const nothing = () => emptyTarget("metis");

/** A reporter that remembers what it was told. */
export function silent(): Reporter & { readonly told: string[] } {
  const told: string[] = [];
  return { told, planned() {}, change() {}, progress() {}, note: (text) => void told.push(text) };
}

let runs = 0;

/** Deploys with short waits. */
export function carryOut(
  engine: Engine,
  wanted: Target,
  clock: Clock,
  options: Partial<DeployOptions> = {},
  reporter: Reporter = silent(),
) {
  return deploy(engine, wanted, {
    timeout: 60,
    monitor: 0,
    parallelism: 2,
    rollback: true,
    owner: `operator ${++runs}`,
    clock,
    ...options,
  }, reporter);
}

/** A Swarm on which a plan runs, and a clock that fits it. */
export async function deployed(
  rows: readonly (readonly number[])[],
): Promise<{ swarm: FakeSwarm; clock: Clock }> {
  const swarm = new FakeSwarm();
  const clock = jumpingClock(() => swarm.inFlight > 0);
  if (rows.length > 0) await carryOut(swarm.client(), target(swarm.client(), rows), clock);
  swarm.calls.length = 0;
  return { swarm, clock };
}

/** Name, image and replicas of every service, sorted: what runs, without ids and versions. */
export function whatRuns(swarm: FakeSwarm): string[] {
  return [...swarm.services.values()].map(({ Spec }) =>
    `${Spec.Name} ${Spec.TaskTemplate.ContainerSpec.Image} x${
      Spec.Mode.Replicated?.Replicas ?? Object.keys(Spec.Mode)[0]
    } ${Spec.Labels[STACK_LABEL]}`
  ).sort();
}
