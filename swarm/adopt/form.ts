/**
 * The specification of a service as a stack file says it: what `swarm/services/spec.ts` does, the other way round.
 * @module
 */
import * as v from "valibot";
import { InputError } from "../../domain/errors.ts";
import { record } from "../../scheduling/plans/forms.ts";
import type { Service } from "../engine/schemas.ts";
import type { Json } from "../export/yaml.ts";
import { compact } from "../export/compact.ts";
import { IMAGE_LABEL, NODE_LABEL, STACK_LABEL } from "../services/spec.ts";

const text = v.optional(v.string());
const texts = v.optional(v.nullable(v.array(v.string())));
const labels = v.optional(v.nullable(record(v.string(), v.string())));
const amount = v.optional(v.number());
const flag = v.optional(v.boolean());
const file = v.object({ Name: v.string(), UID: text, GID: text, Mode: amount });
const part = v.optional(v.nullable(v.object({
  NanoCPUs: amount,
  MemoryBytes: amount,
  Pids: amount,
  GenericResources: v.optional(v.nullable(v.array(v.object({
    DiscreteResourceSpec: v.optional(v.object({ Kind: v.string(), Value: v.number() })),
  })))),
})));
const release = v.optional(v.nullable(v.object({
  Parallelism: amount,
  Delay: amount,
  FailureAction: text,
  Monitor: amount,
  MaxFailureRatio: amount,
  Order: text,
})));

const specSchema = v.object({
  Labels: labels,
  TaskTemplate: v.object({
    ContainerSpec: v.object({
      Image: v.string(),
      Labels: labels,
      Command: texts,
      Args: texts,
      Env: texts,
      User: text,
      Dir: text,
      Hostname: text,
      Hosts: texts,
      DNSConfig: v.optional(v.nullable(v.object({ Nameservers: texts, Search: texts }))),
      Init: v.optional(v.nullable(v.boolean())),
      TTY: flag,
      OpenStdin: flag,
      StopSignal: text,
      StopGracePeriod: v.optional(v.nullable(v.number())),
      Sysctls: labels,
      CapabilityAdd: texts,
      CapabilityDrop: texts,
      Ulimits: v.optional(v.nullable(v.array(
        v.object({ Name: v.string(), Soft: v.number(), Hard: v.number() }),
      ))),
      OomScoreAdj: amount,
      ReadOnly: flag,
      Healthcheck: v.optional(v.nullable(v.object({
        Test: texts,
        Interval: amount,
        Timeout: amount,
        StartPeriod: amount,
        StartInterval: amount,
        Retries: amount,
      }))),
      Mounts: v.optional(v.nullable(v.array(v.object({
        Type: v.string(),
        Source: text,
        Target: v.string(),
        ReadOnly: flag,
        BindOptions: v.optional(v.nullable(v.object({ Propagation: text }))),
        VolumeOptions: v.optional(v.nullable(v.object({
          NoCopy: flag,
          Subpath: text,
          Labels: labels,
          DriverConfig: v.optional(v.nullable(v.object({ Name: text, Options: labels }))),
        }))),
        TmpfsOptions: v.optional(v.nullable(v.object({ SizeBytes: amount }))),
      })))),
      Secrets: v.optional(v.nullable(v.array(v.object({ SecretName: v.string(), File: file })))),
      Configs: v.optional(v.nullable(v.array(v.object({ ConfigName: v.string(), File: file })))),
    }),
    Resources: v.optional(v.nullable(v.object({ Limits: part, Reservations: part }))),
    RestartPolicy: v.optional(v.nullable(v.object({
      Condition: text,
      Delay: amount,
      MaxAttempts: amount,
      Window: amount,
    }))),
    Placement: v.optional(v.nullable(v.object({
      Constraints: texts,
      MaxReplicas: amount,
      Preferences: v.optional(v.nullable(v.array(v.object({
        Spread: v.optional(v.object({ SpreadDescriptor: v.string() })),
      })))),
    }))),
    Networks: v.optional(v.nullable(v.array(v.object({
      Target: v.string(),
      Aliases: texts,
      DriverOpts: labels,
    })))),
    LogDriver: v.optional(v.nullable(v.object({ Name: text, Options: labels }))),
  }),
  UpdateConfig: release,
  RollbackConfig: release,
  EndpointSpec: v.optional(v.nullable(v.object({
    Mode: text,
    Ports: v.optional(v.nullable(v.array(v.object({
      Protocol: text,
      TargetPort: v.number(),
      PublishedPort: amount,
      PublishMode: text,
    })))),
  }))),
});

type Spec = v.InferOutput<typeof specSchema>;
type Mount = NonNullable<Spec["TaskTemplate"]["ContainerSpec"]["Mounts"]>[number];

/** What services draw on, as sections of a stack file: it is there already. */
export interface Drawn {
  readonly networks: Record<string, Json>;
  readonly volumes: Record<string, Json>;
  readonly secrets: Record<string, Json>;
  readonly configs: Record<string, Json>;
}

