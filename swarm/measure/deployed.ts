import { systemClock } from "../clock.ts";
import { deploy } from "../deploy/deploy.ts";
import type { DeployOptions, Reporter, Target } from "../deploy/deployment.ts";
import { desiredServices } from "../deploy/target.ts";
import { isUp } from "../deploy/convergence.ts";
import { emptyTarget } from "../deploy/undeploy.ts";
import type { Engine } from "../engine/engine.ts";
import { MeasureError } from "../errors.ts";
import type { TargetResult } from "../load/generator.ts";
import type { LoadPlan, LoadTarget } from "../load/plan.ts";
import { type GeneratorPlace, loadInProcess } from "../load/process.ts";
import type { ComposeService, Services } from "../services/compose.ts";
import { loadedPort, loadRequest } from "../services/measuring.ts";
import { APP_LABEL, NODE_LABEL, STACK_LABEL } from "../services/spec.ts";
import { containerRun } from "./containers.ts";
import { waitUntilReady } from "./ready.ts";
import type { ContainerRun } from "./records.ts";

/** How a deployed stack is measured. */
export interface DeployedOptions {
  readonly services: Services;
  /** Services that run once on each node that is used, and are not loaded. */
  readonly support: readonly string[];
  readonly load: Omit<LoadPlan, "targets">;
  readonly place: GeneratorPlace;
  readonly readySeconds: number;
  /** Load the containers of one node after the other: for a lab, whose nodes share one machine. */
  readonly oneAtATime: boolean;
  readonly deploy: DeployOptions;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

/** A container of a stack under load. */
export interface DeployedContainer extends ContainerRun {
  /** Host name. */
  readonly node: string;
}

/** What a stack did under load. */
export interface DeployedResult {
  readonly containers: readonly DeployedContainer[];
  /** Why nothing of it can be used, or null. */
  readonly void: string | null;
}

/**
 * Deploys a stack, and loads all of its containers at once, or all of one node at once.
 * @throws {DeployError} if it does not come up. @throws {MeasureError} if containers do not answer.
 */
export async function measureDeployed(
  engine: Engine,
  target: Target,
  options: DeployedOptions,
): Promise<DeployedResult> {
  // What is measured serves nobody: without ground to move on, all changes are one stage.
  const { ground: _, ...atOnce } = withSupport(engine, target, options);
  await deploy(engine, atOnce, options.deploy, options.reporter);
  const found = await containersOf(engine, target.stack, options.services);
  const targets = found.map(({ target }) => target);
  await waitUntilReady(targets, options.readySeconds, systemClock, options.signal);
  const rounds = options.oneAtATime
    ? [...Map.groupBy(found.keys(), (at) => found[at]!.node).values()]
    : [[...found.keys()]];
  const results: TargetResult[] = [];
  let behind: string | null = null;
  for (const round of rounds) {
    const load = { ...options.load, targets: round.map((at) => targets[at]!) };
    const measured = await loadInProcess(load, options.signal, options.place);
    behind ??= measured.behind;
    round.forEach((at, nth) => results[at] = measured.targets[nth]!);
  }
  const after = await containersOf(engine, target.stack, options.services);
  const same = found.map(({ id }) => id).join() === after.map(({ id }) => id).join();
  return {
    containers: found.map(({ app, node }, at) => ({
      ...containerRun(at, app, results[at]!),
      node,
    })),
    void: behind ?? (same ? null : "a container was replaced during the run"),
  };
}

/** Removes a stack. */
export async function removeDeployed(
  engine: Engine,
  stack: string,
  options: Pick<DeployedOptions, "deploy" | "reporter">,
): Promise<void> {
  const { signal: _, ...rest } = options.deploy;
  await deploy(engine, emptyTarget(stack), { ...rest, monitor: 0 }, options.reporter);
}

function withSupport(
  engine: Engine,
  target: Target,
  { support, services }: DeployedOptions,
): Target {
  return {
    ...target,
    desire: async (state) => {
      const desired = await target.desire(state);
      const nodes = [...new Set(desired.map(({ node }) => node))];
      const spots = nodes.flatMap((node) => support.map((app) => ({ app, node, replicas: 1 })));
      return [...desired, ...await desiredServices(engine, target.stack, spots, services)];
    },
  };
}

/** Every container of the apps of a stack, and where it is loaded; in an order that stays the same. */
async function containersOf(
  engine: Engine,
  stack: string,
  services: Services,
): Promise<{ id: string; app: string; node: string; target: LoadTarget }[]> {
  const [nodes, deployed, tasks] = await Promise.all([
    engine.nodes(),
    engine.services({ [STACK_LABEL]: stack }),
    engine.tasks({ [STACK_LABEL]: stack }),
  ]);
  const addresses = new Map(nodes.map(({ ID, Status }) => [ID, Status.Addr]));
  const labels = new Map(deployed.map(({ ID, Spec }) => [ID, Spec.Labels ?? {}]));
  return tasks.filter((task) => isUp(task, { oneShot: false })).flatMap((task) => {
    const { [APP_LABEL]: app = "", [NODE_LABEL]: node = "" } = labels.get(task.ServiceID) ?? {};
    const service = services.get(app);
    if (service === undefined || service["x-metis"]?.support) return [];
    const port = publishedPort(task, service);
    if (port === undefined) {
      throw new MeasureError(`${app} on ${node} publishes no port that could be loaded`);
    }
    const name = `${app} on ${node} (port ${port})`;
    const origin = `http://${addresses.get(task.NodeID)}:${port}`;
    return [{ id: task.ID, app, node, target: { name, origin, request: loadRequest(service) } }];
  }).sort((a, b) => a.id < b.id ? -1 : 1);
}

function publishedPort(
  task: Awaited<ReturnType<Engine["tasks"]>>[0],
  service: ComposeService,
): number | undefined {
  const wanted = loadedPort(service, service.ports);
  return (task.Status.PortStatus?.Ports ?? []).find(({ TargetPort, PublishedPort }) =>
    TargetPort === wanted && PublishedPort > 0
  )?.PublishedPort;
}
