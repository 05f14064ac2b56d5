import { InputError } from "../../domain/errors.ts";
import type { Spot } from "../deploy/target.ts";
import { serviceName } from "../names.ts";
import { type ComposeService, secretLike, type Services } from "../services/compose.ts";
import type { Definition, FileDefinition } from "../services/definitions.ts";
import { APP_LABEL, NODE_LABEL } from "../services/spec.ts";
import { bytesOf } from "../services/units.ts";
import { compact } from "./compact.ts";
import { type Json, toYaml } from "./yaml.ts";

/** Formats of an exported plan. */
export const EXPORT_FORMATS = ["compose", "swarm", "kubernetes"] as const;
/** One of {@link EXPORT_FORMATS}. */
export type ExportFormat = typeof EXPORT_FORMATS[number];

/**
 * A plan as a file for other tools: a stack file for `docker stack deploy` ("swarm"), the same by the Compose
 * Specification ("compose"), or Deployments with node affinity ("kubernetes"). Values of variables that look
 * secret are left out: in their place stands a reference that the user fills.
 * @param tell Told, by app, what the format leaves out.
 * @throws {InputError} naming app and node where two containers on a node would want one port of it.
 */
export function exportPlan(
  format: ExportFormat,
  stack: string,
  spots: readonly Spot[],
  services: Services,
  tell: (text: string) => void = () => {},
): string {
  if (format === "kubernetes") {
    for (const [app, left] of leftOut(spots, services)) {
      tell(
        `${app}: Kubernetes has these in another form, so they are left out: ${left.join(", ")}`,
      );
    }
    const deployments = spots.map((spot) => deployment(stack, spot, services.get(spot.app)!));
    return deployments.map(toYaml).join("---\n");
  }
  const entries = spots.map((spot) => {
    // Docker puts the stack's name before each service's.
    const name = serviceName(stack, spot.app, spot.node).slice(stack.length + 1);
    return [name, composeService(spot, services.get(spot.app)!)] as const;
  });
  const used = spots.map(({ app }) => services.get(app)!);
  return toYaml({
    ...(format === "swarm" ? { version: "3.8" } : { name: stack }),
    services: Object.fromEntries(entries),
    ...defined("networks", used.flatMap(({ networks }) => networks), (one) =>
      compact({
        driver: one.driver ?? undefined,
        driver_opts: one.driverOptions,
        attachable: one.attachable || undefined,
        internal: one.internal || undefined,
        ipam: one.ipam === null ? undefined : compact({
          driver: one.ipam.driver ?? undefined,
          config: one.ipam.subnets.map((subnet) => ({ subnet })),
        }),
      })),
    ...defined("secrets", used.flatMap(({ secrets }) => secrets), fileForm),
    ...defined("configs", used.flatMap(({ configs }) => configs), fileForm),
    ...defined(
      "volumes",
      used.flatMap(({ volumes }) =>
        volumes.flatMap(({ definition }) => definition === null ? [] : [{ definition }])
      ),
      (one) => compact({ driver: one.driver ?? undefined, driver_opts: one.driverOptions }),
    ),
  });
}

