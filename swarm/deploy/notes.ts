/**
 * What the Swarm keeps about a stack besides its services: configs without contents, whose label holds a text.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import type { Config } from "../engine/schemas.ts";
import { EngineError } from "../errors.ts";
import { STACK_LABEL } from "../services/spec.ts";
import { type Patience, retrying } from "./retry.ts";

/** What a note is about: where a deployment is on its way to, or what watches did lately. */
export type Subject = "goal" | "watch";

/** Name of the config. */
export function noteName(subject: Subject, stack: string): string {
  return `metis-${subject}-${stack}`;
}

/** What was noted; undefined if nothing was. */
export async function readNote(
  engine: Engine,
  subject: Subject,
  stack: string,
): Promise<string | undefined> {
  return (await findNote(engine, subject, stack))?.Spec.Labels?.[labelOf(subject)];
}

/** Notes a text, in place of an earlier one; null forgets it. */
export async function writeNote(
  engine: Engine,
  subject: Subject,
  stack: string,
  text: string | null,
  patience: Patience,
): Promise<void> {
  await retrying(patience, async () => {
    const config = await findNote(engine, subject, stack);
    if (text !== null) {
      const labels = { [STACK_LABEL]: stack, [labelOf(subject)]: text };
      if (config !== undefined) await engine.updateConfigLabels(config, labels);
      else await engine.createConfig(noteName(subject, stack), labels);
    } else if (config !== undefined) {
      await engine.removeConfig(config.ID).catch((error) => {
        if (!(error instanceof EngineError && error.status === 404)) throw error;
      });
    }
  });
}

function labelOf(subject: Subject): string {
  return `io.metis.${subject}`;
}

async function findNote(
  engine: Engine,
  subject: Subject,
  stack: string,
): Promise<Config | undefined> {
  const name = noteName(subject, stack);
  // The engine's filter takes every name that begins so.
  return (await engine.configs(name)).find(({ Spec }) => Spec.Name === name);
}
