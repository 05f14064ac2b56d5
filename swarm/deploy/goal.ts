/**
 * What a deployment is on its way to, as a config of the Swarm: between two changes more or fewer containers run than are
 * asked for, and after a kill nobody else would know how many that is.
 * @module
 */
import * as v from "valibot";
import { InputError, parseJson } from "../../domain/mod.ts";
import type { Engine } from "../engine/engine.ts";
import type { Config } from "../engine/schemas.ts";
import { EngineError } from "../errors.ts";
import { STACK_LABEL } from "../services/spec.ts";
import { type Patience, retrying } from "./retry.ts";

const GOAL_LABEL = "io.metis.goal";
const goalSchema = v.record(v.string(), v.pipe(v.number(), v.integer(), v.minValue(0)));

/** Containers of each app that should run in the end. */
export type Goal = Readonly<Record<string, number>>;

/** What a deployment that has not come to its end was on its way to; null if there is none. */
export async function readGoal(engine: Engine, stack: string): Promise<Goal | null> {
  const text = (await findGoal(engine, stack))?.Spec.Labels?.[GOAL_LABEL];
  if (text === undefined) return null;
  const name = goalName(stack);
  const result = v.safeParse(goalSchema, parseJson(text, name));
  if (result.success) return result.output;
  throw new InputError(`The config ${name} holds no goal of a deployment: remove it`);
}

/** Notes a goal, in place of an earlier one; null forgets it. */
export async function noteGoal(
  engine: Engine,
  stack: string,
  goal: Goal | null,
  patience: Patience,
): Promise<void> {
  await retrying(patience, async () => {
    const config = await findGoal(engine, stack);
    const labels = { [STACK_LABEL]: stack, [GOAL_LABEL]: JSON.stringify(goal) };
    if (goal !== null && config !== undefined) await engine.updateConfigLabels(config, labels);
    else if (goal !== null) await engine.createConfig(goalName(stack), labels);
    else if (config !== undefined) {
      await engine.removeConfig(config.ID).catch((error) => {
        if (!(error instanceof EngineError && error.status === 404)) throw error;
      });
    }
  });
}

function goalName(stack: string): string {
  return `metis-goal-${stack}`;
}

async function findGoal(engine: Engine, stack: string): Promise<Config | undefined> {
  // The engine's filter takes every name that begins so.
  return (await engine.configs(goalName(stack))).find(({ Spec }) => Spec.Name === goalName(stack));
}
