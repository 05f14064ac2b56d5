/**
 * Made-up surfaces of many kinds, drawn from a seed: what the universal policy is trained on, and, of the kinds that it
 * never sees, what it is judged by.
 * @module
 */
import { contentionModel, randomApps, RESOURCES } from "../../datasets/mod.ts";
import type { InterferenceModel, Random } from "../../domain/mod.ts";
import { PairwiseModel } from "../../models/mod.ts";

/** How containers slow each other down. */
export type Kind = "contention" | "pairs" | "saturation" | "worst";
/** How smooth a surface is: as its kind says, in steps as a forest of trees predicts, or rough as if it were measured once. */
export type Texture = "smooth" | "steps" | "rough";

/** Kinds that training draws from. */
export const TRAINED_KINDS: readonly Kind[] = ["contention", "pairs"];
/** Kinds that it never sees. */
export const UNSEEN_KINDS: readonly Kind[] = ["saturation", "worst"];
/** Every texture. */
export const TEXTURES: readonly Texture[] = ["smooth", "steps", "rough"];

/** Slots at which the loads of {@link randomApps} make containers feel each other. */
const USUAL_SLOTS = 8;
/** Trees that a surface in steps is the mean of. */
const TREES = 8;

/** Draws a surface for so many apps on nodes of so many slots. */
export function drawSurface(
  kind: Kind,
  texture: Texture,
  apps: number,
  slots: number,
  draws: Random,
): InterferenceModel {
  const smooth = drawKind(kind, apps, slots, draws);
  if (texture === "steps") return inSteps(smooth, slots, draws);
  return texture === "rough" ? roughened(smooth, draws) : smooth;
}

function drawKind(kind: Kind, apps: number, slots: number, draws: Random): InterferenceModel {
  if (kind === "contention") return drawContention(apps, slots, draws);
  if (kind === "pairs") return drawPairs(apps, slots, draws);
  return kind === "saturation" ? drawSaturation(apps, slots, draws) : drawWorst(apps, draws);
}

function drawContention(count: number, slots: number, draws: Random): InterferenceModel {
  const scale = USUAL_SLOTS / slots * between(0.6, 4, draws);
  return contentionModel(
    randomApps(count, draws.uint32()).map((app) => {
      const load = Object.fromEntries(RESOURCES.map((name) => [name, scale * app.load[name]]));
      return { ...app, load: load as typeof app.load };
    }),
  );
}

/** Each app has a pressure and a sensitivity; pairs differ from their product; a few help each other. */
function drawPairs(count: number, slots: number, draws: Random): InterferenceModel {
  const scale = 2 / (slots - 1) * between(0.4, 4, draws);
  const pressures = drawMany(count, () => draws.uniform() ** 2);
  const sensitivities = drawMany(count, () => draws.uniform());
  const variety = draws.uniform();
  const first = new Float64Array(count * count);
  const further = new Float64Array(count * count);
  for (let app = 0; app < count; app++) {
    for (let other = 0; other < count; other++) {
      const own = variety * draws.uniform() + (1 - variety) * pressures[other]!;
      const helps = draws.uniform() < 0.05;
      const term = scale * sensitivities[app]! * own;
      first[app * count + other] = helps ? -0.3 * draws.uniform() : term * (1 + draws.uniform());
      further[app * count + other] = helps ? 0 : term;
    }
  }
  return new PairwiseModel(names(count), { first, further });
}

/** Hard knees: each resource is shared out in proportion where it does not suffice, and an app goes by its scarcest. */
function drawSaturation(count: number, slots: number, draws: Random): InterferenceModel {
  const resources = 2 + draws.below(4);
  const scale = 2 / slots * (0.8 + 0.8 * draws.uniform());
  const needs = drawMany(
    count,
    () => drawMany(resources, () => draws.uniform() < 0.6 ? 2 * scale * draws.uniform() : 0),
  );
  return modelOf("saturation", count, (counts) => {
    const loads = drawMany(
      resources,
      (at) => counts.reduce((sum, held, app) => sum + held * needs[app]![at]!, 0),
    );
    return needs.map((need) =>
      Math.min(1, ...loads.map((load, at) => need[at]! > 0 ? 1 / Math.max(1, load) : 1))
    );
  });
}

