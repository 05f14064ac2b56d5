/**
 * The kinds of deployments that faults are tried on: what runs before on a scripted Swarm of three nodes, what is asked for,
 * and how many containers of each app have to answer at every moment between.
 * @module
 */
import { placementFromRows, type Problem, uniformCluster } from "../../domain/mod.ts";
import type { Clock } from "../clock.ts";
import type { DeployOptions, Target } from "../deploy/deployment.ts";
import { planTarget } from "../deploy/target.ts";
import type { Engine } from "../engine/engine.ts";
import { readServices } from "../services/compose.ts";
import { jumpingClock } from "./_clock.ts";
import { APPS, carryOut, nothing } from "./_deployments.ts";
import { FakeSwarm } from "./_fake_engine.ts";

type Rows = readonly (readonly number[])[];

/** What runs, or should run: containers by node and app, and what they are. */
interface Wanted {
  readonly rows: Rows;
  /** Tag of all images. */
  readonly image: string;
  /** How each app is released, and taken back. */
  readonly update?: object;
  /** Slots of a node. @default as many as anybody wants */
  readonly slots?: number;
  /** With services that the plan does not name. */
  readonly isWhole?: boolean;
  /** Nodes that may hold nothing. */
  readonly fenced?: readonly number[];
}

/** A kind of deployment. */
export interface DeploymentKind {
  readonly name: string;
  /** What runs before; null for nothing. */
  readonly from: Wanted | null;
  /** What is asked for; null for nothing. */
  readonly to: Wanted | null;
  /** Containers of each app that answer at every moment, where nothing but the deployment takes any. */
  readonly promised: readonly number[];
  /** What runs before is a deployment of {@link Wanted} that was killed after so many calls. */
  readonly killed?: { readonly after: number; readonly onTheWayTo: Wanted };
}

const SPREAD = [[2, 1, 0], [1, 0, 2], [0, 2, 1]];
const LARGER = [[3, 1, 1], [1, 2, 2], [0, 2, 2]];
const EVEN = [[1, 1, 1], [1, 1, 1], [1, 1, 1]];
const one = { rows: SPREAD, image: "1" };
const release = (order: string) => ({ parallelism: 1, order, delay: "1s" });

/** All of them: three containers of each app, unless they say otherwise. */
export const DEPLOYMENT_KINDS: readonly DeploymentKind[] = [
  { name: "fresh", from: null, to: one, promised: [0, 0, 0] },
  {
    name: "update",
    from: one,
    to: { ...one, image: "2" },
    promised: [1, 1, 1],
  },
  {
    name: "release start-first",
    from: { rows: EVEN, image: "1", update: release("start-first") },
    to: { rows: EVEN, image: "2", update: release("start-first") },
    promised: [3, 3, 3],
  },
  {
    name: "release stop-first",
    from: { rows: EVEN, image: "1", update: release("stop-first") },
    to: { rows: EVEN, image: "2", update: release("stop-first") },
    promised: [2, 2, 2],
  },
  { name: "scale up", from: one, to: { ...one, rows: LARGER }, promised: [3, 3, 3] },
  { name: "scale down", from: { ...one, rows: LARGER }, to: one, promised: [3, 3, 3] },
  {
    name: "rebalance",
    from: { rows: [[2, 1, 0], [0, 2, 1], [0, 0, 0]], image: "1" },
    to: { rows: [[0, 0, 0], [1, 1, 1], [1, 2, 0]], image: "1" },
    promised: [2, 3, 1],
  },
  {
    name: "rebalance of full nodes",
    from: { rows: [[2, 0, 0], [0, 2, 0], [0, 0, 2]], image: "1", slots: 2 },
    to: { rows: [[0, 2, 0], [0, 0, 2], [2, 0, 0]], image: "1", slots: 2 },
    promised: [1, 1, 1],
  },
  {
    name: "node emptied",
    from: one,
    to: { rows: [[0, 0, 0], [2, 1, 2], [1, 2, 1]], image: "1", fenced: [0] },
    promised: [3, 3, 3],
  },
  {
    name: "new plan and image",
    from: { rows: [[2, 1, 0], [1, 0, 3], [0, 2, 1]], image: "1" },
    to: { rows: [[1, 1, 0], [0, 2, 4], [2, 0, 1]], image: "2" },
    promised: [1, 1, 1],
  },
  {
    name: "whole stack",
    from: { ...one, isWhole: true },
    to: { ...one, image: "2", isWhole: true },
    promised: [1, 1, 1],
  },
  {
    name: "back from half a release",
    from: one,
    to: one,
    promised: [1, 1, 1],
    killed: { after: 22, onTheWayTo: { ...one, image: "2" } },
  },
  { name: "taken down", from: one, to: null, promised: [0, 0, 0] },
];

