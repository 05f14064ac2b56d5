import { InputError } from "../../domain/mod.ts";
import { isPlanned } from "../deploy/changes.ts";
import { readSwarm } from "../deploy/state.ts";
import { desiredServices } from "../deploy/target.ts";
import type { Engine } from "../engine/engine.ts";
import { readServices, type Services } from "../services/compose.ts";
import { APP_LABEL, STACK_LABEL } from "../services/spec.ts";
import { nodesInNeed } from "../services/support.ts";
import { servicesText } from "./read.ts";

/**
 * What runs as each app of a stack of Metis, read off its services: who moves containers needs no file for it.
 * @returns null for the bundled workloads, which are made for the node that they run on.
 * @throws {InputError} naming a service that is not made again as it is: it was changed by hand, or a release is on its way.
 */
export async function servicesAsTheyRun(engine: Engine, stack: string): Promise<Services | null> {
  const [all, networks, state] = await Promise.all([
    engine.services(),
    engine.networks(),
    readSwarm(engine, stack),
  ]);
  const own = all.filter(({ Spec }) => Spec.Labels?.[STACK_LABEL] === stack);
  if (nodesInNeed(own).length > 0) return null;
  const found = own.flatMap((service) => {
    const app = service.Spec.Labels?.[APP_LABEL];
    return app === undefined ? [] : [{ service, app, isOwn: true }];
  });
  const source = `the stack ${stack}`;
  const services = readServices(servicesText(stack, found, networks), source, {
    defaultNetwork: true,
  });
  const planned = state.current.filter(isPlanned);
  const again = await desiredServices(engine, stack, planned, services);
  const other = planned.find(({ hash }, at) => again[at]!.hash !== hash);
  if (other !== undefined) {
    throw new InputError(
      `${source} does not say all that runs as ${other.app}: ${other.name} was changed by hand, or is another release ` +
        "than the rest: give the file that it is deployed from by --services",
    );
  }
  return services;
}
