import { InputError, type Problem, type Resources } from "../../domain/mod.ts";
import { isGlobal, replicasOf, serviceKey } from "../deploy/changes.ts";
import { isUp } from "../deploy/convergence.ts";
import { stackIn, type StackNodes, type StackNow } from "../deploy/stack.ts";
import type { SwarmState } from "../deploy/state.ts";
import { unavailableHosts } from "../deploy/state.ts";
import type { Engine, ServiceBody } from "../engine/engine.ts";
import { labelsOfNode } from "../engine/node_labels.ts";
import type { Service } from "../engine/schemas.ts";
import { type Json, toYaml } from "../export/yaml.ts";
import {
  addResources,
  checkImported,
  type ImportedNode,
  importedText,
  lessResources,
} from "../import/imported.ts";
import { importStack } from "../import/stack.ts";
import { SLOTS_LABEL } from "../lab/layout.ts";
import { checkStackName } from "../names.ts";
import { ADOPTED_LABEL, APP_LABEL, NODE_LABEL, STACK_LABEL } from "../services/spec.ts";
import { type Drawn, serviceForm } from "./form.ts";

/** A stack as it runs, in the files that Metis works with. */
export interface FoundStack {
  /** A stack file. */
  readonly services: string;
  /** What runs where: apps that can be placed, those of one or more containers. */
  readonly now: StackNow;
  readonly problem: Problem;
  /** A problem file without a surface. */
  readonly problemText: string;
  /** What was left out, in words. */
  readonly leftOut: readonly string[];
  /** What the Swarm holds, its services but for those of this stack. */
  readonly state: SwarmState;
  readonly found: readonly FoundService[];
}

/** A service of the stack, and where its containers run. */
export interface FoundService {
  readonly service: Service;
  readonly app: string;
  /** True if Metis made it, or took it over. */
  readonly isOwn: boolean;
  /** False for a service on every node, or whose containers end by themselves. */
  readonly isPlaceable: boolean;
  /** Containers that run, by host name. */
  readonly running: ReadonlyMap<string, number>;
}

/**
 * Reads a stack that `docker stack deploy` or Metis made.
 * @throws {InputError} if there is none, or nothing of it can be placed.
 */
export async function readRunningStack(
  engine: Engine,
  stack: string,
  given: StackNodes,
): Promise<FoundStack> {
  checkStackName(stack);
  const [nodes, all, tasks, networks] = await Promise.all([
    engine.nodes(),
    engine.services(),
    engine.tasks(),
    engine.networks(),
  ]);
  const hostOf = new Map(nodes.map(({ ID, Description }) => [ID, Description.Hostname]));
  const own = all.filter(({ Spec }) => Spec.Labels?.[STACK_LABEL] === stack)
    .sort((a, b) => a.Spec.Name < b.Spec.Name ? -1 : 1);
  if (own.length === 0) {
    throw new InputError(
      `There is no stack ${stack}: \`docker stack ls\` lists those that there are`,
    );
  }
  const found = own.map((service): FoundService => {
    const labels = service.Spec.Labels ?? {};
    const body = service.Spec as unknown as ServiceBody;
    const running = new Map<string, number>();
    for (const task of tasks) {
      const host = hostOf.get(task.NodeID);
      if (task.ServiceID !== service.ID || host === undefined || !isUp(task, { oneShot: false })) {
        continue;
      }
      running.set(host, (running.get(host) ?? 0) + 1);
    }
    const { Mode } = service.Spec;
    return {
      service,
      app: labels[APP_LABEL] ?? service.Spec.Name.slice(stack.length + 1),
      isOwn: labels[APP_LABEL] !== undefined,
      isPlaceable: !isGlobal(body) && Mode.ReplicatedJob == null &&
        (labels[APP_LABEL] === undefined || labels[NODE_LABEL] !== undefined),
      running,
    };
  });
  const placeable = found.filter(({ isPlaceable }) => isPlaceable);
  if (placeable.flatMap(placedOf).length === 0) {
    throw new InputError(
      `The stack ${stack} has no container that runs and could be placed: \`docker stack ps ${stack}\` says why`,
    );
  }
  const state: SwarmState = {
    nodes,
    tasks,
    hostOf,
    others: all.filter((service) => !own.includes(service)),
    current: placeable.flatMap(placedOf),
  };
  const now = await stackIn(engine, state, stack, given);
  const { text, leftOut, problemText } = filesOf(stack, found, now, state, networks, given);
  return {
    services: text,
    now,
    problem: {
      apps: now.apps,
      cluster: now.cluster,
      demand: now.demand,
      rules: { maxPerNode: [], apart: [], fencedNodes: now.paused },
    },
    problemText,
    leftOut,
    state: { ...state, current: [] },
    found,
  };
}

