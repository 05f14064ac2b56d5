import { type DesiredService, serviceKey } from "../deploy/changes.ts";
import { planTarget } from "../deploy/target.ts";
import type { Engine, ServiceBody } from "../engine/engine.ts";
import type { Services } from "../services/compose.ts";
import { ADOPTED_LABEL, APP_LABEL, NODE_LABEL, SPEC_LABEL } from "../services/spec.ts";
import type { FoundService, FoundStack } from "./read.ts";

/** What was made of a service that Docker deployed. */
export interface Taken {
  readonly app: string;
  /** The node that it is pinned to from now on; null where Swarm goes on placing it. */
  readonly node: string | null;
  /** True if the plan places its containers, which run on several nodes: its deployment starts others, then stops these. */
  readonly isReplaced: boolean;
}

/**
 * Makes the services of a stack of Docker's Metis' own, by labels, and by a constraint where all containers of one are on one
 * node: Swarm restarts nothing for either.
 * @param services What runs as each app, as {@link FoundStack.services} is read.
 */
export async function takeOver(
  engine: Engine,
  stack: string,
  { found, state, now, problem }: FoundStack,
  services: Services,
): Promise<Taken[]> {
  const target = planTarget(engine, {
    stack,
    problem,
    placement: now.placement,
    planFile: "the plan",
    services,
    servicesFile: `the stack ${stack}`,
    selection: { names: now.nodeNames },
    force: true,
    unplanned: "deployed",
    evenUnavailable: true,
  });
  const desired = new Map((await target.desire(state)).map((service) => [service.key, service]));
  const taken: Taken[] = [];
  for (const one of found.filter(({ isOwn }) => !isOwn)) {
    const node = one.isPlaceable && one.running.size === 1 ? [...one.running.keys()][0]! : null;
    await engine.updateService(
      one.service.ID,
      one.service.Version.Index,
      takenBody(one, node, desired.get(serviceKey(one.app, node))),
    );
    taken.push({ app: one.app, node, isReplaced: one.isPlaceable && node === null });
  }
  return taken;
}

function takenBody(
  { service, app }: FoundService,
  node: string | null,
  wanted: DesiredService | undefined,
): ServiceBody {
  const body = service.Spec as unknown as ServiceBody;
  const placement = body.TaskTemplate.Placement as { readonly Constraints?: string[] } | undefined;
  return {
    ...body,
    Labels: {
      ...body.Labels,
      [APP_LABEL]: app,
      [ADOPTED_LABEL]: "true",
      ...(node === null ? {} : { [NODE_LABEL]: node }),
      ...(wanted === undefined ? {} : { [SPEC_LABEL]: wanted.hash }),
    },
    TaskTemplate: node === null ? body.TaskTemplate : {
      ...body.TaskTemplate,
      Placement: {
        ...placement,
        Constraints: [...placement?.Constraints ?? [], `node.hostname==${node}`],
      },
    },
  };
}
