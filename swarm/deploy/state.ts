import { InputError } from "../../domain/mod.ts";
import type { Engine } from "../engine/engine.ts";
import type { Service, SwarmNodeInfo, Task } from "../engine/schemas.ts";
import { STACK_LABEL } from "../services/spec.ts";
import { type CurrentService, currentService, endOf } from "./changes.ts";
import { isUp } from "./convergence.ts";
import { listed } from "./hosts.ts";
import type { Running } from "./stages.ts";

/** What a Swarm looks like at one moment, as far as a deployment needs it. */
export interface SwarmState {
  readonly nodes: readonly SwarmNodeInfo[];
  /** Services of the stack that Metis owns. */
  readonly current: readonly CurrentService[];
  /** All other services. */
  readonly others: readonly Service[];
  /** Tasks of all services. */
  readonly tasks: readonly Task[];
  /** Host name by id of a node. */
  readonly hostOf: ReadonlyMap<string, string>;
}

/**
 * Looks at the Swarm.
 * @throws {InputError} if the stack has services that Metis did not make: they are not ours to change.
 */
export async function readSwarm(engine: Engine, stack: string): Promise<SwarmState> {
  const [nodes, services, tasks] = await Promise.all([
    engine.nodes(),
    engine.services(),
    engine.tasks(),
  ]);
  const current: CurrentService[] = [];
  const others: Service[] = [];
  const foreign: string[] = [];
  for (const service of services) {
    const inStack = service.Spec.Labels?.[STACK_LABEL] === stack;
    const own = inStack ? currentService(service) : null;
    if (own !== null) current.push(own);
    else others.push(service);
    if (inStack && own === null) foreign.push(service.Spec.Name);
  }
  if (foreign.length > 0) {
    throw new InputError(
      `The stack ${stack} has services that Metis did not make (${listed(foreign)}): ` +
        "choose another name by --stack",
    );
  }
  const hostOf = new Map(nodes.map(({ ID, Description }) => [ID, Description.Hostname]));
  return { nodes, current, others, tasks, hostOf };
}

/** Why nodes take no tasks, by host name; nodes that do are left out. */
export function unavailableHosts(nodes: readonly SwarmNodeInfo[]): Map<string, string> {
  const reasons = new Map<string, string>();
  const ready = new Set<string>();
  for (const { Description: { Hostname }, Status, Spec } of nodes) {
    // After a change of leader all nodes are "unknown" until they have called in again, or are found to be down.
    if (Status.State === "unknown") ready.add(Hostname);
    else if (Status.State !== "ready") {
      reasons.set(Hostname, Status.Message ? `${Status.State}: ${Status.Message}` : Status.State);
    } else if (Spec.Availability === "drain") reasons.set(Hostname, "drained");
    else ready.add(Hostname);
  }
  // A machine that joined again is listed twice.
  for (const name of ready) reasons.delete(name);
  return reasons;
}

/** What of a stack runs. @param inScope The part of it that is meant. */
export function runningOf(
  { current, nodes, tasks }: SwarmState,
  inScope: (service: CurrentService) => boolean,
): Running {
  const services = current.filter(inScope);
  const tasksOf = Map.groupBy(tasks, ({ ServiceID }) => ServiceID);
  const up = new Map(services.map((service) => {
    const end = endOf(service.body);
    const running = (tasksOf.get(service.id) ?? []).filter((task) => isUp(task, end));
    return [service.id, Math.min(running.length, service.replicas)];
  }));
  return {
    services,
    up,
    away: new Set(unavailableHosts(nodes).keys()),
  };
}