/** Only the worst neighbour counts, and a little how many there are. */
function drawWorst(count: number, draws: Random): InterferenceModel {
  const losses = drawMany(count, () => drawMany(count, () => 0.6 * draws.uniform() ** 2));
  const crowd = 0.02 + 0.04 * draws.uniform();
  return modelOf("worst", count, (counts) => {
    const all = counts.reduce((sum, held) => sum + held, 0);
    return losses.map((loss, app) => {
      const worst = Math.max(
        0,
        ...loss.filter((_, other) => counts[other]! > (other === app ? 1 : 0)),
      );
      return (1 - worst) / (1 + crowd * Math.max(0, all - 1));
    });
  });
}

/** The mean of trees that tell some counts apart and others not, as a forest fitted to the surface would. */
function inSteps(base: InterferenceModel, slots: number, draws: Random): InterferenceModel {
  const width = base.apps.length;
  const trees = drawMany(TREES, () =>
    drawMany(width, () => {
      let step = 1;
      return Array.from({ length: slots + 1 }, (_, count) => {
        if (count > 1 && draws.uniform() < 0.5) step = count;
        return count === 0 ? 0 : step;
      });
    }));
  return {
    kind: "steps",
    apps: base.apps,
    predict(counts, rows) {
      const rps = new Float64Array(rows * width);
      for (const tree of trees) {
        const seen = counts.map((count, at) => tree[at % width]![count]!);
        base.predict(seen, rows).forEach((value, at) => rps[at]! += value / TREES);
      }
      return rps;
    },
  };
}

/** Each app in each configuration runs faster or slower by chance, by 1 to 8 %. */
function roughened(base: InterferenceModel, draws: Random): InterferenceModel {
  const width = base.apps.length;
  const salt = draws.uint32();
  const spread = 0.01 + 0.07 * draws.uniform();
  return {
    kind: "rough",
    apps: base.apps,
    predict(counts, rows) {
      const rps = base.predict(counts, rows);
      for (let row = 0; row < rows; row++) {
        let hash = salt;
        for (let at = row * width; at < (row + 1) * width; at++) {
          hash = Math.imul(hash ^ counts[at]!, 0x01000193) + 1;
        }
        for (let app = 0; app < width; app++) {
          let mixed = Math.imul(hash ^ Math.imul(app + 1, 0x9e3779b9), 0x85ebca6b);
          mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35);
          // Even between two bounds: a variance of 1 at the square root of 3.
          const chance = ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 31 - 1;
          rps[row * width + app]! *= 1 + spread * Math.sqrt(3) * chance;
        }
      }
      return rps;
    },
  };
}

/** A model from the speed of every app, present or not, beside these counts. */
function modelOf(
  kind: string,
  count: number,
  speeds: (counts: Uint8Array) => readonly number[],
): InterferenceModel {
  return {
    kind,
    apps: names(count),
    predict(counts, rows) {
      const rps = new Float64Array(rows * count);
      for (let row = 0; row < rows; row++) {
        const held = counts.subarray(row * count, (row + 1) * count);
        speeds(held).forEach((speed, app) => rps[row * count + app] = held[app]! > 0 ? speed : 0);
      }
      return rps;
    },
  };
}

/** A strength, as likely in each part of its range that is as many times as strong. */
function between(least: number, most: number, draws: Random): number {
  return least * (most / least) ** draws.uniform();
}

function names(count: number): string[] {
  return drawMany(count, (at) => `app-${at + 1}`);
}

function drawMany<Item>(count: number, draw: (at: number) => Item): Item[] {
  return Array.from({ length: count }, (_, at) => draw(at));
}
