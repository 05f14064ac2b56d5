/**
 * The protocol of `metis env`: what it says first, and how it answers each line. docs/environment.md describes it.
 * @module
 */
import * as v from "valibot";
import { countOf, InputError, MetisError, type Problem } from "../../domain/mod.ts";
import {
  type PlacementEnvironment,
  type PlacementEnvironmentOptions,
  sizeOf,
} from "../../policies/environment/mod.ts";
import { type Surface, valuePlacement } from "../../scheduling/mod.ts";
import { type Plan, planOfPlacement, planValue, planVersion } from "../../scheduling/plans/mod.ts";
import { checkJson } from "../../scheduling/plans/plan.ts";
import { type ArrayEncoding, arrayForm, encodeArray, type NamedArray } from "./arrays.ts";

/** Version of the protocol. */
const PROTOCOL_VERSION = 1;
const MAX_SEED = 0xffffffff;

const whole = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(most));
const requestSchema = v.strictObject({
  reset: v.optional(v.strictObject({
    seed: v.optional(whole(MAX_SEED)),
    only: v.optional(v.array(whole(1))),
    demand: v.optional(v.array(whole(MAX_SEED))),
  })),
  step: v.optional(v.array(v.number())),
  plan: v.optional(whole(MAX_SEED)),
  close: v.optional(v.literal(true)),
});

/** Room for observations. */
type Narrow = Uint8Array | Uint16Array | Float32Array;

/** Observations are counts: they travel in the fewest bytes that hold them. */
function narrow(bounds: readonly number[], length: number): Narrow {
  const most = bounds.reduce((a, b) => Math.max(a, b), 0);
  if (most <= 0xff) return new Uint8Array(length);
  return most <= 0xffff ? new Uint16Array(length) : new Float32Array(length);
}

/** What a session plays, and how it says so. */
export interface SessionSetting {
  readonly environment: PlacementEnvironment;
  readonly options: PlacementEnvironmentOptions;
  /** Values the plans. */
  readonly surface: Surface;
  readonly encoding: ArrayEncoding;
}

/** One client's episodes. */
export class EnvironmentSession {
  readonly #setting: SessionSetting;
  readonly #narrowed: Narrow;
  #seed: number;

  constructor(setting: SessionSetting) {
    this.#setting = setting;
    const { observations, observationSpace } = setting.environment;
    this.#narrowed = narrow(observationSpace.high, observations.length);
    this.#seed = setting.options.seed ?? 1;
  }

  /** What the program says first: everything that stays the same. */
  opening(): object {
    const { environment, options: { problem, reward }, encoding } = this.#setting;
    const { environments, observationSpace, actionSpace, autoreset, tree } = environment;
    const forms = Object.entries(this.#arrays()).map(([name, array]) => [name, arrayForm(array)]);
    return {
      protocol: "metis-env",
      version: PROTOCOL_VERSION,
      environments,
      autoreset,
      observationSpace,
      actionSpace,
      encoding,
      arrays: Object.fromEntries(forms),
      apps: problem.apps,
      nodes: tree.leaves,
      branching: tree.branching,
      reward,
      seed: this.#seed,
    };
  }

  /**
   * The answer to a line, or null after which nothing more is answered. What Metis refuses on purpose changes nothing
   * and is answered as `error`.
   */
  answer(line: string): object | null {
    try {
      return this.#answer(line);
    } catch (error) {
      if (!(error instanceof MetisError)) throw error;
      return { error: { name: error.name, message: error.message.split("\n")[0] } };
    }
  }

  #answer(line: string): object | null {
    const request = checkJson(requestSchema, line, "request");
    if (Object.keys(request).length !== 1) {
      throw new InputError("A request is one of reset, step, plan and close");
    }
    const { environment, encoding } = this.#setting;
    if (request.close) return null;
    if (request.plan !== undefined) return { plan: this.#plan(request.plan) };
    if (request.reset !== undefined) {
      environment.reset(request.reset);
      this.#seed = request.reset.seed ?? this.#seed;
    } else environment.step(request.step!);
    const arrays = Object.entries(this.#arrays());
    return Object.fromEntries(arrays.map(([name, array]) => [name, encodeArray(array, encoding)]));
  }

  /** All that a reset or a step says, by the names of the protocol. */
  #arrays(): Readonly<Record<string, NamedArray>> {
    const { environment } = this.#setting;
    const { rewards, terminated, truncated, infos } = environment.last;
    const size = sizeOf(environment.observationSpace);
    this.#narrowed.set(environment.observations);
    return {
      observations: { values: this.#narrowed, width: size },
      masks: { values: environment.masks, width: environment.actionSpace.n },
      rewards: { values: rewards },
      terminated: { values: terminated },
      truncated: { values: truncated },
      levels: { values: infos.levels },
      throughput: { values: infos.throughput },
      unplaced: { values: infos.unplaced },
      ...(environment.autoreset === "same-step"
        ? { finalObservations: { values: infos.finalObservations, width: size } }
        : {}),
    };
  }

  /** The last episode that an environment has finished, as a plan. */
  #plan(at: number): Plan {
    const { environment, options, surface } = this.#setting;
    const finished = environment.finished(at);
    if (finished === null) throw new InputError(`Environment ${at} has not finished an episode`);
    const { demand, placement, unplaced } = finished;
    if (unplaced > 0) {
      throw new InputError(
        `The last episode of environment ${at} left ${countOf(unplaced, "container")} unplaced`,
      );
    }
    const problem: Problem = { ...options.problem, demand };
    return {
      format: "metis-plan",
      version: planVersion(problem),
      scheduler: "environment",
      seed: this.#seed,
      parameters: {},
      ...planOfPlacement(problem, placement),
      ...planValue(problem, valuePlacement(surface, placement), null),
      seconds: 0,
      surface: { kind: surface.kind, source: surface.source },
      details: {},
    };
  }
}