function composeService(spot: Spot, service: ComposeService): Json {
  const { deploy } = service;
  const labels = { ...deploy.labels, [APP_LABEL]: spot.app };
  const secret = new Set(secretLike(service));
  const environment = Object.fromEntries(
    service.environment.map(([name, value]) => [
      name,
      secret.has(name) ? `\${${name}}` : value?.replaceAll("$", "$$$$") ?? null,
    ]),
  );
  const constraints = [
    `node.hostname == ${spot.node}`,
    ...deploy.placement?.constraints ?? [],
  ];
  const most = deploy.placement?.max_replicas_per_node;
  return compact({
    image: service.image,
    entrypoint: service.entrypoint,
    command: service.command,
    environment,
    ports: service.ports.map(({ target, published, protocol }) =>
      compact({ target, published: published ?? undefined, protocol, mode: "host" })
    ),
    user: service.user,
    working_dir: service.working_dir,
    hostname: service.hostname,
    init: service.init,
    read_only: service.read_only,
    stop_grace_period: service.stop_grace_period,
    labels: service.labels,
    ...sameKeys(service),
    networks: networkForm(service),
    secrets: service.secrets.map(fileUseForm),
    configs: service.configs.map(fileUseForm),
    volumes: service.volumes.map((volume) =>
      compact({
        type: volume.type,
        source: volume.source,
        target: volume.target,
        read_only: volume.read_only || undefined,
        consistency: volume.consistency,
        bind: volume.bind && compact({ ...volume.bind }),
        volume: volume.volume && compact({ ...volume.volume }),
        tmpfs: volume.tmpfs && compact({ ...volume.tmpfs }),
      })
    ),
    healthcheck: service.healthcheck?.disable
      ? { disable: true }
      : service.healthcheck && compact({ ...service.healthcheck }),
    deploy: compact({
      replicas: spot.replicas,
      endpoint_mode: deploy.endpoint_mode ?? "dnsrr",
      labels,
      placement: compact({ constraints, max_replicas_per_node: most }),
      resources: resources(service),
      restart_policy: deploy.restart_policy && compact({ ...deploy.restart_policy }),
      update_config: { order: "stop-first", failure_action: "rollback" },
    }),
  });
}

/** Keys that are the same in the file that was read and in the one that is written. */
function sameKeys(service: ComposeService): Record<string, Json | undefined> {
  return {
    cap_add: service.cap_add,
    cap_drop: service.cap_drop,
    dns: service.dns,
    dns_search: service.dns_search,
    // As an object: what is read is the address before the name.
    extra_hosts: service.extra_hosts && Object.fromEntries(
      service.extra_hosts.map((entry) => entry.split(" ").reverse()),
    ),
    logging: service.logging && compact({ ...service.logging }),
    oom_score_adj: service.oom_score_adj,
    stdin_open: service.stdin_open,
    stop_signal: service.stop_signal,
    sysctls: service.sysctls,
    tty: service.tty,
    ulimits: service.ulimits,
  };
}

function networkForm({ networks }: ComposeService): Json {
  // Docker puts services that name no network on the stack's own.
  const named = networks.filter(({ definition: { key, external } }) =>
    external || key !== "default"
  );
  if (named.every(({ aliases, driverOptions }) => aliases.length === 0 && isEmpty(driverOptions))) {
    return named.map(({ definition }) => definition.key);
  }
  return Object.fromEntries(named.map(({ definition, aliases, driverOptions }) => [
    definition.key,
    compact({ aliases, driver_opts: driverOptions }),
  ]));
}

function fileUseForm({ definition: { key }, ...use }: ComposeService["secrets"][number]): Json {
  const isPlain = use.target === key && use.uid === "0" && use.gid === "0" && use.mode === 0o444;
  return isPlain ? key : { source: key, ...use };
}

function isEmpty(fields: object): boolean {
  return Object.keys(fields).length === 0;
}

function resources({ deploy }: ComposeService): Json | undefined {
  const side = (given: typeof deploy.resources.limits) =>
    given && compact({
      cpus: given.cpus === undefined ? undefined : String(given.cpus),
      memory: given.memory === undefined ? undefined : `${bytesOf(given.memory, "memory")}`,
      pids: given.pids,
    });
  return compact({
    limits: side(deploy.resources.limits),
    reservations: side(deploy.resources.reservations),
  });
}

/** By app, the keys of its service that Deployments are not given. */
function leftOut(
  spots: readonly Spot[],
  services: Services,
): (readonly [string, string[]])[] {
  return [...new Set(spots.map(({ app }) => app))].flatMap((app) => {
    const service = services.get(app)!;
    const { deploy } = service;
    const given: Record<string, unknown> = {
      healthcheck: service.healthcheck,
      volumes: service.volumes,
      secrets: service.secrets,
      networks: service.networks,
      user: service.user,
      hostname: service.hostname,
      init: service.init,
      read_only: service.read_only,
      stop_grace_period: service.stop_grace_period,
      labels: service.labels,
      "deploy.labels": deploy.labels,
      "deploy.restart_policy": deploy.restart_policy,
      "deploy.placement.constraints": deploy.placement?.constraints,
      "deploy.resources.limits.pids": deploy.resources.limits?.pids,
    };
    const left = Object.keys(given).filter((key) => {
      const value = given[key];
      return value !== undefined && value !== null && value !== false &&
        !(typeof value === "object" && Object.keys(value).length === 0);
    });
    return left.length === 0 ? [] : [[app, left] as const];
  });
}

