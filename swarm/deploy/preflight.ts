import { InputError } from "../../domain/mod.ts";
import type { Engine } from "../engine/engine.ts";
import type { Service, SwarmNodeInfo, Task } from "../engine/schemas.ts";
import { EngineError } from "../errors.ts";
import type { ComposeService } from "../services/compose.ts";
import { type DesiredService, isGlobal } from "./changes.ts";
import { type Host, hostsIn, listed } from "./hosts.ts";

/** Ports that a node lives by: ssh, the engine's API, and the Swarm itself. */
const VITAL_PORTS: ReadonlySet<number> = new Set([22, 2375, 2376, 2377, 4789, 7946]);

/** What is known of the Swarm before anything is changed. */
export interface Surroundings {
  readonly nodes: readonly SwarmNodeInfo[];
  /** Services that are not of this deployment. */
  readonly others: readonly Service[];
  /** Tasks of any service. */
  readonly tasks: readonly Task[];
  readonly hostOf: ReadonlyMap<string, string>;
}

/**
 * Checks that no service of others has the name of one that should run: Swarm gives each name once.
 * @param others Services that are not of the stack. @throws {InputError} naming them.
 */
export function checkNames(
  stack: string,
  desired: readonly DesiredService[],
  others: readonly Service[],
): void {
  const taken = new Set(others.map(({ Spec }) => Spec.Name));
  const clashing = desired.map(({ name }) => name).filter((name) => taken.has(name));
  if (clashing.length === 0) return;
  throw new InputError(
    `Services of others have the names that the stack ${stack} needs (${
      listed(clashing)
    }): remove them, or choose another --stack`,
  );
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
  const hosts = hostsIn(surroundings.nodes);
  const unplaced: [ComposeService, DesiredService, string][] = [];
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
      if (node === null && mode === "host") {
        unplaced.push([service, desired[at]!, port]);
        continue;
      }
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
  // Those that need every node come first.
  unplaced.sort(([, a], [, b]) => Number(isGlobal(b.body)) - Number(isGlobal(a.body)));
  for (const [service, one, port] of unplaced) checkHostPort(service, one, port, hosts, holders);
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
  { nodes }: Pick<Surroundings, "nodes">,
): void {
  const labelsOf = new Map(hostsIn(nodes).map(({ hostname, labels }) => [hostname, labels]));
  for (const [at, { app, node }] of desired.entries()) {
    const labels = labelsOf.get(node ?? "");
    const unmet = labels === undefined ? undefined : unmetConstraint(services[at]!, labels);
    if (unmet === undefined) continue;
    throw new InputError(
      `The plan puts ${app} on ${node}, where its constraint ${unmet} does not hold: plan with what it asks for ` +
        "(`require` in the rules of a problem file), or change the constraint",
    );
  }
}

/** A constraint of a service that a node with these labels does not meet; those that ask for anything else are left to Swarm. */
function unmetConstraint(
  { deploy }: ComposeService,
  labels: Readonly<Record<string, string>>,
): string | undefined {
  return deploy.placement?.constraints?.find((constraint) => {
    const [, asked = "", operator, value = ""] =
      /^\s*(node\.labels\.[\w.\/-]+|node\.hostname|node\.role)\s*(==|!=)\s*(.+?)\s*$/
        .exec(constraint) ?? [];
    if (asked === "") return false;
    const has = labels[asked.replace(/^node\.labels\./, "")] ?? "";
    return (has.toLowerCase() === value.toLowerCase()) !== (operator === "==");
  });
}

/**
 * Checks that a service that Swarm places finds the nodes whose port it needs, and takes them where it is on each.
 * @throws {InputError} naming port, service, and who has it.
 */
function checkHostPort(
  service: ComposeService,
  { name, replicas, body }: DesiredService,
  port: string,
  hosts: readonly Host[],
  holders: Map<string, string>,
): void {
  const open = hosts.filter(({ unavailable, labels }) =>
    unavailable === null && unmetConstraint(service, labels) === undefined
  ).map(({ hostname }) => `${hostname} ${port}`);
  const holderOf = (place: string) => holders.get(place) ?? holders.get(`* ${port}`);
  const taken = open.filter((place) => holderOf(place) !== undefined);
  const needed = isGlobal(body) ? open.length : Math.min(replicas, open.length);
  if (open.length - taken.length < needed) {
    const [first] = taken;
    throw new InputError(
      `Port ${port} is needed by ${name} on ${needed} of ${open.length} nodes, and on ${
        first!.split(" ")[0]
      } taken by ${
        holderOf(first!)
      }: publish another, or leave it out of the plan's nodes by a constraint`,
    );
  }
  if (needed < open.length) return;
  for (const place of open) holders.set(place, name);
}

/**
 * Checks that volumes of others are there: Swarm would make empty ones, which looks like data that were lost. An engine knows the
 * volumes of its own node only, so those of others are not looked at.
 * @param services What runs as each of the desired, in their order.
 * @throws {InputError} naming volume, service and node.
 */
export async function checkVolumes(
  engine: Engine,
  desired: readonly DesiredService[],
  services: readonly ComposeService[],
  { hostOf }: Pick<Surroundings, "hostOf">,
): Promise<void> {
  const wanted = desired.flatMap(({ name, node }, at) =>
    services[at]!.volumes.flatMap(({ definition }) => {
      if (node === null || definition === null || !definition.external) return [];
      const volume = definition.name ?? definition.key;
      // Swarm fills in templates on the node.
      return volume.includes("{{") ? [] : [{ name, node, volume }];
    })
  );
  if (wanted.length === 0) return;
  const { Swarm: { NodeID } } = await engine.info();
  const own = hostOf.get(NodeID);
  const here = wanted.filter(({ node }) => node === own);
  if (here.length === 0) return;
  const there = await engine.volumes().catch((error) => {
    // A proxy in front of the engine may not let this through.
    if (error instanceof EngineError) return null;
    throw error;
  });
  const missing = here.find(({ volume }) => there?.includes(volume) === false);
  if (missing === undefined) return;
  throw new InputError(
    `${missing.node} has no volume ${missing.volume}, which ${missing.name} takes as it is (external): make it there by ` +
      `\`docker volume create ${missing.volume}\`, or let the stack define it`,
  );
}
