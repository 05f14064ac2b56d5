import type { ServiceBody } from "../engine/engine.ts";
import { sha256, taggedImage } from "../names.ts";
import type { ComposeService } from "./compose.ts";
import type { WrittenRelease } from "./compose_schema.ts";
import { fileName, scopedName } from "./definitions.ts";
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

/** Of a service that Docker deployed and Metis took over: its containers are as Docker made them, and have no label of ours. */
export const ADOPTED_LABEL = "io.metis.adopted";

/** Where and how often a service runs. */
export interface Pinning {
  readonly stack: string;
  readonly name: string;
  readonly app: string;
  /** Host name; null for a service that no plan names: it is deployed as Docker would. */
  readonly node: string | null;
  /** How many containers the plan has there. */
  readonly replicas: number;
  /** Slot of the node, for services of one container each. */
  readonly slot?: number;
}

/** Ids of the Swarm's secrets and configs by name. */
export interface FileIds {
  readonly secrets: ReadonlyMap<string, string>;
  readonly configs: ReadonlyMap<string, string>;
}

/**
 * The body of a service: the same inputs give the same body, so that its hash says whether anything changed.
 * Empty fields are left out, as the engine does.
 */
export function serviceBody(
  service: ComposeService,
  pinning: Pinning,
  ids: FileIds,
): { body: ServiceBody; hash: string } {
  const { stack, name, app, node, replicas, slot } = pinning;
  const identity = {
    [STACK_LABEL]: stack,
    [APP_LABEL]: app,
    ...(node === null ? {} : { [NODE_LABEL]: node }),
    ...(slot === undefined ? {} : { [SLOT_LABEL]: `${slot}` }),
  };
  const template = taskTemplate(service, pinning, ids);
  const ports = service.ports.map(({ target, published, protocol, mode }) => ({
    Protocol: protocol,
    TargetPort: target,
    ...(published === null ? {} : { PublishedPort: published }),
    PublishMode: node === null ? mode : "host",
  }));
  const endpoint = pruned({
    Mode: service.deploy.endpoint_mode ?? (node === null ? undefined : "dnsrr"),
    Ports: ports,
  });
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
    ...(node === null ? ownMode(service) : {
      Mode: { Replicated: { Replicas: replicas } },
      // A pinned task with a host port can only start after the one before it has stopped.
      // The deployer judges failures itself: a paused update would wait for somebody forever.
      UpdateConfig: { Parallelism: 1, FailureAction: "continue", Order: "stop-first" },
    }),
    EndpointSpec: endpoint,
  };
  return { body, hash };
}

/** What the file itself says of how many containers run, and how they are updated, as Docker makes it. */
function ownMode({ deploy }: ComposeService): Omit<ServiceBody, "Name" | "TaskTemplate"> {
  const { mode = "replicated", replicas = 1, update_config, rollback_config } = deploy;
  const jobs = { MaxConcurrent: replicas, TotalCompletions: replicas };
  return {
    Mode: {
      "replicated": { Replicated: { Replicas: replicas } },
      "global": { Global: {} },
      "replicated-job": { ReplicatedJob: jobs },
      "global-job": { GlobalJob: {} },
    }[mode],
    ...(update_config === undefined ? {} : { UpdateConfig: release(update_config) }),
    ...(rollback_config === undefined ? {} : { RollbackConfig: release(rollback_config) }),
  };
}

/** One of the two settings of how a service gets another specification, as the engine takes it. */
export function release(written: WrittenRelease): Record<string, unknown> {
  return pruned({
    Parallelism: written.parallelism ?? 1,
    Delay: written.delay && nanoseconds(written.delay),
    FailureAction: written.failure_action,
    Monitor: written.monitor && nanoseconds(written.monitor),
    MaxFailureRatio: written.max_failure_ratio || undefined,
    Order: written.order,
  });
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
  { stack, app, node }: Pinning,
  ids: FileIds,
): Record<string, unknown> {
  const { deploy, logging } = service;
  const nameOfFile = ({ definition }: ComposeService["secrets"][number]) =>
    fileName(stack, definition);
  const environment = service.environment.map(([name, value]) =>
    value === null ? name : `${name}=${value}`
  );
  const limits = resourcesOf(deploy.resources.limits, `services.${app}.deploy.resources.limits`);
  const reservations = resourcesOf(
    deploy.resources.reservations,
    `services.${app}.deploy.resources.reservations`,
  );
  const { Pids: _, ...reserved } = reservations ?? {};
  return pruned({
    ContainerSpec: pruned({
      Image: taggedImage(service.image),
      Command: service.entrypoint,
      Args: service.command,
      Env: environment,
      User: service.user,
      Dir: service.working_dir,
      Hostname: service.hostname,
      Hosts: service.extra_hosts,
      DNSConfig: pruned({ Nameservers: service.dns, Search: service.dns_search }),
      Init: service.init,
      TTY: service.tty || undefined,
      OpenStdin: service.stdin_open || undefined,
      StopSignal: service.stop_signal,
      Sysctls: service.sysctls,
      ...capabilities(service),
      Ulimits: ulimits(service),
      OomScoreAdj: service.oom_score_adj || undefined,
      ReadOnly: service.read_only || undefined,
      StopGracePeriod: service.stop_grace_period && nanoseconds(service.stop_grace_period),
      Healthcheck: healthcheck(service),
      Mounts: service.volumes.map((volume) => mount(volume, stack)),
      Secrets: inOrder(service.secrets, nameOfFile)
        .map((use) => fileReference("Secret", use, stack, ids.secrets)),
      Configs: inOrder(service.configs, nameOfFile)
        .map((use) => fileReference("Config", use, stack, ids.configs)),
    }),
    Resources: pruned({ Limits: limits, Reservations: reservations && reserved }),
    RestartPolicy: restartPolicy(service),
    Placement: pruned({
      Constraints: [
        ...(node === null ? [] : [`node.hostname==${node}`]),
        ...[...deploy.placement?.constraints ?? []].sort(),
      ],
      Preferences: node === null
        ? deploy.placement?.preferences?.map(({ spread }) => ({
          Spread: { SpreadDescriptor: spread },
        }))
        : undefined,
      MaxReplicas: deploy.placement?.max_replicas_per_node || undefined,
    }),
    Networks: inOrder(service.networks, ({ definition }) => scopedName(stack, definition))
      .map((use) => networkReference(use, stack, app)),
    LogDriver: logging && pruned({ Name: logging.driver, Options: logging.options }),
  });
}

