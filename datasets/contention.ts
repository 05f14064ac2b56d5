/**
 * A synthetic node: a model of how containers slow each other down, made up for this project until
 * a measured profile exists. It is no measurement, and its parameters describe no real program.
 *
 * A container spends its time per request on five things: work that nothing disturbs, and waiting
 * for CPU, last-level cache, memory bandwidth and network. `time` says how that splits up. Each container
 * also loads the node's resources by `load`, as shares of the node. The load of a resource is the sum over
 * all containers, and it stretches the time spent there by
 *
 *     stretch(load) = sqrt(1 + load^2)
 *
 * which is 1 on an idle resource and grows with the load on a full one (equal sharing), with a smooth knee.
 * An app with a dependency also waits for answers from outside the node; where containers of
 * the app that it depends on run beside it, that wait shrinks with the share of its requests that they can
 * serve. Normalised RPS = time per request alone / time per request here.
 * @module
 */
import {
  type ContentionFormula,
  type FormulaModel,
  InputError,
  ShapeError,
} from "../domain/mod.ts";
import { PAPER_WORKLOADS, type PerResource, RESOURCES, type SyntheticApp } from "./workloads.ts";

/**
 * The truth of the synthetic node, without noise.
 * @param apps At least one, by default the seven of {@link PAPER_WORKLOADS}; dependencies name apps among them or are without effect.
 * @throws {InputError} for an app whose numbers are out of range.
 */
export function contentionModel(
  apps: readonly SyntheticApp[] = PAPER_WORKLOADS,
): FormulaModel {
  if (apps.length === 0) throw new InputError("A contention model needs at least one app");
  apps.forEach(checkApp);
  const names = apps.map(({ name }) => name);
  if (new Set(names).size !== names.length) {
    throw new InputError(`Apps must have different names: ${names.join(", ")}`);
  }
  const servers = apps.map(({ dependency }) => names.indexOf(dependency?.app ?? ""));
  const alone = apps.map((app) => timePerRequest(app, app.load, 0));
  return {
    kind: "contention",
    apps: names,
    formula: formulaOf(apps, servers, alone),
    predict(counts: Uint8Array, rows: number): Float64Array {
      if (counts.length !== rows * apps.length) {
        throw new ShapeError("counts", rows * apps.length, counts.length);
      }
      const rps = new Float64Array(counts.length);
      for (let row = 0; row < rows; row++) {
        const held = counts.subarray(row * apps.length, (row + 1) * apps.length);
        const load = totalLoad(apps, held);
        apps.forEach((app, at) => {
          if (held[at] === 0) return;
          const serving = held[servers[at]!] ?? 0;
          const answered = Math.min(1, serving * (app.dependency?.served ?? 0) / held[at]!);
          rps[row * apps.length + at] = alone[at]! / timePerRequest(app, load, answered);
        });
      }
      return rps;
    },
  };
}

function formulaOf(
  apps: readonly SyntheticApp[],
  servers: readonly number[],
  alone: readonly number[],
): ContentionFormula {
  const byResource = (what: "load" | "time") =>
    Float64Array.from(apps.flatMap((app) => RESOURCES.map((resource) => app[what][resource])));
  return {
    kind: "contention",
    loads: byResource("load"),
    times: byResource("time"),
    waits: Float64Array.from(apps, outsideWait),
    servers: Int32Array.from(servers),
    served: Float64Array.from(apps, ({ dependency }) => dependency?.served ?? 0),
    alone: Float64Array.from(alone),
  };
}

function totalLoad(apps: readonly SyntheticApp[], held: Uint8Array): PerResource {
  const load = { cpu: 0, cache: 0, bandwidth: 0, network: 0 };
  apps.forEach((app, at) => {
    for (const resource of RESOURCES) load[resource] += held[at]! * app.load[resource];
  });
  return load;
}

/** Time per request, in units of the app's time on an idle node without its dependency's outside wait. */
function timePerRequest(app: SyntheticApp, load: PerResource, answered: number): number {
  let time = 1;
  for (const resource of RESOURCES) time += app.time[resource] * (stretch(load[resource]) - 1);
  return time + outsideWait(app) * (1 - answered);
}

/** Time that it waits for its dependency where nothing on the node answers. */
function outsideWait({ dependency }: SyntheticApp): number {
  return dependency === null ? 0 : dependency.speedup - 1;
}

/** A square root is rounded alike on every machine, which Math.pow or Math.hypot need not be. */
function stretch(load: number): number {
  return Math.sqrt(1 + load * load);
}

function checkApp({ name, load, time, dependency }: SyntheticApp): void {
  for (const [word, shares] of [["load", load], ["time", time]] as const) {
    for (const resource of RESOURCES) {
      if (!(shares[resource] >= 0 && shares[resource] < Infinity)) {
        throw new InputError(
          `App ${name}: ${word} on ${resource} must be 0 or more: got ${shares[resource]}`,
        );
      }
    }
  }
  const waiting = RESOURCES.reduce((sum, resource) => sum + time[resource], 0);
  if (waiting > 1 + 1e-9) {
    throw new InputError(`App ${name}: its shares of time add up to ${waiting}, above 1`);
  }
  if (dependency !== null && !(dependency.speedup > 1 && dependency.served > 0)) {
    throw new InputError(`App ${name}: its dependency needs a speedup above 1 and served above 0`);
  }
}
