import { InputError, UsageError } from "../../domain/mod.ts";
import type { Engine } from "../engine/engine.ts";
import { checkHostName, checkStackName } from "../names.ts";
import {
  type ComposeService,
  portsOf,
  requireServices,
  type Services,
} from "../services/compose.ts";
import { loadedPort } from "../services/measuring.ts";
import type { Target } from "./deploy.ts";
import { selectHosts } from "./hosts.ts";
import { checkPorts } from "./preflight.ts";
import { desiredServices } from "./target.ts";

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
  readonly cpus: number;
  /** As Compose writes it: 8g. */
  readonly memory: string;
  /** @default {@link FIRST_PORT} */
  readonly firstPort?: number;
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
      `${word} is no workload: 0 is an idle slot, 1 to ${apps.length} are ${apps.join(", ")}`,
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
    desire: async (state) => {
      const [host] = selectHosts(state.nodes, { names: [node] });
      if (host!.unavailable !== null) {
        throw new InputError(`${node} is ${host!.unavailable}: nothing can be launched on it`);
      }
      if (apps.length > host!.capacity) {
        throw new InputError(`${node} takes ${host!.capacity} containers, not ${apps.length}`);
      }
      const desired = await Promise.all(
        slots.map(async (app, slot) => {
          if (app === null) return [];
          const limited = new Map([[app, ofSlot(services.get(app)!, slot, request)]]);
          const made = await desiredServices(
            engine,
            stack,
            [{ app, node, replicas: 1, slot }],
            limited,
          );
          checkPorts(made, limited, state, false);
          return made;
        }),
      );
      return desired.flat();
    },
  };
}

/** The service with the ports of its slot and the limits of a container. */
function ofSlot(service: ComposeService, slot: number, request: LaunchRequest): ComposeService {
  const ports = portsOf(service);
  const loaded = loadedPort(service, ports);
  const first = ports.find(({ target }) => target === loaded);
  const others = ports.filter((port) => port !== first);
  const published = (request.firstPort ?? FIRST_PORT) + slot;
  const shift = published - (first?.published ?? published);
  const limits = { cpus: request.cpus, memory: request.memory };
  return {
    ...service,
    ports: [
      { target: loaded, published, protocol: "tcp", mode: "host" },
      // Further ports (redis: 6381, 6382, ...) are given for the first slot and move along with it.
      ...others.map(({ target, published: other, protocol }) => ({
        target,
        ...(other === null
          ? {}
          : { published: first?.published == null ? other + slot : other + shift }),
        protocol: protocol as "tcp" | "udp" | "sctp",
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