/** Refuses containers of an app that would want one port of their node. @throws {InputError} naming app and node. */
function refuseSharedPorts({ app, node, replicas }: Spot, service: ComposeService): void {
  const port = service.ports.find(({ published }) => published != null)?.published;
  if (replicas < 2 || port === undefined) return;
  throw new InputError(
    `${app}: ${replicas} containers on ${node} cannot all publish port ${port}: place at most one on a node ` +
      `(--max-per-node ${app}=1), or leave the published port out`,
  );
}

function deployment(stack: string, spot: Spot, service: ComposeService): Json {
  refuseSharedPorts(spot, service);
  const name = kubernetesName(serviceName(stack, spot.app, spot.node));
  const secret = new Set(secretLike(service));
  const labels = {
    "app.kubernetes.io/part-of": stack,
    [APP_LABEL]: spot.app,
    [NODE_LABEL]: spot.node,
  };
  const selector = { "app.kubernetes.io/instance": name };
  const affinity = {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{
          matchExpressions: [{
            key: "kubernetes.io/hostname",
            operator: "In",
            values: [spot.node],
          }],
        }],
      },
    },
  };
  const container = compact({
    name: kubernetesName(spot.app),
    image: service.image,
    command: service.entrypoint,
    args: service.command,
    workingDir: service.working_dir,
    env: service.environment.flatMap(([variable, value]) =>
      secret.has(variable)
        ? {
          name: variable,
          valueFrom: { secretKeyRef: { name: `${stack}-secrets`, key: variable } },
        }
        : value === null
        ? []
        : { name: variable, value }
    ),
    ports: service.ports.map(({ target, published, protocol }) =>
      compact({
        containerPort: target,
        hostPort: published ?? undefined,
        protocol: protocol.toUpperCase(),
      })
    ),
    resources: compact({
      limits: quantities(service.deploy.resources.limits),
      requests: quantities(service.deploy.resources.reservations),
    }),
  });
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, labels: { ...selector, ...labels } },
    spec: {
      replicas: spot.replicas,
      selector: { matchLabels: selector },
      // A pinned pod with a host port can only start after the one before it has stopped.
      strategy: { type: "Recreate" },
      template: {
        metadata: { labels: { ...selector, ...labels } },
        spec: { affinity, containers: [container] },
      },
    },
  };
}

function quantities(
  given: ComposeService["deploy"]["resources"]["limits"],
): Json | undefined {
  return given && compact({
    cpu: given.cpus === undefined ? undefined : String(given.cpus),
    memory: given.memory === undefined ? undefined : `${bytesOf(given.memory, "memory")}`,
  });
}

/** Names of Kubernetes are small letters, digits and dashes, at most 63. */
function kubernetesName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 63);
}

/** What services draw on, as a section of the file. @param form What is said of one besides its name. */
function defined<One extends Definition>(
  section: string,
  uses: readonly { readonly definition: One }[],
  form: (definition: One) => Json,
): Record<string, Json> {
  const all = new Map(uses.map(({ definition }) => [definition.key, definition]));
  if (all.size === 0) return {};
  const entries = [...all.values()].sort((a, b) => a.key < b.key ? -1 : 1).map((one) => [
    one.key,
    compact({
      external: one.external || undefined,
      name: one.name ?? undefined,
      labels: one.labels,
      ...(one.external ? {} : form(one) as Record<string, Json>),
    }),
  ]);
  return { [section]: Object.fromEntries(entries) };
}

function fileForm({ file, templateDriver }: FileDefinition): Json {
  return compact({ file: file ?? undefined, template_driver: templateDriver ?? undefined });
}
