import { maxCapacity, type Placement, type Problem } from "../../domain/mod.ts";
import type { Engine } from "../engine/engine.ts";
import type { Mode } from "../engine/schemas.ts";
import { checkAppName, checkStackName, serviceName } from "../names.ts";
import { type ComposeService, requireServices, type Services } from "../services/compose.ts";
import { type FileIds, serviceBody } from "../services/spec.ts";
import { existingFiles, makeObjects, removeUnused } from "../services/stack_objects.ts";
import {
  isFoundByNeighbours,
  needSupport,
  nthOfNode,
  withFileServer,
} from "../services/support.ts";
import { checkAddresses, neededAddresses } from "./addresses.ts";
import type { CurrentService, DesiredService } from "./changes.ts";
import { endOf, isPlanned, replicasOf, serviceKey } from "./changes.ts";
import type { Target } from "./deployment.ts";
import { groundOf } from "./ground.ts";
import { type Host, type HostSelection, namesOf, selectHosts, slotShare } from "./hosts.ts";
import { mapNodes, type RunningCounts } from "./mapping.ts";
import { checkConstraints, checkPorts, checkVolumes } from "./preflight.ts";
import { releasesOf } from "./release.ts";
import type { SwarmState } from "./state.ts";

/** A plan, and what runs as its apps. */
export interface PlanRequest {
  readonly stack: string;
  readonly problem: Problem;
  readonly placement: Placement;
  /** Name of the plan file, for messages. */
  readonly planFile: string;
  readonly services: Services;
  /** Name of the services file, for messages. */
  readonly servicesFile: string;
  readonly selection: HostSelection;
  /** Allow ports that a node lives by. */
  readonly force: boolean;
  /**
   * Most that a container may take, where its service says nothing.
   * @default a slot's share of the node for the bundled workloads, anything for others
   */
  readonly limits?: Limits;
  /** Map also to nodes that take no tasks at the moment: to compare, not to deploy. @default false */
  readonly evenUnavailable?: boolean;
  /**
   * Whether services of the file that the plan does not name are deployed as well, as Docker would; or left as they are,
   * whether they run or not. @default "left"
   */
  readonly unplanned?: "deployed" | "left";
}

/** Most that a container may take. */
export interface Limits {
  readonly cpus?: number | undefined;
  /** As Compose writes it: 512M. */
  readonly memory?: string | undefined;
}

/** One app on one node, so many times. */
export interface Spot {
  readonly app: string;
  /** Host name. */
  readonly node: string;
  readonly replicas: number;
  readonly slot?: number;
  /** What runs there. @default what runs as the app everywhere */
  readonly service?: ComposeService;
}

/** A service that no plan names, as its file says: Swarm places it. */
type FreeSpot = Omit<Spot, "node"> & { readonly node: null };

/** Names of the services of a file that a plan does not name. */
export function unplannedApps(services: Services, apps: readonly string[]): string[] {
  return [...services.keys()].filter((name) => !apps.includes(name)).sort();
}

/**
 * The services of a plan: one for each app on each node, pinned by `node.hostname`, with as many replicas as
 * the plan has containers of it there.
 * @throws {InputError} for hostile names and apps without a service: before the Swarm is even looked at.
 */
export function planTarget(engine: Engine, request: PlanRequest): Target {
  const { stack, problem, placement, services } = request;
  checkStackName(stack);
  problem.apps.forEach((app) => checkAppName(app, request.planFile));
  const used = problem.apps.filter((_, app) => someOf(placement, app));
  requireServices(services, used, request.servicesFile);
  const isWhole = request.unplanned === "deployed";
  const free = isWhole ? unplannedApps(services, problem.apps) : [];
  free.forEach((app) => checkAppName(app, request.servicesFile));
  return {
    stack,
    inScope: (service) => isWhole || isPlanned(service),
    ...objectsOf(stack, [...used, ...free].map((app) => services.get(app)!), [
      ...services.values(),
    ]),
    desire: async (state) => {
      const told = withFileServer(services, state.nodes, state.others);
      const placed = placeOnHosts(request, state).flatMap((spot) =>
        limited(spot, told, request, state)
      );
      const spots = [...placed, ...free.map((app): FreeSpot => ({ app, node: null, replicas: 0 }))];
      const desired = await desiredServices(engine, stack, spots, told);
      const each = spots.map((spot) => serviceAt(spot, told));
      checkConstraints(desired, each, state);
      await checkVolumes(engine, desired, each, state);
      await checkAddresses(engine, stack, desired, each);
      checkPorts(desired, each, state, request.force);
      return desired;
    },
    ground: async (state) => {
      const told = withFileServer(services, state.nodes, state.others);
      const fileIds = await existingFiles(engine, stack, used.map((app) => told.get(app)!));
      const hosts = hostsOf(request, state);
      return groundOf({
        problem,
        placement,
        mapped: mapOn(hosts, request, state),
        hosts,
        serviceOf: (app) => told.get(app),
        isApart: (app) => hasOwnPorts(told, app),
        servicesOf: (app, node, replicas) =>
          limited({ app, node, replicas }, told, request, state).map((spot) =>
            serviceOf(stack, spot, told, fileIds)
          ),
      }, state);
    },
  };
}

/**
 * The bundled workloads as `metis launch` runs them: limited to a slot's share of the node, and those that neighbours
 * must find as a service each. All other containers of an app share a service that is as its file, and the request, says.
 */
