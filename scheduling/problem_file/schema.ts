/**
 * The form of a problem file: names and forms of its keys, each with what it means. The published JSON Schema is made of it.
 * @module
 */
import * as v from "valibot";
import { MAX_CAPACITY, MAX_NODES } from "../../domain/mod.ts";
import { OBJECTIVES } from "../objective.ts";
import { notList, record } from "../plans/forms.ts";

function whole(least: number, most: number) {
  const range = most === MAX_UINT32
    ? `must be a whole number, at least ${least}`
    : `must be a whole number from ${least} to ${most}`;
  return v.pipe(
    v.number(range),
    v.integer(range),
    v.minValue(least, range),
    v.maxValue(most, range),
  );
}

function above0(what: string) {
  const range = `must be ${what} above 0`;
  return v.pipe(v.number(range), v.gtValue(0, range));
}

function object<const Entries extends v.ObjectEntries>(entries: Entries) {
  return notList(v.strictObject(entries, "must be keys with values"));
}

function about<Schema extends v.GenericSchema>(text: string, schema: Schema) {
  return v.pipe(schema, v.description(text));
}

const MAX_UINT32 = 4294967295;
const name = v.pipe(
  v.string("must be a name in quotes"),
  v.minLength(1, "must be a name, not empty"),
);
const file = v.pipe(v.string("must be the name of a file"), v.minLength(1, "must name a file"));
const list = "must be a list";

/** YAML reads `gpu: true` and `rack: 3` as no text: as a label they are. */
const label = v.pipe(
  v.union([v.string(), v.number(), v.boolean()], "must be the text of a label"),
  v.transform(String),
);
const labels = record(name, label);
const amounts = about(
  "amounts by name: cpu in cores (0.5 or 500m), memory as a size (512MiB, 512Mi, 4G), or whatever else is counted",
  record(name, v.union([v.number(), v.string()], "must be a number, or a size such as 512MiB")),
);
const floor = v.pipe(
  v.number("must be a number, 0 or more"),
  v.minValue(0, "must be a number, 0 or more"),
);

const app = object({
  containers: about("containers to place", whole(0, MAX_UINT32)),
  resources: v.optional(about("what one container takes besides its slot", amounts)),
  floor: v.optional(
    about("normalised RPS that each of its containers must be predicted to keep", floor),
  ),
  weight: v.optional(about("what one container counts in the objective", above0("a number"))),
});

/** What values a placement, or the nodes of a class: the words of the options. */
const surfaceEntries = {
  profile: v.optional(about("measured profile (.npz or .csv) to fit a model on", file)),
  table: v.optional(about("profile whose rows are used as they are", file)),
  model: v.optional(about("model saved by `metis fit --out`", file)),
  traffic: v.optional(
    about("traffic between apps (CSV app,app,traffic): the value is what stays on one node", file),
  ),
  fit: v.optional(about("kind of model for profile", name)),
  fallback: v.optional(about("kind of model for configurations that table lacks", name)),
  normalise: v.optional(
    about(
      "the profile holds raw requests per second: divide each app by its rows alone",
      v.boolean("must be true or false"),
    ),
  ),
  maxRps: v.optional(about("highest normalised RPS that is believed", above0("a number"))),
  apps: v.optional(
    about("names of the apps of an .npz file, in the file's order", v.array(name, list)),
  ),
};

const nodeClass = object({
  class: v.optional(about("name of the class (default: class-0, class-1, ...)", name)),
  count: v.optional(about("how many nodes (default: as many as names)", whole(1, MAX_NODES))),
  names: v.optional(
    about("names of the nodes (default: n0, n1, ... through all classes)", v.array(name, list)),
  ),
  slots: v.optional(
    about(
      "most containers on one node (default: what fits by its resources)",
      whole(1, MAX_CAPACITY),
    ),
  ),
  resources: v.optional(about("what one node has besides slots", amounts)),
  labels: v.optional(about("labels of its nodes", labels)),
  domain: v.optional(about("nodes that fail together: a rack or zone", label)),
  surface: v.optional(about(
    "what values its nodes where that is not the surface of all, or how much faster each app runs on them",
    object({
      ...surfaceEntries,
      speed: v.optional(about(
        "by app: its normalised RPS on these nodes is multiplied by this (default: 1)",
        record(name, above0("a number")),
      )),
    }),
  )),
});

const pair = v.strictTuple([name, name], "must be two apps: [api, cache]");

const rules = object({
  maxPerNode: v.optional(
    about("by app: most of its containers on one node", record(name, whole(0, MAX_UINT32))),
  ),
  apart: v.optional(about(
    "lists of apps that may not share a node",
    v.array(v.pipe(v.array(name, list), v.minLength(2, "must be two or more apps")), list),
  )),
  together: v.optional(
    about("pairs [a, b]: every node with an a holds at least one b", v.array(pair, list)),
  ),
  require: v.optional(about("by app: labels that its nodes must have", record(name, labels))),
  spread: v.optional(about(
    "by app: how its containers are spread over the domains of the nodes",
    record(
      name,
      object({
        maxPerDomain: v.optional(about("most containers in one domain", whole(1, MAX_UINT32))),
        minDomains: v.optional(about("fewest domains that hold one", whole(1, MAX_UINT32))),
        maxSkew: v.optional(about(
          "most that the fullest domain may hold above the emptiest of those that could hold one",
          whole(1, MAX_UINT32),
        )),
      }),
    ),
  )),
  fence: v.optional(about(
    "nodes that take no container: names (n7), numbers from 0 (7), or ranges of numbers (5-7)",
    v.array(v.union([name, whole(0, MAX_NODES)], "must be a name or number of a node"), list),
  )),
});

/** The form of a problem file. */
export const problemSchema = object({
  apps: about("what to place, by name", record(name, app)),
  nodes: about(
    "kinds of nodes; nodes are numbered from 0, class after class",
    v.pipe(v.array(nodeClass, list), v.minLength(1, "must list at least one class of nodes")),
  ),
  rules: v.optional(about("what a placement must keep", rules)),
  surface: v.optional(
    about("what values a placement", object(surfaceEntries)),
  ),
  objective: v.optional(about(
    "what to make large (default: throughput)",
    v.picklist(OBJECTIVES, `must be one of ${OBJECTIVES.join(", ")}`),
  )),
  floor: v.optional(about("floor of the apps that name none of their own", floor)),
});

/** What a problem file says, checked for form alone. */
export type ProblemForm = v.InferOutput<typeof problemSchema>;
/** What it says of a class of nodes. */
export type NodeForm = ProblemForm["nodes"][number];
/** What it says of a surface. */
export type SurfaceForm = NonNullable<NodeForm["surface"]>;
/** What it says of rules. */
export type RulesForm = NonNullable<ProblemForm["rules"]>;
