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

/** Image of a workload. */
export function workloadImage(app: string): string {
  return `metis/${app}:latest`;
}

/** What runs as each workload where no services file is given: images of this repository, port 8080. */
export function workloadServices(): Services {
  const services = Object.fromEntries(
    WORKLOAD_APPS.map((app) => [app, { image: workloadImage(app), ports: [{ target: 8080 }] }]),
  );
  return readServices(JSON.stringify({ services }), "the bundled workloads");
}
