/**
 * A stack file as apps of a problem: replicas, what they reserve, and where they may be.
 * @module
 */
import * as v from "valibot";
import { InputError, parseAmount, type Resources } from "../../domain/mod.ts";
import { parseCompose, type Variables } from "../services/text.ts";
import type { ImportedApp } from "./imported.ts";

const amount = v.optional(v.union([v.number(), v.string()]));
const limits = v.optional(v.nullable(v.object({
  cpus: amount,
  memory: amount,
  generic_resources: v.optional(v.array(v.object({
    discrete_resource_spec: v.optional(v.object({ kind: v.string(), value: v.number() })),
  }))),
})));

/** What is looked at of a stack file; all else is for others. */
const stackSchema = v.object({
  services: v.record(
    v.string(),
    v.nullable(v.object({
      cpus: amount,
      mem_limit: amount,
      mem_reservation: amount,
      deploy: v.optional(v.nullable(v.object({
        mode: v.optional(v.string()),
        replicas: v.optional(v.pipe(v.union([v.number(), v.string()]), v.transform(Number))),
        resources: v.optional(v.nullable(v.object({ reservations: limits, limits }))),
        placement: v.optional(v.nullable(v.object({
          constraints: v.optional(v.nullable(v.array(v.string()))),
          max_replicas_per_node: v.optional(v.number()),
          preferences: v.optional(v.nullable(v.array(v.unknown()))),
        }))),
      }))),
    })),
  ),
});
type Service = NonNullable<v.InferOutput<typeof stackSchema>["services"][string]>;

/** What was found in a stack file. */
export interface ImportedStack {
  readonly apps: readonly ImportedApp[];
  /** What services take that run on every node. */
  readonly everywhere: readonly { readonly name: string; readonly resources: Resources }[];
  readonly leftOut: readonly string[];
}

/**
 * Reads a stack file.
 * @param labels Keys of the labels that nodes have: constraints on others than node.labels need them.
 * @throws {InputError} naming file and place.
 */
export function importStack(
  text: string,
  file: string,
  variables: Variables,
  labels: ReadonlySet<string>,
): ImportedStack {
  const leftOut: string[] = [];
  const given = parseCompose(text, file, variables, {
    unset: (name) => {
      const notice = `the variable ${name} is not set: it is empty, as in Docker`;
      if (!leftOut.includes(notice)) leftOut.push(notice);
    },
  });
  const result = v.safeParse(stackSchema, given);
  if (!result.success) {
    const [issue] = result.issues;
    throw new InputError(`${file}: ${v.getDotPath(issue) ?? "the file"}: ${issue.message}`);
  }
  const apps: ImportedApp[] = [];
  const everywhere: { readonly name: string; readonly resources: Resources }[] = [];
  for (const [name, service] of Object.entries(result.output.services)) {
    const { mode = "replicated", replicas = 1, placement } = service?.deploy ?? {};
    const place = `${file}: services.${name}`;
    const resources = service === null ? {} : resourcesOf(service, place);
    if (mode.startsWith("global")) {
      everywhere.push({ name, resources });
      leftOut.push(`${name} runs on every node: what it takes is taken off the nodes`);
      continue;
    }
    if (mode !== "replicated") {
      leftOut.push(`${name} is a service of mode ${mode}: it ends by itself`);
      continue;
    }
    if (!Number.isSafeInteger(replicas) || replicas < 0) {
      throw new InputError(`${place}.deploy.replicas: must be a whole number: got ${replicas}`);
    }
    if ((placement?.preferences ?? []).length > 0) {
      leftOut.push(`${name}: placement preferences, which are no rules: see rules.spread`);
    }
    apps.push({
      name,
      containers: replicas,
      resources,
      require: requireOf(name, placement?.constraints ?? [], labels, leftOut),
      maxPerNode: placement?.max_replicas_per_node || null, // 0 is no limit
      spread: {},
      apart: [],
      together: [],
    });
  }
  return { apps, everywhere, leftOut };
}

/** What one container takes: its reservations, else its limits. */
function resourcesOf(service: Service, place: string): Resources {
  const { reservations, limits } = service.deploy?.resources ?? {};
  const read = (name: string, given: readonly (number | string | undefined)[]) => {
    const value = given.find((one) => one !== undefined);
    if (value === undefined) return [];
    const read = parseAmount(name, value);
    if (read === null) throw new InputError(`${place}: ${name} must be an amount: got ${value}`);
    return read > 0 ? [[name, read] as const] : [];
  };
  const generic = (reservations?.generic_resources ?? []).flatMap((one) =>
    one.discrete_resource_spec === undefined
      ? []
      : [[one.discrete_resource_spec.kind, one.discrete_resource_spec.value] as const]
  );
  return Object.fromEntries([
    ...read("cpu", [reservations?.cpus, limits?.cpus, service.cpus]),
    ...read("memory", [
      ...[reservations?.memory, service.mem_reservation],
      ...[limits?.memory, service.mem_limit],
    ]),
    ...generic,
  ]);
}

/** Labels that constraints ask for. */
function requireOf(
  app: string,
  constraints: readonly string[],
  labels: ReadonlySet<string>,
  leftOut: string[],
): Record<string, string> {
  const require: Record<string, string> = {};
  for (const constraint of constraints) {
    const [, asked = "", operator, value = ""] =
      /^\s*((?:node|engine)\.[\w.\/-]+)\s*(==|!=)\s*(.+?)\s*$/.exec(constraint) ?? [];
    const key = asked.replace(/^node\.labels\./, "");
    const isLabel = asked.startsWith("node.labels.") || labels.has(key);
    if (operator === "==" && isLabel) require[key] = value;
    else {
      leftOut.push(
        `${app}: the constraint ${constraint}, which is no label with a value, and which Swarm keeps all the same: say it ` +
          "by `require` of the app and `labels` of nodes",
      );
    }
  }
  return require;
}
