import { InputError } from "../../domain/mod.ts";
import type { Series, Watched, WatchedTimes } from "../../observing/mod.ts";
import { checkAppName, checkHostName } from "../names.ts";
import type { MatrixSeries, Prometheus, Range } from "./client.ts";
import { filledIn, type Queries } from "./queries.ts";

/**
 * Asks for all that was recorded of a stack.
 * @param span From when to when, in seconds since 1970.
 * @throws {InputError} naming the query whose series lack labels. @throws {PrometheusError}
 */
export async function readWatched(
  prometheus: Prometheus,
  queries: Queries,
  stack: string,
  span: Pick<Range, "from" | "to">,
  { interval, step }: WatchedTimes,
): Promise<Watched> {
  // Looks and intervals end at the same moments.
  const from = Math.ceil(span.from / interval) * interval;
  const ask = async (name: "containers" | "requests" | "latency" | "cpu", every: number) => {
    const query = queries[name];
    if (query === undefined) return [];
    return await prometheus.range(
      filledIn(query, stack, interval),
      { from, to: span.to, step: every },
      name,
    );
  };
  const containers = placed(await ask("containers", step), stack, "containers", new Map());
  // Services are known by what ran: their names alone do not say where the app ends and the node begins.
  const services = new Map(
    containers.flatMap(({ app, node }) =>
      [`${stack}_${app}-${node}`, `${stack}_${app}`].map((name) => [name, { app, node }] as const)
    ),
  );
  return {
    containers: summed(containers),
    requests: summed(placed(await ask("requests", interval), stack, "requests", services)),
    latency: placed(await ask("latency", interval), stack, "latency", services),
    cpu: summed(placed(await ask("cpu", interval), stack, "cpu", services)),
  };
}

/** Series by app and node, whatever they are labelled by. */
function placed(
  found: readonly MatrixSeries[],
  stack: string,
  query: string,
  services: ReadonlyMap<string, { readonly app: string; readonly node: string }>,
): Series[] {
  return found.flatMap(({ labels, points }) => {
    const { app, node, service } = labels;
    if (app !== undefined && node !== undefined) {
      return [{
        app: checked(app, query),
        node: checkHostName(node, `${query}: label node`),
        points,
      }];
    }
    if (service !== undefined && node !== undefined) {
      return [{ app: checked(appOf(service, stack, node), query), node, points }];
    }
    if (service !== undefined && query !== "containers") {
      const place = services.get(service.replace(/@.*$/, ""));
      return place === undefined ? [] : [{ ...place, points }];
    }
    throw new InputError(
      `The query for ${query} must give series with the labels app and node, or service and node: it gives ${
        Object.keys(labels).sort().join(", ") || "none"
      }`,
    );
  });
}

function checked(app: string, query: string): string {
  return checkAppName(app, `${query}: label app`);
}

/** The app of a service of the Swarm: STACK_APP-NODE, or STACK_APP, as Docker calls it. */
function appOf(service: string, stack: string, node: string): string {
  const name = service.startsWith(`${stack}_`) ? service.slice(stack.length + 1) : service;
  // A Redis of each slot is a service of its own.
  const [, app] = new RegExp(`^(.+)-${RegExp.escape(node)}(-\\d+)?$`).exec(name) ?? [];
  return app ?? name;
}

/** One series for each app and node: what several say is summed. */
function summed(series: readonly Series[]): Series[] {
  return [...Map.groupBy(series, ({ app, node }) => JSON.stringify([app, node])).values()]
    .map((same) => {
      if (same.length === 1) return same[0]!;
      const values = new Map<number, number>();
      for (const { points } of same) {
        for (const [at, value] of points) values.set(at, (values.get(at) ?? 0) + value);
      }
      return { ...same[0]!, points: [...values].sort(([a], [b]) => a - b) };
    });
}
