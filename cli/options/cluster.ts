/**
 * Which nodes there are: the options, and the cluster that they describe.
 * @module
 */
import { Option } from "@commander-js/extra-typings";
import * as v from "valibot";
import {
  aboutFile,
  checkCluster,
  type Cluster,
  MAX_NODES,
  uniformCluster,
  UsageError,
} from "../../domain/mod.ts";
import { checkJson, clusterOf, nodeClassSchema } from "../../scheduling/plans/plan.ts";
import { type CliContext, readText } from "../context.ts";
import type { Talk } from "../output/progress.ts";
import type { GivenBy } from "./define.ts";
import { whole } from "./parse.ts";

/** Number of equal nodes. */
export const nodesOption = () =>
  new Option("--nodes <count>", "number of equal nodes").argParser(whole(1, MAX_NODES));

/** Slots of each of the equal nodes. */
export const capacityOption = () =>
  new Option("--capacity <slots>", "slots of each node").argParser(whole(1, 255));

/** A file of node classes. */
export const clusterOption = () =>
  new Option("--cluster <file>", "JSON list of node classes instead of --nodes and --capacity");

/** Which nodes there are. */
export const clusterOptions = () => [nodesOption(), capacityOption(), clusterOption()] as const;

/** Values of {@link clusterOptions}. */
export type ClusterOptions = GivenBy<typeof clusterOptions>;

/**
 * The cluster that `--nodes` and `--capacity`, or `--cluster`, describe.
 * @throws {UsageError} if both or neither are given.
 */
export async function loadCluster(
  context: CliContext,
  talk: Talk,
  options: ClusterOptions,
): Promise<Cluster> {
  const { nodes, capacity, cluster: file } = options;
  if (file !== undefined) {
    if (nodes !== undefined || capacity !== undefined) {
      throw new UsageError("Give either --cluster FILE, or --nodes and --capacity");
    }
    const form = v.pipe(v.array(nodeClassSchema), v.minLength(1));
    const cluster = clusterOf(checkJson(form, await readText(context, file), file));
    if (cluster.nodeClasses.some(({ failureDomain }) => failureDomain !== null)) {
      talk.notice(`${file}: failureDomain is ignored: only a problem file has rules about it`);
    }
    return aboutFile(file, () => checkCluster(cluster));
  }
  if (nodes === undefined || capacity === undefined) {
    throw new UsageError(
      "Say which nodes there are: --nodes COUNT and --capacity SLOTS, or --cluster FILE",
    );
  }
  return uniformCluster(nodes, capacity);
}