/** What runs of a service on each node, as if each were a service of its own. */
function placedOf({ service, app, running, isOwn }: FoundService): SwarmState["current"][number][] {
  const { ID: id, Version, Spec } = service;
  const base = {
    id,
    version: Version.Index,
    name: Spec.Name,
    app,
    hash: "",
    isAdopted: false,
    body: Spec as unknown as ServiceBody,
    heldPorts: [],
    isPaused: false,
    meshPorts: [],
  };
  const node = Spec.Labels?.[NODE_LABEL];
  // What Metis pinned is there, or will be.
  const places = isOwn && node !== undefined
    ? [[node, replicasOf(Spec.Mode)] as const]
    : [...running];
  return places.map(([node, replicas]) => ({
    ...base,
    key: serviceKey(app, node),
    node,
    replicas,
  }));
}

/** What runs as each app, as a stack file. */
export function servicesText(
  stack: string,
  found: readonly Pick<FoundService, "service" | "app" | "isOwn">[],
  networks: Awaited<ReturnType<Engine["networks"]>>,
): string {
  const drawn: Drawn = { networks: {}, volumes: {}, secrets: {}, configs: {} };
  const world = { stack, networks: new Map(networks.map(({ Id, Name }) => [Id, Name])) };
  const forms = [...Map.groupBy(found, ({ app }) => app)].map(([app, services]) => {
    const { service, isOwn } = services[0]!;
    const replicas = services.reduce((sum, one) => sum + replicasOf(one.service.Spec.Mode), 0);
    const { Global, GlobalJob, ReplicatedJob } = service.Spec.Mode;
    const mode = Global != null
      ? "global"
      : GlobalJob != null
      ? "global-job"
      : ReplicatedJob != null
      ? "replicated-job"
      : "replicated";
    const isMade = isOwn && service.Spec.Labels?.[ADOPTED_LABEL] === undefined;
    return [app, serviceForm(service, app, { mode, replicas }, isMade, world, drawn)] as const;
  });
  const sections = Object.entries(drawn).filter(([, section]) => Object.keys(section).length > 0);
  return toYaml({
    services: Object.fromEntries(forms),
    ...Object.fromEntries(sections) as Record<string, Json>,
  });
}

function filesOf(
  stack: string,
  found: readonly FoundService[],
  now: StackNow,
  { nodes }: SwarmState,
  networks: Awaited<ReturnType<Engine["networks"]>>,
  given: StackNodes,
): { text: string; problemText: string; leftOut: readonly string[] } {
  const text = servicesText(stack, found, networks);
  const source = `the stack ${stack}`;
  const labels = new Set(nodes.flatMap((node) => Object.keys(labelsOfNode(node))));
  const { apps, everywhere, leftOut } = importStack(text, source, () => undefined, labels);
  const taken = everywhere.map(({ resources }) => resources).reduce(addResources, {});
  const counted = new Set(apps.flatMap(({ resources }) => Object.keys(resources)));
  const asked = new Set(apps.flatMap(({ require }) => Object.keys(require)));
  const away = unavailableHosts(nodes);
  const imported = now.nodeNames.map((name): ImportedNode => {
    const node = nodes.find(({ Description }) => Description.Hostname === name)!;
    const { NanoCPUs = 0, MemoryBytes = 0 } = node.Description.Resources;
    const { [SLOTS_LABEL]: slots, ...others } = node.Spec.Labels ?? {};
    const facts = Object.entries(labelsOfNode(node)).filter(([key]) => asked.has(key));
    const have: Resources = { cpu: NanoCPUs / 1e9, memory: MemoryBytes };
    return {
      name,
      slots: slots === undefined ? given.slots ?? null : Number(slots),
      resources: Object.fromEntries(
        Object.entries(lessResources(have, taken)).filter(([name]) => counted.has(name)),
      ),
      labels: { ...others, ...Object.fromEntries(facts) },
      domain: null,
      fenced: away.has(name) || node.Spec.Availability !== "active",
    };
  });
  const problem = { apps, nodes: imported, leftOut };
  checkImported(problem, source);
  return { text, leftOut, problemText: importedText(problem, source) };
}
