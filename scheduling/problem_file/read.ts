/**
 * Reads problem files: apps, nodes, rules, and what values a placement, in one file of YAML or JSON.
 * @module
 */
import {
  checkCluster,
  InputError,
  nodeCount,
  parseJson,
  reservedProblem,
} from "../../domain/mod.ts";
import { parseYaml } from "../../domain/yaml.ts";
import { Faults } from "./faults.ts";
import { checkForm, type StandIn } from "./form.ts";
import { clusterOf, NodeNames, resourcesOf } from "./nodes.ts";
import { rulesOf } from "./rules.ts";
import { type ProblemForm, problemSchema } from "./schema.ts";
import { surfacesOf } from "./surfaces.ts";
import type { ProblemFile } from "./types.ts";

/** What a file says, as far as it can be used, and all that is wrong with it. */
export interface ProblemReading {
  /** The problem; null if something is wrong. */
  readonly problem: ProblemFile | null;
  /** What the file says beside all that is wrong, to look at further; null if nothing is left. */
  readonly rest: ProblemFile | null;
  /** What is wrong, each in one line that names file, place and remedy. */
  readonly faults: readonly string[];
}

/**
 * Reads a problem file. Whether the problem can be solved is for checkProblem to say.
 * @param text The file: JSON where its name ends so or its text begins with a brace, else YAML.
 * @param file Its name, for messages; the files that it names are beside it.
 * @throws {InputError} naming file, place and remedy of the first fault.
 */
export function readProblemFile(text: string, file: string): ProblemFile {
  const { problem, faults } = inspectProblemFile(text, file);
  if (problem !== null) return problem;
  const more = faults.length - 1;
  const rest = more === 0 ? "" : ` (and ${more} more: see metis problem check ${file})`;
  throw new InputError(`${faults[0]}${rest}`);
}

/** Reads a problem file as {@link readProblemFile}, but tells all that is wrong. */
export function inspectProblemFile(text: string, file: string): ProblemReading {
  const faults = new Faults(file);
  let value: unknown;
  try {
    value = file.endsWith(".json") ? parseJson(text, file) : parseYaml(text, file);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { problem: null, rest: null, faults: [error.message] };
  }
  const form = checkForm(problemSchema, value, faults, standInFor(value));
  // What was taken out for its form may be missed by what stays.
  const later = new Faults(file);
  const unknown = { apps: faults.has(["apps"]), nodes: faults.isAt(["nodes"]) };
  const rest = form === undefined ? null : problemOf(form, later, unknown);
  faults.addElsewhere(later);
  return { problem: faults.none ? rest : null, rest, faults: faults.messages };
}

/** What stands for parts of a problem file that are missing or of another form, and that others speak of. */
function standInFor(value: unknown): StandIn {
  const { apps } = (value ?? {}) as { readonly apps?: unknown };
  const [a, b] = typeof apps === "object" && apps !== null ? Object.keys(apps) : [];
  const node = { count: 1, slots: 1 };
  return (path) => {
    const [group, part] = path;
    switch (path.length) {
      case 1:
        return group === "apps" ? {} : group === "nodes" ? [node] : undefined;
      case 2:
        return group === "apps" ? { containers: 0 } : group === "nodes" ? node : undefined;
      case 3:
        if (group === "apps" && path[2] === "containers") return 0;
        if (part === "fence") return 0;
        return (part === "apart" || part === "together") && b !== undefined ? [a, b] : undefined;
    }
  };
}

/** What of a file is not known in full, since it has faults of form: names of it are not looked at. */
interface Unknown {
  readonly apps: boolean;
  readonly nodes: boolean;
}

function problemOf(form: ProblemForm, faults: Faults, unknown: Unknown): ProblemFile {
  const apps = Object.keys(form.apps);
  if (apps.length === 0) faults.add(["apps"], "must name at least one app");
  for (const app of apps) {
    const reserved = reservedProblem(app);
    if (reserved !== null) faults.add(["apps", app], reserved);
  }
  const forms = Object.values(form.apps);
  const demand = forms.map(({ containers }) => containers);
  const needs = forms.map(({ resources }, app) =>
    resourcesOf(resources, ["apps", apps[app]!, "resources"], faults)
  );
  const { cluster: plain, notices } = clusterOf(form.nodes, demand, needs, faults);
  const { surfaces, cluster, notices: unused } = surfacesOf(form, plain, faults);
  faults.catch(["nodes"], () => checkCluster(cluster));
  const nodeNames = new NodeNames(form.nodes, nodeCount(cluster), faults);
  const { fence = [], ...otherRules } = unknown.apps ? {} : form.rules ?? {};
  const rules = { ...otherRules, fence: unknown.nodes ? [] : fence };
  if (!unknown.nodes) noteUnknownResources(apps, needs, cluster.nodeClasses, faults);
  return {
    file: faults.file,
    apps,
    cluster,
    demand,
    needs,
    rules: rulesOf(rules, apps, nodeNames, faults),
    floors: forms.map(({ floor = form.floor }) =>
      floor === undefined || floor === 0 ? null : floor
    ),
    weights: forms.map(({ weight = 1 }) => weight),
    surfaces,
    nodeNames,
    objective: form.objective ?? "throughput",
    notices: [...notices, ...unused].map((notice) => `${faults.file}: ${notice}`),
  };
}

/** Resources that an app takes and no class of nodes has: most often a misspelt name. */
function noteUnknownResources(
  apps: readonly string[],
  needs: ProblemFile["needs"],
  nodeClasses: ProblemFile["cluster"]["nodeClasses"],
  faults: Faults,
): void {
  const known = new Set(nodeClasses.flatMap(({ resources = {} }) => Object.keys(resources)));
  needs.forEach((need, app) => {
    for (const [name, amount] of Object.entries(need)) {
      if (amount > 0 && !known.has(name)) {
        faults.add(
          ["apps", apps[app]!, "resources", name],
          `no class of nodes says how much ${name} its nodes have: add it to their resources`,
        );
      }
    }
  });
}
