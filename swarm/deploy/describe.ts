import { canonical } from "../services/spec.ts";
import type { ServiceBody } from "../engine/engine.ts";
import type { Change } from "./changes.ts";

/** One change as a line for people; values of the environment are never part of it. */
export function describeChange(change: Change): string {
  const sign = { create: "+", remove: "-", keep: " ", scale: "~", update: "~" }[change.kind];
  const name = change.kind === "create" ? change.to.name : change.from.name;
  return `${sign} ${change.kind.padEnd(6)} ${name}: ${detail(change)}`;
}

/** One change as JSON: the same facts as {@link describeChange}. */
export function changeJson(change: Change): Record<string, unknown> {
  const one = change.kind === "remove" ? change.from : change.to;
  return {
    kind: change.kind,
    service: change.kind === "create" ? change.to.name : change.from.name,
    app: one.app,
    node: one.node,
    from: change.kind === "create" ? 0 : change.from.replicas,
    to: change.kind === "remove" ? 0 : change.to.replicas,
    ...(change.kind === "update"
      ? { changed: changedFields(change.from.body, change.to.body) }
      : {}),
  };
}

/** How many of each kind, for a last line. */
export function countChanges(changes: readonly Change[]): string {
  const count = (kind: Change["kind"]) => changes.filter((change) => change.kind === kind).length;
  return `${count("create")} to create, ${count("update")} to update, ${
    count("scale")
  } to scale, ` +
    `${count("remove")} to remove, ${count("keep")} unchanged`;
}

function detail(change: Change): string {
  switch (change.kind) {
    case "create":
      return `${containers(change.to.replicas)} of ${change.to.app} on ${change.to.node}`;
    case "remove":
      return `${containers(change.from.replicas)} of ${change.from.app} on ${change.from.node}`;
    case "keep":
      return `${containers(change.to.replicas)} of ${change.to.app} on ${change.to.node}`;
    case "scale":
      return `${change.from.replicas} -> ${
        containers(change.to.replicas)
      } of ${change.to.app} on ${change.to.node}`;
    default: {
      const fields = changedFields(change.from.body, change.to.body).join(", ");
      const count = change.from.replicas === change.to.replicas
        ? containers(change.to.replicas)
        : `${change.from.replicas} -> ${containers(change.to.replicas)}`;
      return `${count} of ${change.to.app} on ${change.to.node} (${fields})`;
    }
  }
}

function containers(count: number): string {
  return count === 1 ? "1 container" : `${count} containers`;
}

/** Names of what differs; of an image also both values, since they are no secret. */
function changedFields(from: ServiceBody, to: ServiceBody): string[] {
  const [before, after] = [from, to].map(({ TaskTemplate, EndpointSpec }) => {
    const { ContainerSpec = {}, ...template } = TaskTemplate as Record<string, unknown>;
    const ports = (EndpointSpec as { Ports?: unknown } | undefined)?.Ports;
    return { ...template, ...(ContainerSpec as object), Ports: ports } as Record<string, unknown>;
  }) as [Record<string, unknown>, Record<string, unknown>];
  const changed: string[] = [];
  for (const [field, word] of Object.entries(WORDS)) {
    if (canonical(before[field] ?? null) === canonical(after[field] ?? null)) continue;
    changed.push(field === "Image" ? `image ${before[field]} -> ${after[field]}` : word);
  }
  return changed.length === 0 ? ["options"] : changed;
}

const WORDS: Readonly<Record<string, string>> = {
  Image: "image",
  Command: "entrypoint",
  Args: "command",
  Env: "environment",
  Mounts: "volumes",
  Secrets: "secrets",
  Healthcheck: "healthcheck",
  User: "user",
  Resources: "resources",
  RestartPolicy: "restart policy",
  Ports: "ports",
};
