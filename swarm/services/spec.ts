import type { ServiceBody } from "../engine/engine.ts";
import { sha256 } from "../names.ts";
import type { ComposeService } from "./compose.ts";
import { bytesOf, nanoCpus, nanoseconds } from "./units.ts";

/** Labels that Docker's own tools know a stack by. */
export const STACK_LABEL = "com.docker.stack.namespace";
/** Image of a service, as `docker stack` notes it. */
export const IMAGE_LABEL = "com.docker.stack.image";
/** Labels of what Metis owns: app and node of a service, hash of everything it runs. */
export const APP_LABEL = "io.metis.app";
/** Host name of the node that a service is pinned to. */
export const NODE_LABEL = "io.metis.node";
/** Slot of a launched service. */
export const SLOT_LABEL = "io.metis.slot";
/** Hash of the task template and ports. */
export const SPEC_LABEL = "io.metis.spec";

/** Where and how often a service runs. */
export interface Pinning {
  readonly stack: string;
  readonly name: string;
  readonly app: string;
  /** Host name. */
  readonly node: string;
  readonly replicas: number;
  /** Slot of the node, for services of one container each. */
  readonly slot?: number;
}

/** Ids of the Swarm's secrets by name. */
export type SecretIds = ReadonlyMap<string, string>;

/**
 * The body of a service: the same inputs give the same body, so that its hash says whether anything changed.
 * Empty fields are left out, as the engine does.
 */
export function serviceBody(
  service: ComposeService,
  pinning: Pinning,
  secretIds: SecretIds,
): { body: ServiceBody; hash: string } {
  const { stack, name, app, node, replicas, slot } = pinning;
  const identity = {
    [STACK_LABEL]: stack,
    [APP_LABEL]: app,
    [NODE_LABEL]: node,
    ...(slot === undefined ? {} : { [SLOT_LABEL]: `${slot}` }),
  };
  const template = taskTemplate(service, node, secretIds, app);
  const ports = service.ports.map(({ target, published, protocol }) => ({
    Protocol: protocol,
    TargetPort: target,
    ...(published === null ? {} : { PublishedPort: published }),
    PublishMode: "host",
  }));
  const endpoint = {
    Mode: service.deploy.endpoint_mode ?? "dnsrr",
    ...(ports.length === 0 ? {} : { Ports: ports }),
  };
  const labels = service.deploy.labels;
  const hash = sha256(canonical([template, endpoint, identity, service.labels, labels]))
    .slice(0, 32);
  const container = template.ContainerSpec as Record<string, unknown>;
  const body: ServiceBody = {
    Name: name,
    Labels: {
      ...labels,
      ...identity,
      [IMAGE_LABEL]: service.image,
      [SPEC_LABEL]: hash,
    },
    TaskTemplate: {
      ...template,
      // The tasks have the hash too: so those of the old body are told from those of the new one.
      ContainerSpec: {
        ...container,
        Labels: { ...service.labels, ...identity, [SPEC_LABEL]: hash },
      },
    },
    Mode: { Replicated: { Replicas: replicas } },
    // A pinned task with a host port can only start after the one before it has stopped.
    // The deployer judges failures itself: a paused update would wait for somebody forever.
    UpdateConfig: { Parallelism: 1, FailureAction: "continue", Order: "stop-first" },
    EndpointSpec: endpoint,
  };
  return { body, hash };
}

/** JSON with sorted keys: equal values give equal text. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => a < b ? -1 : 1);
  return `{${
    fields.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join(",")
  }}`;
}

function taskTemplate(
  service: ComposeService,
  node: string,
  secretIds: SecretIds,
  app: string,
): Record<string, unknown> {
  const { deploy, healthcheck } = service;
  const environment = service.environment.map(([name, value]) => `${name}=${value}`);
  const limits = resourcesOf(deploy.resources.limits, `services.${app}.deploy.resources.limits`);
  const reservations = resourcesOf(
    deploy.resources.reservations,
    `services.${app}.deploy.resources.reservations`,
  );
  const { Pids: _, ...reserved } = reservations ?? {};
  return pruned({
    ContainerSpec: pruned({
      Image: service.image,
      Command: service.entrypoint,
      Args: service.command,
      Env: environment,
      User: service.user,
      Dir: service.working_dir,
      Hostname: service.hostname,
      Init: service.init,
      ReadOnly: service.read_only || undefined,
      StopGracePeriod: service.stop_grace_period && nanoseconds(service.stop_grace_period),
      Healthcheck: healthcheck && pruned({
        Test: healthcheck.test,
        Interval: healthcheck.interval && nanoseconds(healthcheck.interval),
        Timeout: healthcheck.timeout && nanoseconds(healthcheck.timeout),
        StartPeriod: healthcheck.start_period && nanoseconds(healthcheck.start_period),
        Retries: healthcheck.retries,
      }),
      Mounts: service.volumes.map((volume) =>
        pruned({
          Type: volume.type,
          Source: volume.source,
          Target: volume.target,
          ReadOnly: volume.read_only || undefined,
        })
      ),
      Secrets: service.secrets.map((name) => ({
        File: { Name: name, UID: "0", GID: "0", Mode: 0o444 },
        SecretID: secretIds.get(name) ?? "",
        SecretName: name,
      })),
    }),
    Resources: pruned({ Limits: limits, Reservations: reservations && reserved }),
    RestartPolicy: restartPolicy(service),
    Placement: pruned({
      Constraints: [
        `node.hostname==${node}`,
        ...[...deploy.placement?.constraints ?? []].sort(),
      ],
      MaxReplicas: deploy.placement?.max_replicas_per_node || undefined,
    }),
    Networks: service.networks.map((Target) => ({ Target })),
  });
}

function restartPolicy({ deploy }: ComposeService): Record<string, unknown> | undefined {
  const policy = deploy.restart_policy;
  if (policy === undefined) return undefined;
  return pruned({
    Condition: policy.condition,
    Delay: policy.delay && nanoseconds(policy.delay),
    MaxAttempts: policy.max_attempts,
    Window: policy.window && nanoseconds(policy.window),
  });
}

function resourcesOf(
  given: NonNullable<ComposeService["deploy"]["resources"]["limits"]> | undefined,
  place: string,
): Record<string, unknown> | undefined {
  if (given === undefined) return undefined;
  const { cpus, memory, pids } = given;
  return pruned({
    NanoCPUs: cpus === undefined ? undefined : nanoCpus(cpus, `${place}.cpus`),
    MemoryBytes: memory === undefined ? undefined : bytesOf(memory, `${place}.memory`),
    Pids: pids,
  });
}

/** The object without fields that say nothing: undefined, empty lists, empty objects. */
function pruned(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) =>
      value !== undefined && value !== "" &&
      !(typeof value === "object" && value !== null && Object.keys(value).length === 0)
    ),
  );
}
