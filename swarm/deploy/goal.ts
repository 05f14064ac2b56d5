/**
 * What a deployment is on its way to, as a note in the Swarm: between two changes more or fewer containers run than are
 * asked for, and after a kill nobody else would know how many that is.
 * @module
 */
import * as v from "valibot";
import { InputError, parseJson } from "../../domain/mod.ts";
import type { Engine } from "../engine/engine.ts";
import { noteName, readNote, writeNote } from "./notes.ts";
import type { Patience } from "./retry.ts";

const goalSchema = v.record(v.string(), v.pipe(v.number(), v.integer(), v.minValue(0)));

/** Containers of each app that should run in the end. */
export type Goal = Readonly<Record<string, number>>;

/** What a deployment that has not come to its end was on its way to; null if there is none. */
export async function readGoal(engine: Engine, stack: string): Promise<Goal | null> {
  const text = await readNote(engine, "goal", stack);
  if (text === undefined) return null;
  const name = noteName("goal", stack);
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
  await writeNote(engine, "goal", stack, goal === null ? null : JSON.stringify(goal), patience);
}
