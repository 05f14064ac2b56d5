import {
  type Cluster,
  configurationCount,
  NO_RULES,
  type Random,
  type Rules,
} from "../../domain/mod.ts";
import { Simulator } from "../../sim-wasm/mod.ts";
import { drawSurface, type Kind, type Texture, TEXTURES, TRAINED_KINDS } from "./surfaces.ts";

/** A surface and a cluster that demands are drawn for. Whoever draws it disposes of the simulator. */
export interface DrawnNodes {
  /** The surface. */
  readonly simulator: Simulator;
  /** Equal nodes, or of two sizes. */
  readonly cluster: Cluster;
  /** No rules, or limits of some apps on a node. */
  readonly rules: Rules;
  /** Where the surface comes from. */
  readonly kind: Kind;
  /** How smooth it is. */
  readonly texture: Texture;
}

/** Which nodes are drawn. */
export interface NodeRange {
  /** Kinds of surfaces. @default those of training */
  readonly kinds?: readonly Kind[];
  /** Nodes of the cluster. @default 6 to 40 */
  readonly nodes?: number;
}

/** Slots of a node: the more often, the more there is to learn. */
const SLOTS = [2, 3, 4, 4, 5, 6, 6, 8, 8, 8, 8, 10, 12, 16];
const LEAST_APPS = 3;
const MOST_APPS = 40;
/** Cells of the planner's largest table: apps x apps x configurations; more take long to fill. */
const MOST_CELLS = 1_500_000;
/** Configurations of a table, at most. */
const MOST_CONFIGURATIONS = 13_000;
/** Slots of a cluster, at most: larger ones teach nothing new and take longer. */
const MOST_SLOTS = 260;
const LEAST_NODES = 6;
const MOST_NODES = 40;

/** Draws apps, slots, a surface, a cluster and rules. */
export function drawNodes(draws: Random, range: NodeRange = {}): DrawnNodes {
  const slots = oneOf(SLOTS, draws);
  const most = mostApps(slots);
  // As likely to have 3 or 4 as 5 to 8. Two apps leave little to choose: they come now and then.
  const apps = draws.uniform() < 0.03
    ? 2
    : Math.min(most, Math.floor(LEAST_APPS * ((most + 1) / LEAST_APPS) ** draws.uniform()));
  const kind = oneOf(range.kinds ?? TRAINED_KINDS, draws);
  const texture = oneOf(TEXTURES, draws);
  const model = drawSurface(kind, texture, apps, slots, draws);
  const largest = Math.min(MOST_NODES, Math.floor(MOST_SLOTS / slots));
  const nodes = range.nodes ??
    Math.round(LEAST_NODES * (largest / LEAST_NODES) ** Math.sqrt(draws.uniform()));
  const mixed = draws.uniform() < 0.2 && slots > 2;
  const rules = draws.uniform() < 0.15
    ? { ...NO_RULES, maxPerNode: model.apps.map(() => draws.uniform() < 0.3 ? 2 : null) }
    : NO_RULES;
  return {
    simulator: Simulator.create({ model, capacity: slots }),
    cluster: clusterOf(nodes, slots, mixed, draws),
    rules,
    kind,
    texture,
  };
}

function clusterOf(nodes: number, slots: number, mixed: boolean, draws: Random): Cluster {
  const classOf = (name: string, capacity: number, count: number) => ({
    name,
    capacity,
    count,
    labels: {},
    failureDomain: null,
  });
  if (!mixed) return { nodeClasses: [classOf("node", slots, nodes)] };
  const small = 1 + draws.below(nodes - 1);
  return {
    nodeClasses: [
      classOf("small", Math.ceil(slots / 2) + draws.below(Math.floor(slots / 2)), small),
      classOf("large", slots, nodes - small),
    ],
  };
}

/** Most apps that nodes of so many slots are drawn with. */
function mostApps(slots: number): number {
  let apps = 2;
  const fits = (count: number): boolean => {
    const configurations = configurationCount(count, slots);
    return configurations <= MOST_CONFIGURATIONS && count ** 2 * configurations <= MOST_CELLS;
  };
  while (apps < MOST_APPS && fits(apps + 1)) apps++;
  return apps;
}

function oneOf<Item>(items: readonly Item[], draws: Random): Item {
  return items[draws.below(items.length)]!;
}
