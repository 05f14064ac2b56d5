import { canonical } from "../services/spec.ts";
import { type Change, type CurrentService, type DesiredService, isGlobal } from "./changes.ts";

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
    ...(change.kind === "update" ? { changed: changedFields(change.from, change.to) } : {}),
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
    case "remove":
      return amount(change.from);
    case "create":
    case "keep":
      return amount(change.to);
    case "scale":
      return `${change.from.replicas} -> ${amount(change.to)}`;
    default: {
      const fields = changedFields(change.from, change.to).join(", ");
      const count = change.from.replicas === change.to.replicas
        ? amount(change.to)
        : `${change.from.replicas} -> ${amount(change.to)}`;
      return `${count} (${fields})`;
    }
  }
}

/** How many containers there are, of what and where. */
function amount({ app, node, replicas, body }: CurrentService | DesiredService): string {
  if (isGlobal(body)) return `a container of ${app} on every node`;
  return `${containers(replicas)} of ${app}${
    node === null ? `, where Swarm puts ${replicas === 1 ? "it" : "them"}` : ` on ${node}`
  }`;
}

function containers(count: number): string {
  return count === 1 ? "1 container" : `${count} containers`;
}

/** Names of what differs; of an image also both values, since they are no secret. */
function changedFields(from: CurrentService, to: DesiredService): string[] {
  const [before, after] = [from.body, to.body].map(({ TaskTemplate, EndpointSpec }) => {
    const { ContainerSpec = {}, ...template } = TaskTemplate as Record<string, unknown>;
    const ports = (EndpointSpec as { Ports?: unknown } | undefined)?.Ports;
    return { ...template, ...(ContainerSpec as object), Ports: ports } as Record<string, unknown>;
  }) as [Record<string, unknown>, Record<string, unknown>];
  const changed: string[] = [];
  for (const [field, word] of Object.entries(WORDS)) {
    if (canonical(before[field] ?? null) === canonical(after[field] ?? null)) continue;
    changed.push(field === "Image" ? `image ${before[field]} -> ${after[field]}` : word);
  }
  if (changed.length > 0) return changed;
  return from.isPaused ? ["an update that Swarm paused"] : ["options"];
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