/** Networks of the engine itself, which know no aliases and are always there. */
export const PREDEFINED: readonly string[] = ["bridge", "default", "host", "nat", "none"];

/** Each container answers to its app's name on each network, whatever service it is in, beside its own aliases. */
function networkReference(
  { definition, aliases, driverOptions }: ComposeService["networks"][number],
  stack: string,
  app: string,
): Record<string, unknown> {
  const Target = scopedName(stack, definition);
  const own = PREDEFINED.includes(Target) ? aliases : [...new Set([...aliases, app])].sort();
  return pruned({ Target, Aliases: own, DriverOpts: driverOptions });
}

function mount(volume: ComposeService["volumes"][number], stack: string): Record<string, unknown> {
  const { type, target, read_only, definition, bind, tmpfs } = volume;
  const { nocopy, subpath } = volume.volume ?? {};
  const isOwn = definition !== null && !definition.external;
  return pruned({
    Type: type,
    Source: definition === null ? volume.source : scopedName(stack, definition),
    Target: target,
    ReadOnly: read_only || undefined,
    Consistency: volume.consistency,
    BindOptions: bind && pruned({ Propagation: bind.propagation }),
    VolumeOptions: pruned({
      NoCopy: nocopy || undefined,
      Subpath: subpath,
      Labels: isOwn ? { ...definition.labels, [STACK_LABEL]: stack } : undefined,
      DriverConfig: isOwn
        ? pruned({ Name: definition.driver ?? undefined, Options: definition.driverOptions })
        : undefined,
    }),
    TmpfsOptions: tmpfs?.size === undefined
      ? undefined
      : { SizeBytes: bytesOf(tmpfs.size, "tmpfs.size") },
  });
}

/** By their names in the Swarm, as Docker has it: another order is no reason to start a container again. */
function inOrder<Use>(uses: readonly Use[], nameOf: (use: Use) => string): Use[] {
  return uses.toSorted((a, b) => nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0);
}

function fileReference(
  kind: "Secret" | "Config",
  { definition, target, uid, gid, mode }: ComposeService["secrets"][number],
  stack: string,
  ids: ReadonlyMap<string, string>,
): Record<string, unknown> {
  const name = fileName(stack, definition);
  return {
    File: { Name: target, UID: uid, GID: gid, Mode: mode },
    [`${kind}ID`]: ids.get(name) ?? "",
    [`${kind}Name`]: name,
  };
}

function healthcheck({ healthcheck: check }: ComposeService): Record<string, unknown> | undefined {
  return check && pruned({
    Test: check.test,
    Interval: check.interval && nanoseconds(check.interval),
    Timeout: check.timeout && nanoseconds(check.timeout),
    StartPeriod: check.start_period && nanoseconds(check.start_period),
    StartInterval: check.start_interval && nanoseconds(check.start_interval),
    Retries: check.retries,
  });
}

/** As Docker has them: all of them stand for each, and what is both given and taken away is given. */
function capabilities({ cap_add: added = [], cap_drop: dropped = [] }: ComposeService) {
  const whole = (names: readonly string[]) =>
    names.includes("ALL") ? ["ALL"] : [...new Set(names)].sort();
  const CapabilityAdd = whole(added);
  const CapabilityDrop = whole(dropped).filter((name) => !CapabilityAdd.includes(name));
  return { CapabilityAdd, CapabilityDrop };
}

function ulimits({ ulimits: given = {} }: ComposeService): Record<string, unknown>[] {
  return Object.entries(given).map(([Name, limit]) => {
    const { soft, hard } = typeof limit === "number" ? { soft: limit, hard: limit } : limit;
    return { Name, Soft: soft, Hard: hard };
  }).sort((a, b) => a.Name < b.Name ? -1 : 1);
}

function restartPolicy({ deploy }: ComposeService): Record<string, unknown> | undefined {
  const policy = deploy.restart_policy;
  if (policy === undefined) return undefined;
  return pruned({
    Condition: policy.condition ?? "any",
    Delay: policy.delay && nanoseconds(policy.delay),
    MaxAttempts: policy.max_attempts,
    Window: policy.window && nanoseconds(policy.window),
  });
}

function resourcesOf(
  given: ComposeService["deploy"]["resources"]["reservations"],
  place: string,
): Record<string, unknown> | undefined {
  if (given === undefined) return undefined;
  const { cpus, memory, pids, generic_resources } = given;
  return pruned({
    NanoCPUs: cpus === undefined ? undefined : nanoCpus(cpus, `${place}.cpus`),
    MemoryBytes: memory === undefined ? undefined : bytesOf(memory, `${place}.memory`),
    Pids: pids,
    GenericResources: generic_resources?.map(({ discrete_resource_spec: { kind, value } }) => ({
      DiscreteResourceSpec: { Kind: kind, Value: value },
    })),
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
