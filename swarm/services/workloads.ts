import { readServices, type Services } from "./compose.ts";

/** The workloads of the paper, in the order of their numbers on a launch line: 1 is the first. */
export const WORKLOAD_APPS: readonly string[] = [
  "redis",
  "mms",
  "checksum",
  "ycsb-a",
  "ycsb-b",
  "scene-detect",
  "isr",
];

/** Port of a Redis inside its container. */
export const REDIS_PORT = 6379;

/** Image of a workload. */
export function workloadImage(app: string): string {
  return `metis/${app}:latest`;
}

/**
 * What runs as each workload where no services file is given: images of this repository, port 8080. The Redis of a
 * launched slot is published at 6381 and on, where its neighbours look for it.
 */
export function workloadServices(): Services {
  // On the containers and on the service: what runs on a Swarm is asked for its services only.
  const labels = { "io.metis.needs-support": "true" };
  const services = Object.fromEntries(
    WORKLOAD_APPS.map((app) => [app, {
      image: workloadImage(app),
      ports: [{ target: 8080 }, ...(app === "redis" ? [{ target: REDIS_PORT }] : [])],
      labels,
      deploy: { labels },
    }]),
  );
  return readServices(JSON.stringify({ services }), "the bundled workloads");
}
