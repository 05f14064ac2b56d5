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
  const services = placesByService(containers, stack);
  return {
    containers: summed(containers),
    requests: summed(placed(await ask("requests", interval), stack, "requests", services)),
    latency: placed(await ask("latency", interval), stack, "latency", services),
    cpu: summed(placed(await ask("cpu", interval), stack, "cpu", services)),
  };
}

/** Where the containers of a service are. */
interface Place {
  readonly app: string;
  readonly node: string;
}

/**
 * Services by every name that exporters have for them. They are known by what ran: a name alone does not say where the app
 * ends and the node begins. A name of several places is none.
 */
function placesByService(containers: readonly Place[], stack: string): Map<string, Place> {
  const places = new Map<string, Map<string, Place>>();
  for (const { app, node } of containers) {
    const names = [`${stack}_${app}-${node}`, `${stack}_${app}`];
    for (const name of [...names, ...names.map(dashed)]) {
      const known = places.get(name) ?? new Map<string, Place>();
      places.set(name, known.set(JSON.stringify([app, node]), { app, node }));
    }
  }
  return new Map(
    [...places].flatMap(([name, known]) =>
      known.size === 1 ? [[name, [...known.values()][0]!]] : []
    ),
  );
}

/** A name as Traefik writes it: what is neither a letter nor a digit becomes one dash. */
function dashed(name: string): string {
  return name.split(/[^\p{L}\p{N}]+/u).filter((part) => part !== "").join("-");
}

/**
 * Series by app and node, whatever they are labelled by. Those of other services are left out.
 * @throws {InputError} if they lack labels, or there are some and none is of a service that is known.
 */
function placed(
  found: readonly MatrixSeries[],
  stack: string,
  query: string,
  services: ReadonlyMap<string, Place>,
): Series[] {
  const strangers: string[] = [];
  const series = found.flatMap(({ labels, points }) => {
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
      if (place === undefined && isOfStack(service, stack)) strangers.push(service);
      return place === undefined ? [] : [{ ...place, points }];
    }
    throw new InputError(
      `The query for ${query} must give series with the labels app and node, or service and node: it gives ${
        Object.keys(labels).sort().join(", ") || "none"
      }`,
    );
  });
  if (series.length === 0 && strangers.length > 0 && services.size > 0) {
    const [known] = services.keys();
    throw new InputError(
      `The query for ${query} gives series of ${
        strangers.slice(0, 3).join(", ")
      }, and of no service that runs on one node: ` +
        `exporters must tell an app's nodes apart, as by a service ${known} (docs/observing.md)`,
    );
  }
  return series;
}

/** True for the name of a service of the stack, as Docker or Traefik writes it. */
function isOfStack(service: string, stack: string): boolean {
  return service.startsWith(`${stack}_`) || service.startsWith(`${stack.replaceAll("_", "-")}-`);
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
