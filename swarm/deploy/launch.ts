import { InputError, UsageError } from "../../domain/mod.ts";
import type { Engine } from "../engine/engine.ts";
import { checkHostName, checkStackName } from "../names.ts";
import { type ComposeService, requireServices, type Services } from "../services/compose.ts";
import { loadedPort } from "../services/measuring.ts";
import type { Target } from "./deployment.ts";
import { withFileServer, withRedisPort, withVariables } from "../services/support.ts";
import { selectHosts, slotShare } from "./hosts.ts";
import { checkPorts } from "./preflight.ts";
import { desiredServices, objectsOf } from "./target.ts";

/** Port of the first slot; slot i gets this plus i. */
export const FIRST_PORT = 8081;
/** Stack of launched containers, unless told otherwise. */
export const LAUNCH_STACK = "metis-launch";

/** What to launch on one node: app of each slot, null for an idle one. */
export interface LaunchRequest {
  readonly stack: string;
  /** Host name. */
  readonly node: string;
  readonly slots: readonly (string | null)[];
  readonly services: Services;
  readonly servicesFile: string;
  /** Most CPUs of a container. @default the node's, divided by its slots */
  readonly cpus?: number | undefined;
  /** Most memory of a container, as Compose writes it: 8g. @default the node's, divided by its slots */
  readonly memory?: string | undefined;
  /** Added to the environment of every container. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** @default {@link FIRST_PORT} */
  readonly firstPort?: number;
  /** Allow ports that a node lives by. @default false */
  readonly force?: boolean;
}

/**
 * Reads a launch line such as `0 1 1 3`: 0 is an idle slot, k the k-th app. Names work as well.
 * @throws {UsageError} naming the word that is neither.
 */
export function readSlots(
  words: readonly string[],
  apps: readonly string[],
): (string | null)[] {
  return words.map((word) => {
    if (word === "0") return null;
    const app = /^\d+$/.test(word) ? apps[Number(word) - 1] : apps.find((name) => name === word);
    if (app !== undefined) return app;
    throw new UsageError(
      `${word} is not a workload: 0 is an idle slot, 1 to ${apps.length} are ${apps.join(", ")}`,
    );
  });
}

/** One service of one container for each slot; what was launched on the node before and is not asked for goes. */
export function launchTarget(engine: Engine, request: LaunchRequest): Target {
  const { stack, node, slots, services } = request;
  checkStackName(stack);
  checkHostName(node, "--node");
  const apps = slots.filter((app) => app !== null);
  requireServices(services, apps, request.servicesFile);
  return {
    stack,
    inScope: (service) => service.node === node,
    ...objectsOf(stack, [...services.values()]),
    desire: async (state) => {
      const [host] = selectHosts(state.nodes, { names: [node] });
      if (host!.unavailable !== null) {
        throw new InputError(`${node} is ${host!.unavailable}: nothing can be launched on it`);
      }
      if (apps.length > host!.capacity) {
        throw new InputError(`${node} takes ${host!.capacity} containers, not ${apps.length}`);
      }
      const share = slotShare(host!, state.nodes, slots.length);
      const surrounded = withFileServer(withRedisPort(services), state.nodes, state.others);
      const spots = slots.flatMap((app, slot) =>
        app === null ? [] : [{
          app,
          node,
          replicas: 1,
          slot,
          service: ofSlot(surrounded.get(app)!, slot, { ...share, ...request }),
        }]
      );
      const desired = await desiredServices(engine, stack, spots, surrounded);
      checkPorts(desired, spots.map(({ service }) => service), state, request.force ?? false);
      return desired;
    },
  };
}

/** The service with the ports of its slot and the limits of a container. */
function ofSlot(service: ComposeService, slot: number, request: LaunchRequest): ComposeService {
  const loaded = loadedPort(service, service.ports);
  const first = service.ports.find(({ target }) => target === loaded);
  const others = service.ports.filter((port) => port !== first);
  const published = (request.firstPort ?? FIRST_PORT) + slot;
  const shift = published - (first?.published ?? published);
  const { cpus, memory, environment } = request;
  const limits = { ...(cpus && { cpus }), ...(memory && { memory }) };
  return {
    ...service,
    environment: withVariables(service.environment, environment ?? {}),
    ports: [
      { target: loaded, published, protocol: first?.protocol ?? "tcp", mode: "host" },
      // Further ports (redis: 6381, 6382, ...) are given for the first slot and move along with it.
      ...others.map(({ target, published: other, protocol }) => ({
        target,
        published: other === null ? null : other + (first?.published == null ? slot : shift),
        protocol,
        mode: "host" as const,
      })),
    ],
    deploy: {
      ...service.deploy,
      resources: {
        ...service.deploy.resources,
        limits: { ...limits, ...service.deploy.resources.limits },
      },
    },
  };
}
