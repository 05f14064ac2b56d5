/**
 * What Prometheus is asked: a query for each quantity, shipped for what is common, or of a file.
 * @module
 */
import * as v from "valibot";
import { InputError } from "../../domain/errors.ts";
import { parseYaml } from "../../domain/yaml.ts";
import { type Measure, MEASURES } from "../../observing/mod.ts";
import { oneLine } from "../errors.ts";

const query = v.pipe(v.string(), v.nonEmpty());

const queriesSchema = v.pipe(
  v.strictObject({
    /** By what the speed of a container is told. */
    measure: v.picklist(MEASURES),
    containers: query,
    requests: query,
    latency: v.optional(query),
    cpu: v.optional(query),
  }),
  v.check(
    ({ measure, latency, cpu }) =>
      measure === "latency" ? latency !== undefined : measure === "cpu" ? cpu !== undefined : true,
    "the measure needs the query of its name",
  ),
);

/**
 * Queries in PromQL. Each gives series with the labels `node` and `app`, or `node` and `service`, or `service` alone: the name
 * of a service of the Swarm. In them, `$stack` stands for the name of the stack, and `$interval` for the length of an interval,
 * such as 60s.
 */
export type Queries = v.InferOutput<typeof queriesSchema>;

/** Containers by node and service, as cAdvisor sees them; a container that was not seen for half a minute is gone. */
const CADVISOR_CONTAINERS = `count by (node, service) (label_replace(
  time() - container_last_seen{container_label_com_docker_stack_namespace="$stack"} < 30,
  "service", "$1", "container_label_com_docker_swarm_service_name", "(.+)"))`;

/** A counter of cAdvisor per second, by node and service. */
function cadvisorRate(counter: string): string {
  return `sum by (node, service) (label_replace(
  rate(${counter}{container_label_com_docker_stack_namespace="$stack"}[$interval]),
  "service", "$1", "container_label_com_docker_swarm_service_name", "(.+)"))`;
}
const CADVISOR_CPU = cadvisorRate("container_cpu_usage_seconds_total");

/** Counters of targets that have the labels `app`, `node` and `stack`, summed per second. */
function ofTargets(counter: string, labels = ""): string {
  return `sum by (app, node) (rate(${counter}{stack="$stack"${labels}}[$interval]))`;
}

/** The queries that are shipped, by name. */
export const SHIPPED: Readonly<Record<string, Queries>> = {
  // The metrics of the bundled workloads: apps of one's own may serve the same names.
  metis: {
    measure: "latency",
    // A container with two ports may be two targets.
    containers: 'count by (app, node) (group by (app, node, container) (up{stack="$stack"}))',
    requests: ofTargets("metis_request_seconds_count"),
    latency: `${ofTargets("metis_request_seconds_sum")} / ${
      ofTargets("metis_request_seconds_count")
    }`,
  },
  // No request is seen: packets that come in stand for what is asked.
  cadvisor: {
    measure: "cpu",
    containers: CADVISOR_CONTAINERS,
    requests: cadvisorRate("container_network_receive_packets_total"),
    cpu: CADVISOR_CPU,
  },
  // nginx-prometheus-exporter beside each container knows requests, but not how long they took.
  nginx: {
    measure: "cpu",
    containers: CADVISOR_CONTAINERS,
    requests: ofTargets("nginx_http_requests_total"),
    cpu: CADVISOR_CPU,
  },
  // A backend of HAProxy for each service, called as the service. It tells of times only a sliding mean, which outlives an interval.
  haproxy: {
    measure: "cpu",
    containers: CADVISOR_CONTAINERS,
    requests: byService(
      'haproxy_backend_http_requests_total{proxy=~"$stack[_-].+"}',
      "proxy",
      "(.+)",
    ),
    cpu: CADVISOR_CPU,
  },
  // Traefik calls the service shop_web-n1 of a Swarm shop-web-n1@swarm; containers are cAdvisor's.
  traefik: {
    measure: "latency",
    containers: CADVISOR_CONTAINERS,
    requests: traefik("count"),
    latency: `${traefik("sum")} / ${traefik("count")}`,
  },
  // A cluster of Envoy for each service, called as the service; times are in milliseconds.
  envoy: {
    measure: "latency",
    containers: CADVISOR_CONTAINERS,
    requests: envoy("count"),
    latency: `${envoy("sum")} / ${envoy("count")} / 1000`,
  },
};

function traefik(part: string): string {
  // The name of a stack may be written in another way, too: names are told apart where they are read.
  return byService(
    `traefik_service_request_duration_seconds_${part}`,
    "service",
    "(.+?)(@.+)?",
  );
}

function envoy(part: string): string {
  return byService(
    `envoy_cluster_upstream_rq_time_${part}{envoy_cluster_name=~"$stack[_-].+"}`,
    "envoy_cluster_name",
    "(.+)",
  );
}

function byService(counter: string, label: string, pattern: string): string {
  return `sum by (service) (label_replace(rate(${counter}[$interval]), "service", "$1", "${label}", "${pattern}"))`;
}

/** Reads a file of queries. @throws {InputError} naming file and field. */
export function readQueries(text: string, file: string): Queries {
  const result = v.safeParse(queriesSchema, parseYaml(text, file));
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new InputError(`${file}: ${v.getDotPath(issue) ?? "the file"}: ${oneLine(issue.message)}`);
}

/** A query for a stack. */
export function filledIn(query: string, stack: string, interval: number): string {
  return query.replaceAll("$stack", stack).replaceAll("$interval", `${interval}s`);
}

/** The measure of queries, where another one is not asked for. @throws {InputError} if they do not tell it. */
export function measureOf(queries: Queries, asked: Measure | undefined): Measure {
  if (asked === undefined) return queries.measure;
  if (asked !== "rate" && queries[asked] === undefined) {
    throw new InputError(`The queries tell no ${asked}: add it to a --query-file`);
  }
  return asked;
}
