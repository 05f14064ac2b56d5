import { InputError } from "../../domain/mod.ts";
import type { Service, Task } from "../engine/schemas.ts";
import type { ComposeService } from "../services/compose.ts";
import type { DesiredService } from "./changes.ts";
import type { Host } from "./hosts.ts";

/** Ports that a node lives by: ssh, the engine's API, and the Swarm itself. */
const VITAL_PORTS: ReadonlySet<number> = new Set([22, 2375, 2376, 2377, 4789, 7946]);

/** What is known of the Swarm before anything is changed. */
export interface Surroundings {
  /** Services that are not of this deployment. */
  readonly others: readonly Service[];
  /** Tasks of any service. */
  readonly tasks: readonly Task[];
  readonly hostOf: ReadonlyMap<string, string>;
}

/**
 * Checks that published ports can be had before anything is changed.
 * @param services What runs as each of the desired, in their order. @param force Allow ports that a node lives by.
 * @throws {InputError} naming port, node and both services.
 */
export function checkPorts(
  desired: readonly DesiredService[],
  services: readonly ComposeService[],
  surroundings: Surroundings,
  force: boolean,
): void {
  const holders = takenPorts(surroundings);
  for (const [at, { app, name, node, replicas }] of desired.entries()) {
    const service = services[at]!;
    const most = service.deploy.placement?.max_replicas_per_node || Infinity;
    if (node !== null && replicas > most) {
      throw new InputError(
        `The plan puts ${replicas} containers of ${app} on ${node}, its max_replicas_per_node is ${most}: plan with ` +
          `--max-per-node ${app}=${most}, or allow more`,
      );
    }
    for (const { published, protocol, mode } of service.ports) {
      if (published === null) continue;
      const port = `${published}/${protocol}`;
      if (VITAL_PORTS.has(published) && !force) {
        throw new InputError(
          `${app} publishes ${port}, by which a node is managed: choose another, or accept it by --force`,
        );
      }
      // Where Swarm puts it, and so whose port it is, nobody knows yet.
      if (node === null && mode === "host") continue;
      if (node !== null && replicas > 1) {
        throw new InputError(
          `${app} publishes ${port}, but the plan puts ${replicas} containers of it on ${node}: leave ` +
            "`published` out, so that each gets its own port" +
            (mode === "ingress" ? ", or have one on all nodes by --ingress-proxy" : ""),
        );
      }
      const holder = node === null
        ? [...holders].find(([place]) => place.endsWith(` ${port}`))?.[1]
        : holders.get(`${node} ${port}`) ?? holders.get(`* ${port}`);
      if (holder !== undefined && holder !== name) {
        throw new InputError(
          `Port ${port} of ${node ?? "all nodes"} is needed by ${name} and taken by ${holder}`,
        );
      }
      holders.set(`${node ?? "*"} ${port}`, name);
    }
  }
}

/** Services by the ports that they hold: "node 80/tcp", and "* 80/tcp" for those published on all nodes. */
function takenPorts({ others, tasks, hostOf }: Surroundings): Map<string, string> {
  const holders = new Map<string, string>();
  const names = new Map(others.map(({ ID, Spec }) => [ID, Spec.Name]));
  for (const { Spec } of others) {
    for (const { PublishMode, PublishedPort, Protocol } of Spec.EndpointSpec?.Ports ?? []) {
      if (PublishMode === "ingress" && PublishedPort > 0) {
        holders.set(`* ${PublishedPort}/${Protocol}`, Spec.Name);
      }
    }
  }
  for (const { ServiceID, NodeID, Status } of tasks) {
    const name = names.get(ServiceID);
    if (name === undefined || Status.State !== "running") continue;
    for (const { PublishedPort, Protocol } of Status.PortStatus?.Ports ?? []) {
      if (PublishedPort > 0) {
        holders.set(`${hostOf.get(NodeID) ?? ""} ${PublishedPort}/${Protocol}`, name);
      }
    }
  }
  return holders;
}

/**
 * Checks that what each service asks of its node holds there: Swarm would wait forever.
 * @param services What runs as each of the desired, in their order.
 * @throws {InputError} naming app, constraint and node.
 */
export function checkConstraints(
  desired: readonly DesiredService[],
  services: readonly ComposeService[],
  hosts: readonly Host[],
): void {
  const labelsOf = new Map(hosts.map(({ hostname, labels }) => [hostname, labels]));
  for (const [at, { app, node }] of desired.entries()) {
    const labels = labelsOf.get(node ?? "");
    if (labels === undefined) continue;
    for (const constraint of services[at]!.deploy.placement?.constraints ?? []) {
      const [, asked = "", operator, value = ""] =
        /^\s*(node\.labels\.[\w.\/-]+|node\.hostname|node\.role)\s*(==|!=)\s*(.+?)\s*$/
          .exec(constraint) ?? [];
      if (asked === "") continue;
      const has = labels[asked.replace(/^node\.labels\./, "")] ?? "";
      const isEqual = has.toLowerCase() === value.toLowerCase();
      if (isEqual === (operator === "==")) continue;
      throw new InputError(
        `The plan puts ${app} on ${node}, where its constraint ${constraint} does not hold: plan with what it asks for ` +
          "(`require` in the rules of a problem file), or change the constraint",
      );
    }
  }
}