function limited(
  spot: Spot,
  services: Services,
  request: PlanRequest,
  state: SwarmState,
): Spot[] {
  const { app, replicas, node } = spot;
  const { cpus, memory } = request.limits ?? {};
  const given = { ...(cpus && { cpus }), ...(memory && { memory }) };
  const isBundled = needSupport(services, [app]);
  if (!isBundled && Object.keys(given).length === 0) return [spot];
  const { deploy, ...rest } = services.get(app)!;
  const share = isBundled ? shareOf(node, request, state) : {};
  const limits = { ...share, ...given, ...deploy.resources.limits };
  const service = { ...rest, deploy: { ...deploy, resources: { ...deploy.resources, limits } } };
  if (!hasOwnPorts(services, app)) return [{ ...spot, service }];
  return Array.from(
    { length: replicas },
    (_, nth) => ({ ...spot, replicas: 1, slot: nth, service: nthOfNode(service, nth) }),
  );
}

/** True if each container of the app is a service with ports of its own. */
function hasOwnPorts(services: Services, app: string): boolean {
  return needSupport(services, [app]) && isFoundByNeighbours(services.get(app)!);
}

function shareOf(
  node: string,
  { problem }: PlanRequest,
  { nodes }: SwarmState,
): { cpus: number; memory: string } {
  const [host] = selectHosts(nodes, { names: [node] });
  return slotShare(host!, nodes, maxCapacity(problem.cluster));
}

function serviceAt({ app, service }: Spot | FreeSpot, services: Services): ComposeService {
  return service ?? services.get(app)!;
}

/** What decides where a plan goes. */
type PlacedOnHosts = Pick<PlanRequest, "problem" | "placement" | "selection" | "evenUnavailable">;

/** The hosts that a plan may use. */
function hostsOf({ selection, evenUnavailable }: PlacedOnHosts, { nodes }: SwarmState): Host[] {
  return selectHosts(nodes, selection).map((host) =>
    evenUnavailable ? { ...host, unavailable: null } : host
  );
}

/** The host of each node of a plan. */
function mapOn(
  hosts: readonly Host[],
  { problem, placement, selection }: PlacedOnHosts,
  { current, nodes }: SwarmState,
): (Host | null)[] {
  const isNamed = namesOf(nodes, selection) !== undefined;
  return mapNodes(problem, placement, hosts, runningCounts(current), isNamed);
}

/** Where everything of a plan goes in the Swarm as it is. @throws {InputError} if it does not fit. */
export function placeOnHosts(request: PlacedOnHosts, state: SwarmState): Spot[] {
  const { problem, placement } = request;
  return mapOn(hostsOf(request, state), request, state).flatMap((host, node) =>
    host === null ? [] : problem.apps.flatMap((app, at) => {
      const replicas = placement.counts[node * placement.apps + at]!;
      return replicas === 0 ? [] : [{ app, node: host.hostname, replicas }];
    })
  );
}

/**
 * How a target makes what its services draw on, and removes what they drew on before; nothing where they draw on nothing.
 * @param all What is kept is what these draw on: those of a target, and others of its stack.
 */
export function objectsOf(
  stack: string,
  services: readonly ComposeService[],
  all: readonly ComposeService[] = services,
): Pick<Target, "prepare" | "tidy"> {
  const drawOnSome = services.some(({ networks, secrets, configs }) =>
    networks.length + secrets.length + configs.length > 0
  );
  if (!drawOnSome) return {};
  return {
    prepare: (engine, desired) => makeObjects(engine, stack, services, neededAddresses(desired)),
    tidy: (engine) => removeUnused(engine, stack, all),
  };
}

/** The services of spots. @throws {InputError} if a secret or config of others is not in the Swarm. */
export async function desiredServices(
  engine: Engine,
  stack: string,
  spots: readonly (Spot | FreeSpot)[],
  services: Services,
): Promise<DesiredService[]> {
  const fileIds = await existingFiles(
    engine,
    stack,
    spots.map((spot) => serviceAt(spot, services)),
  );
  return spots.map((spot) => serviceOf(stack, spot, services, fileIds));
}

function serviceOf(
  stack: string,
  spot: Spot | FreeSpot,
  services: Services,
  fileIds: FileIds,
): DesiredService {
  const { app, node, replicas, slot } = spot;
  const service = serviceAt(spot, services);
  const name = node === null ? `${stack}_${app}` : serviceName(stack, app, node, slot);
  const pinning = { stack, name, app, node, replicas, ...(slot === undefined ? {} : { slot }) };
  const { body, hash } = serviceBody(service, pinning, fileIds);
  const key = serviceKey(app, node, slot);
  const count = replicasOf(body.Mode as Mode);
  const releases = releasesOf(service.deploy);
  return { key, name, app, node, replicas: count, hash, body, ...endOf(body), releases };
}

function runningCounts(current: readonly CurrentService[]): RunningCounts {
  const counts = new Map<string, Map<string, number>>();
  for (const { node, app, replicas } of current.filter(isPlanned)) {
    const ofNode = counts.get(node) ?? new Map<string, number>();
    ofNode.set(app, (ofNode.get(app) ?? 0) + replicas);
    counts.set(node, ofNode);
  }
  return counts;
}

function someOf({ apps, counts }: Placement, app: number): boolean {
  for (let at = app; at < counts.length; at += apps) if (counts[at]! > 0) return true;
  return false;
}
