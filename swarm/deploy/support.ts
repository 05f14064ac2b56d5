import type { Engine } from "../engine/engine.ts";
import { nodesInNeed, SUPPORT_STACK, supportPlaces, supportServices } from "../services/support.ts";
import type { Target } from "./deployment.ts";
import { selectHosts } from "./hosts.ts";
import { checkPorts } from "./preflight.ts";
import { desiredServices } from "./target.ts";

/**
 * What supports the bundled workloads: on the nodes that have some, and on those that are going to. What no node
 * needs any more goes.
 * @param coming Host names. @param environment Of the file server.
 */
export function supportTarget(
  engine: Engine,
  coming: readonly string[],
  environment?: Readonly<Record<string, string>>,
): Target {
  const services = supportServices(environment);
  return {
    stack: SUPPORT_STACK,
    inScope: () => true,
    desire: async (state) => {
      // A node that is not there is said before anything is changed.
      if (coming.length > 0) selectHosts(state.nodes, { names: coming });
      const all = await engine.services();
      const places = supportPlaces([...nodesInNeed(all), ...coming], state.nodes, all);
      const spots = places.map((place) => ({ ...place, replicas: 1 }));
      const desired = await desiredServices(engine, SUPPORT_STACK, spots, services);
      checkPorts(desired, spots.map(({ app }) => services.get(app)!), state, false);
      return desired;
    },
  };
}
