/**
 * Makes problem files of what runs already: a stack file with the nodes of a Swarm, or a cluster of Kubernetes.
 * @module
 */
import { Option } from "@commander-js/extra-typings";
import { InputError, UsageError } from "../../domain/mod.ts";
import { inspectProblemFile } from "../../scheduling/problem_file/mod.ts";
import { importDockerNodes } from "../../swarm/import/docker_nodes.ts";
import {
  addResources,
  checkImported,
  type ImportedNode,
  type ImportedProblem,
  importedText,
  lessResources,
} from "../../swarm/import/imported.ts";
import { importKubernetes } from "../../swarm/import/kubernetes.ts";
import { importStack } from "../../swarm/import/stack.ts";
import { type CliContext, readText } from "../context.ts";
import type { GivenBy } from "../options/define.ts";
import * as options from "../options/mod.ts";
import type { Talk } from "../output/progress.ts";

/** Label of Kubernetes whose value is a node's zone. */
const ZONE = "topology.kubernetes.io/zone";

/** Options of `metis problem import`. */
export const importOptions = () =>
  [
    new Option("--stack <file>", "stack file (Compose) of a Swarm; say its nodes as well"),
    new Option(
      "--kubernetes <file>",
      "what `kubectl get nodes,pods -A -o json` prints, of a cluster",
    ).conflicts(["stack", "dockerNodes", "nodes", "cluster"]),
    new Option(
      "--docker-nodes <file>",
      "nodes of the Swarm: what `docker node inspect $(docker node ls -q)` prints",
    ).conflicts(["nodes", "cluster"]),
    ...options.clusterOptions(),
    new Option("--namespace <names>", "Kubernetes: namespaces whose pods are placed (default: all)")
      .argParser(options.parseNames),
    new Option(
      "--domain-label <key>",
      `label of nodes whose value is their failure domain (default for Kubernetes: ${ZONE})`,
    ),
    options.outOption("the problem file"),
    options.quietOption(),
  ] as const;

/** Values of {@link importOptions}. */
export type ImportArguments = GivenBy<typeof importOptions>;

/** The text of the problem file of what the options name. @throws {UsageError | InputError} */
export async function importProblem(
  context: CliContext,
  talk: Talk,
  given: ImportArguments,
): Promise<string> {
  const { stack, kubernetes } = given;
  const source = kubernetes ?? stack;
  if (source === undefined) {
    throw new UsageError("Say what to import: --stack FILE or --kubernetes FILE");
  }
  const text = await readText(context, source);
  const problem = kubernetes === undefined
    ? await ofSwarm(context, talk, text, source, given)
    : importKubernetes(text, source, {
      namespaces: given.namespace,
      slots: given.capacity ?? null,
      domainLabel: given.domainLabel ?? ZONE,
    });
  checkImported(problem, source);
  for (const left of problem.leftOut) talk.notice(`${source}: left out: ${left}`);
  const made = importedText(problem, source);
  const { faults } = inspectProblemFile(made, "the problem file");
  if (faults.length > 0) {
    const isBare = stack !== undefined && given.dockerNodes === undefined;
    const remedy = isBare ? " of --cluster FILE, or give --docker-nodes FILE" : "";
    throw new InputError(`${source}: ${faults[0]}${remedy}`);
  }
  return made;
}

async function ofSwarm(
  context: CliContext,
  talk: Talk,
  text: string,
  file: string,
  given: ImportArguments,
): Promise<ImportedProblem> {
  const nodes = await swarmNodes(context, talk, given);
  const labels = new Set(nodes.flatMap((node) => Object.keys(node.labels)));
  const { apps, everywhere, leftOut } = importStack(text, file, context.env, labels);
  const taken = everywhere.map(({ resources }) => resources).reduce(addResources, {});
  const counted = new Set(apps.flatMap(({ resources }) => Object.keys(resources)));
  return {
    apps,
    nodes: nodes.map((node) => ({
      ...node,
      resources: Object.fromEntries(
        Object.entries(lessResources(node.resources, taken)).filter(([name]) => counted.has(name)),
      ),
    })),
    leftOut,
  };
}

async function swarmNodes(
  context: CliContext,
  talk: Talk,
  given: ImportArguments,
): Promise<ImportedNode[]> {
  const { dockerNodes: file, domainLabel } = given;
  if (file !== undefined) {
    const text = await readText(context, file);
    return importDockerNodes(text, file, given.capacity ?? null, domainLabel ?? null);
  }
  if (given.nodes === undefined && given.cluster === undefined) {
    throw new UsageError(
      "Say which nodes there are: --docker-nodes FILE, --cluster FILE, or --nodes COUNT and --capacity SLOTS",
    );
  }
  const { nodeClasses } = await options.loadCluster(context, talk, given);
  let first = 0;
  return nodeClasses.flatMap(({ count, capacity, labels, failureDomain, resources = {} }) => {
    const start = first;
    first += count;
    return Array.from({ length: count }, (_, node): ImportedNode => ({
      name: `n${start + node}`,
      slots: capacity,
      resources,
      labels,
      domain: domainLabel === undefined ? failureDomain : labels[domainLabel] ?? null,
      fenced: false,
    }));
  });
}