/** A Swarm with what is not of the stack, on which a kind of deployment is to begin. */
export interface World {
  readonly swarm: FakeSwarm;
  readonly clock: Clock;
  /** The deployment, by a process of its own. @param dieAfter It is killed after so many calls. */
  readonly deploy: (options?: Partial<DeployOptions>, dieAfter?: number) => Promise<unknown>;
}

/** Makes the world of a kind as it is before the deployment. */
export async function worldOf(kind: DeploymentKind): Promise<World> {
  const swarm = new FakeSwarm();
  const clock = jumpingClock(() => swarm.inFlight > 0);
  swarm.now = clock.now;
  await addStrangers(swarm);
  // Restarts must not be seen as such before anything is measured.
  if (kind.from !== null) {
    await carryOut(swarm.client(), targetOf(swarm.client(), kind.from), clock);
  }
  if (kind.killed !== undefined) {
    const killed = swarm.client(kind.killed.after);
    swarm.startMs = START_MS;
    await carryOut(killed, targetOf(killed, kind.killed.onTheWayTo), clock).catch(() => {});
    await clock.sleep(60_000);
  }
  swarm.startMs = START_MS;
  swarm.calls.length = 0;
  return {
    swarm,
    clock,
    deploy: (options = {}, dieAfter = Infinity) => {
      const engine = swarm.client(dieAfter);
      return carryOut(engine, targetOf(engine, kind.to), clock, { monitor: 3, ...options });
    },
  };
}

const START_MS = 1000;

/** Names and all else of what belongs to others, and must be as it was. */
export function strangersOf(swarm: FakeSwarm): string {
  const isOurs = (labels: Record<string, string> | undefined) =>
    labels?.["com.docker.stack.namespace"] === "metis";
  return JSON.stringify([
    [...swarm.services.values()].filter(({ Spec }) => !isOurs(Spec.Labels)),
    [...swarm.configs.values()].filter(({ Spec }) =>
      !isOurs(Spec.Labels as Record<string, string>) && !`${Spec.Name}`.startsWith("metis-")
    ),
    swarm.networks.filter(({ Labels }) => !isOurs(Labels)),
    swarm.secrets,
    swarm.volumes,
    swarm.nodes.map(({ name, labels }) => [name, labels]),
  ]);
}

async function addStrangers(swarm: FakeSwarm): Promise<void> {
  const others = swarm.client();
  await others.createService({
    Name: "bystander",
    Labels: { "com.docker.stack.namespace": "other" },
    TaskTemplate: { ContainerSpec: { Image: "nginx" } },
    Mode: { Replicated: { Replicas: 1 } },
  });
  await others.createConfig("others-config", { "com.docker.stack.namespace": "other" });
  await others.createSecret({ Name: "key", Labels: {}, Data: "" });
  await others.createNetwork({ Name: "others-network", Driver: "overlay", Labels: {} });
  swarm.volumes.push("others-volume");
}

function targetOf(engine: Engine, wanted: Wanted | null): Target {
  if (wanted === null) return nothing();
  const { rows, image, update, slots = 255, isWhole = false, fenced = [] } = wanted;
  const problem: Problem = {
    apps: APPS,
    cluster: uniformCluster(rows.length, slots),
    demand: APPS.map((_, app) => rows.reduce((sum, row) => sum + row[app]!, 0)),
    rules: { maxPerNode: [null, null, null], apart: [], fencedNodes: fenced },
  };
  const ours = (name: string, more: object = {}) =>
    [name, { image: `${name}:${image}`, networks: ["front"], ...more }] as const;
  const deploy = update === undefined
    ? {}
    : { deploy: { update_config: update, rollback_config: update } };
  const services = Object.fromEntries([
    ...APPS.map((app) => ours(app, { secrets: ["key"], ...deploy })),
    ...(isWhole
      ? [
        ours("db"),
        ours("agent", { deploy: { mode: "global" } }),
        ours("front", {
          deploy: { replicas: 2 },
        }),
      ]
      : []),
  ]);
  const file = { services, networks: { front: {} }, secrets: { key: { external: true } } };
  return planTarget(engine, {
    stack: "metis",
    problem,
    placement: placementFromRows(rows),
    planFile: "plan.json",
    services: readServices(JSON.stringify(file), "services.json"),
    servicesFile: "services.json",
    selection: { names: rows.map((_, at) => `n${at + 1}`) },
    force: false,
    unplanned: isWhole ? "deployed" : "left",
  });
}
