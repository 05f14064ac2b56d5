import { metricsText } from "../workloads/metrics.ts";
import type { ServiceStatus, StackStatus } from "./status.ts";

/** How a stack is, in the text format of Prometheus. */
export function statusMetrics({ stack, services, healthy }: StackStatus): string {
  const each = (name: string, help: string, valueOf: (service: ServiceStatus) => number) => ({
    name: `metis_${name}`,
    help,
    type: "gauge" as const,
    samples: services.map((one) => ({
      labels: { stack, service: one.service, app: one.app, node: one.node ?? "" },
      value: valueOf(one),
    })),
  });
  return metricsText([
    {
      name: "metis_stack_healthy",
      help: "1 if everything of the stack is as it should be and runs.",
      type: "gauge",
      samples: [{ labels: { stack }, value: healthy ? 1 : 0 }],
    },
    each(
      "service_up_to_date",
      "1 if the service is as it should be and runs.",
      ({ state }) => state === "running" ? 1 : 0,
    ),
    each("service_containers_wanted", "Containers that should run.", ({ wanted }) => wanted),
    each("service_containers_running", "Containers that run.", ({ running }) => running),
    each(
      "service_restarts",
      "Containers that failed and were replaced, as far back as Swarm remembers.",
      ({ restarts }) => restarts,
    ),
  ]);
}