/** What of a stack is known besides a service. */
export interface StackWorld {
  readonly stack: string;
  /** Name by id. */
  readonly networks: ReadonlyMap<string, string>;
}

/**
 * A service as a stack file has it.
 * @param app Its name in the file. @param scale Its mode and how many containers it has. @param isOwn True for one that Metis made.
 * @param drawn Grows by what it draws on.
 * @throws {InputError} if the engine says it in an unknown form.
 */
export function serviceForm(
  service: Service,
  app: string,
  scale: { readonly mode: string; readonly replicas: number },
  isOwn: boolean,
  world: StackWorld,
  drawn: Drawn,
): Json {
  const result = v.safeParse(specSchema, service.Spec);
  if (!result.success) {
    throw new InputError(
      `${service.Spec.Name}: ${v.getDotPath(result.issues[0]) ?? "it"} is in an unknown form`,
    );
  }
  const { Labels, TaskTemplate, EndpointSpec, UpdateConfig, RollbackConfig } = result.output;
  const { ContainerSpec: one, Resources, RestartPolicy, Placement, LogDriver } = TaskTemplate;
  const pin = `node.hostname==${Labels?.[NODE_LABEL]}`;
  const constraints = (Placement?.Constraints ?? []).filter((constraint) => constraint !== pin);
  const isGlobal = scale.mode.startsWith("global");
  return withDollars(compact({
    image: Labels?.[IMAGE_LABEL] ?? one.Image.replace(/@sha256:[0-9a-f]+$/, ""),
    entrypoint: one.Command ?? undefined,
    command: one.Args ?? undefined,
    environment: Object.fromEntries(
      (one.Env ?? []).map((entry) => {
        const cut = entry.indexOf("=");
        return cut < 0 ? [entry, null] : [entry.slice(0, cut), entry.slice(cut + 1)];
      }),
    ),
    user: one.User,
    working_dir: one.Dir,
    hostname: one.Hostname,
    extra_hosts: (one.Hosts ?? []).map((entry) => {
      const [address, name] = entry.split(" ");
      return `${name}:${address}`;
    }),
    dns: one.DNSConfig?.Nameservers ?? undefined,
    dns_search: one.DNSConfig?.Search ?? undefined,
    init: one.Init ?? undefined,
    tty: one.TTY || undefined,
    stdin_open: one.OpenStdin || undefined,
    stop_signal: one.StopSignal,
    stop_grace_period: seconds(one.StopGracePeriod),
    sysctls: one.Sysctls ?? undefined,
    cap_add: one.CapabilityAdd ?? undefined,
    cap_drop: one.CapabilityDrop ?? undefined,
    ulimits: Object.fromEntries(
      (one.Ulimits ?? []).map(({ Name, Soft, Hard }) => [Name, { soft: Soft, hard: Hard }]),
    ),
    oom_score_adj: one.OomScoreAdj || undefined,
    read_only: one.ReadOnly || undefined,
    healthcheck: one.Healthcheck == null ? undefined : compact({
      test: one.Healthcheck.Test ?? undefined,
      interval: seconds(one.Healthcheck.Interval),
      timeout: seconds(one.Healthcheck.Timeout),
      start_period: seconds(one.Healthcheck.StartPeriod),
      start_interval: seconds(one.Healthcheck.StartInterval),
      retries: one.Healthcheck.Retries || undefined,
    }),
    labels: given(one.Labels),
    logging: LogDriver == null
      ? undefined
      : compact({ driver: LogDriver.Name, options: LogDriver.Options ?? undefined }),
    networks: networksOf(TaskTemplate.Networks ?? [], app, world, drawn),
    volumes: (one.Mounts ?? []).map((mount) => mountForm(mount, world.stack, drawn)),
    secrets: (one.Secrets ?? []).map(({ SecretName, File }) =>
      fileUse(SecretName, File, drawn.secrets)
    ),
    configs: (one.Configs ?? []).map(({ ConfigName, File }) =>
      fileUse(ConfigName, File, drawn.configs)
    ),
    ports: (EndpointSpec?.Ports ?? []).map((port) =>
      compact({
        target: port.TargetPort,
        published: port.PublishedPort || undefined,
        protocol: port.Protocol,
        mode: port.PublishMode,
      })
    ),
    deploy: compact({
      mode: scale.mode === "replicated" ? undefined : scale.mode,
      replicas: isGlobal ? undefined : scale.replicas,
      endpoint_mode: EndpointSpec?.Mode === (isOwn ? "dnsrr" : "vip")
        ? undefined
        : EndpointSpec?.Mode,
      labels: given(Labels),
      resources: compact({
        limits: amounts(Resources?.Limits),
        reservations: amounts(Resources?.Reservations),
      }),
      restart_policy: RestartPolicy == null ? undefined : compact({
        condition: RestartPolicy.Condition,
        delay: seconds(RestartPolicy.Delay),
        max_attempts: RestartPolicy.MaxAttempts,
        window: seconds(RestartPolicy.Window),
      }),
      placement: compact({
        constraints,
        max_replicas_per_node: Placement?.MaxReplicas || undefined,
        preferences: (Placement?.Preferences ?? []).flatMap(({ Spread }) =>
          Spread === undefined ? [] : [{ spread: Spread.SpreadDescriptor }]
        ),
      }),
      update_config: isOwn ? undefined : releaseForm(UpdateConfig),
      rollback_config: isOwn ? undefined : releaseForm(RollbackConfig),
    }),
  }));
}

