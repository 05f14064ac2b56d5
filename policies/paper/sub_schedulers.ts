import { InputError } from "../../domain/mod.ts";
import { checkNetwork, type Network, networkInputs, networkOutputs } from "../learning/network.ts";
import { observationSize, SUB_OBSERVATION } from "../environment/observation.ts";

/** Nodes of a sub-cluster, and its groups: three groups of nine, of three, of one. */
export const SUB_NODES = 27;

/** Choices at each of a sub-scheduler's levels. */
export const SUB_BRANCHING: readonly number[] = [3, 3, 3];

/** Size classes of the paper: one model per ten containers, up to 200 and more. */
export const SIZE_CLASSES = 20;

/** Containers between one size class and the next. */
export const CLASS_WIDTH = 10;

/** The model class of a sub-cluster with `containers` containers (at least 1): 0 for 1 to 10, ... 19 from 191. */
export function sizeClass(containers: number, classes: number = SIZE_CLASSES): number {
  return Math.max(0, Math.min(Math.floor((containers - 1) / CLASS_WIDTH), classes - 1));
}

/** Trained sub-schedulers: how to place any demand on a sub-cluster of up to 27 nodes. */
export interface SubSchedulers {
  readonly apps: readonly string[];
  /**
   * networks[class][level]: by size class (see {@link sizeClass}), then from the level of nine nodes to that of
   * single nodes. A class that was not trained is null.
   */
  readonly networks: readonly (readonly Network[] | null)[];
}

/**
 * Returns the sub-schedulers if every network takes what a sub-cluster's observation has and gives three logits.
 * @throws {InputError} naming the class and level that does not fit, or where no class was trained.
 */
function checkSubSchedulers(sub: SubSchedulers): SubSchedulers {
  const inputs = observationSize(SUB_OBSERVATION, 3, sub.apps.length);
  if (!sub.networks.some((levels) => levels !== null)) {
    throw new InputError("These sub-schedulers have no trained size class");
  }
  sub.networks.forEach((levels, at) => {
    if (levels === null) return;
    if (levels.length !== SUB_BRANCHING.length) {
      throw new InputError(`Size class ${at} needs three networks: got ${levels.length}`);
    }
    for (const network of levels) {
      checkNetwork(network);
      if (networkInputs(network) !== inputs || networkOutputs(network) !== 3) {
        throw new InputError(
          `Network ${network.name} maps ${networkInputs(network)} numbers to ${
            networkOutputs(network)
          }, a sub-scheduler of ${sub.apps.length} apps ${inputs} to 3`,
        );
      }
    }
  });
  return sub;
}

/** The networks of a number of containers; of the nearest trained class where its own was not trained. */
export function networksFor(sub: SubSchedulers, containers: number): readonly Network[] {
  return sub.networks[nearestClass(sub, containers)]!;
}

/** The trained class nearest to that of a number of containers; of two, the smaller. */
export function nearestClass(sub: SubSchedulers, containers: number): number {
  const wanted = sizeClass(containers, sub.networks.length);
  let best = -1;
  sub.networks.forEach((levels, at) => {
    if (levels === null) return;
    if (best < 0 || Math.abs(at - wanted) < Math.abs(best - wanted)) best = at;
  });
  if (best < 0) throw new InputError("These sub-schedulers have no trained size class");
  return best;
}

/**
 * Sub-schedulers from networks named `class{0,10,..}/level{1,2,3}`, as checkpoints and the imported weights of
 * 2020 name them; classes that have no networks are null.
 * @throws {InputError} if a class lacks a level, or a network does not fit.
 */
export function subSchedulersFromNetworks(
  networks: readonly Network[],
  apps: readonly string[],
): SubSchedulers {
  const byName = new Map(networks.map((network) => [network.name, network]));
  const levels = SUB_BRANCHING.map((_, level) => level + 1);
  const classes = Array.from({ length: SIZE_CLASSES }, (_, at) => {
    const names = levels.map((level) => subNetworkName(at, level));
    if (!names.some((name) => byName.has(name))) return null;
    return names.map((name) => {
      const network = byName.get(name);
      if (network === undefined) throw new InputError(`The policy lacks the network ${name}`);
      return network;
    });
  });
  return checkSubSchedulers({ apps: [...apps], networks: classes });
}

/** Name of a network by size class (0 to 19) and level (from 1): `class10/level3`. */
export function subNetworkName(sizeClass: number, level: number): string {
  return `class${sizeClass * CLASS_WIDTH}/level${level}`;
}
