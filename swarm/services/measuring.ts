/**
 * How a service is measured: the extension key `x-metis` of a services file.
 * @module
 */
import * as v from "valibot";
import { notList } from "../../scheduling/plans/forms.ts";
import { type LoadRequest, requestSchema } from "../load/plan.ts";

/** Form of `x-metis`. */
export const measuringSchema = notList(v.strictObject({
  /** The request that loads a container. @default GET / */
  request: v.optional(requestSchema, {}),
  /** The port inside a container that is loaded. @default the first, else 8080 */
  port: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535))),
  /** True for what the apps of a node need beside them: one on each node, not an app, never loaded. */
  support: v.optional(v.boolean(), false),
}));

interface Measured {
  readonly "x-metis"?: v.InferOutput<typeof measuringSchema> | undefined;
}

/** The port inside a container that is loaded. @param ports Those that it publishes, as numbers inside of it. */
export function loadedPort(
  service: Measured,
  ports: readonly { readonly target: number }[],
): number {
  return service["x-metis"]?.port ?? ports[0]?.target ?? 8080;
}

/** The request that loads a container. */
export function loadRequest(service: Measured): LoadRequest {
  return service["x-metis"]?.request ?? { method: "GET", path: "/", headers: {} };
}

/** Names of the services that are apps, and of those that support them. */
export function splitSupport(
  services: ReadonlyMap<string, Measured>,
): { readonly apps: string[]; readonly support: string[] } {
  const isSupport = (name: string) => services.get(name)?.["x-metis"]?.support === true;
  const names = [...services.keys()];
  return {
    apps: names.filter((name) => !isSupport(name)),
    support: names.filter(isSupport),
  };
}