function networksOf(
  networks: NonNullable<Spec["TaskTemplate"]["Networks"]>,
  app: string,
  { stack, networks: names }: StackWorld,
  drawn: Drawn,
): Json | undefined {
  const uses = networks.map(({ Target, Aliases, DriverOpts }) => {
    const name = names.get(Target) ?? Target;
    const key = name.startsWith(`${stack}_`) ? name.slice(stack.length + 1) : name;
    // Docker and Metis both have a service answer to its name.
    const aliases = (Aliases ?? []).filter((alias) => alias !== app);
    if (key === name) drawn.networks[key] = { external: true };
    else if (key !== "default") drawn.networks[key] = {};
    return [key, compact({ aliases, driver_opts: DriverOpts ?? undefined })] as const;
  });
  const isDefault = uses.length === 1 && uses[0]![0] === "default" &&
    Object.keys(uses[0]![1] as object).length === 0;
  return uses.length === 0 || isDefault ? undefined : Object.fromEntries(uses);
}

function mountForm(
  mount: Mount,
  stack: string,
  drawn: Drawn,
): Json {
  const { Type, Source, Target, ReadOnly, BindOptions, VolumeOptions, TmpfsOptions } = mount;
  return compact({
    type: Type,
    source: Type === "volume" && Source !== undefined
      ? volumeKey(Source, VolumeOptions, stack, drawn)
      : Source,
    target: Target,
    read_only: ReadOnly || undefined,
    bind: BindOptions?.Propagation === undefined
      ? undefined
      : { propagation: BindOptions.Propagation },
    volume: VolumeOptions == null ? undefined : compact({
      nocopy: VolumeOptions.NoCopy || undefined,
      subpath: VolumeOptions.Subpath,
    }),
    tmpfs: TmpfsOptions?.SizeBytes === undefined ? undefined : { size: TmpfsOptions.SizeBytes },
  });
}

/** The name of a volume in the file. Its definition, which grows with it, is by labels the stack's own. */
function volumeKey(
  name: string,
  options: Mount["VolumeOptions"],
  stack: string,
  drawn: Drawn,
): string {
  if (options?.Labels?.[STACK_LABEL] !== stack) {
    drawn.volumes[name] = { external: true };
    return name;
  }
  const isScoped = name.startsWith(`${stack}_`);
  const key = isScoped ? name.slice(stack.length + 1) : name;
  drawn.volumes[key] = compact({
    name: isScoped ? undefined : name,
    driver: options.DriverConfig?.Name,
    driver_opts: options.DriverConfig?.Options ?? undefined,
    labels: given(options.Labels),
  });
  return key;
}

function fileUse(
  name: string,
  { Name, UID, GID, Mode }: v.InferOutput<typeof file>,
  section: Record<string, Json>,
): Json {
  section[name] = { external: true };
  return compact({ source: name, target: Name, uid: UID, gid: GID, mode: Mode });
}

/** Labels that somebody gave: not those by which Docker and Metis know what is theirs. */
function given(labels: v.InferOutput<typeof specSchema>["Labels"]): Json {
  return Object.fromEntries(
    Object.entries(labels ?? {}).filter(([key]) => !/^(com\.docker\.stack|io\.metis)\./.test(key)),
  );
}

function amounts(side: v.InferOutput<typeof part>): Json | undefined {
  if (side == null) return undefined;
  return compact({
    cpus: side.NanoCPUs ? `${side.NanoCPUs / 1e9}` : undefined,
    memory: side.MemoryBytes ? `${side.MemoryBytes}` : undefined,
    pids: side.Pids || undefined,
    generic_resources: (side.GenericResources ?? []).flatMap(({ DiscreteResourceSpec: one }) =>
      one === undefined ? [] : [{ discrete_resource_spec: { kind: one.Kind, value: one.Value } }]
    ),
  });
}

function releaseForm(given: v.InferOutput<typeof release>): Json | undefined {
  if (given == null) return undefined;
  return compact({
    parallelism: given.Parallelism,
    delay: seconds(given.Delay),
    failure_action: given.FailureAction,
    monitor: seconds(given.Monitor),
    max_failure_ratio: given.MaxFailureRatio || undefined,
    order: given.Order,
  });
}

function seconds(nanoseconds: number | null | undefined): string | undefined {
  return nanoseconds ? `${nanoseconds / 1e9}s` : undefined;
}

/** In a stack file, a dollar sign begins a variable unless there are two. */
function withDollars(value: Json): Json {
  if (typeof value === "string") return value.replaceAll("$", "$$$$");
  if (Array.isArray(value)) return value.map(withDollars);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withDollars(one)]));
}
