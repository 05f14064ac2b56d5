import { InputError } from "../../domain/mod.ts";
import { checkStackName } from "../names.ts";
import { removeUnused } from "../services/stack_objects.ts";
import type { Engine } from "../engine/engine.ts";
import type { Target } from "./deployment.ts";
import { systemClock } from "../clock.ts";
import { writeNote } from "./notes.ts";

/**
 * Nothing of ours in a stack, or on one node of it.
 * @param node Host name. @throws {InputError} if there is nothing to remove on that node's name.
 */
export function emptyTarget(stack: string, node?: string): Target {
  checkStackName(stack);
  const inScope = (service: { readonly node: string | null }) =>
    node === undefined || service.node === node;
  return {
    stack,
    inScope,
    tidy: async (engine) => {
      await removeUnused(engine, stack, []);
      if (node === undefined) await forgetWatch(engine, stack);
    },
    desire: (state) => {
      if (node !== undefined && ![...state.hostOf.values()].includes(node)) {
        throw new InputError(
          `The Swarm has no node ${node}: it has ${[...state.hostOf.values()].sort().join(", ")}`,
        );
      }
      return Promise.resolve([]);
    },
  };
}

/** Nobody is to count what was done to a stack that is gone; where a proxy blocks the call, it stays. */
async function forgetWatch(engine: Engine, stack: string): Promise<void> {
  const once = { clock: systemClock, deadline: systemClock.now() };
  await writeNote(engine, "watch", stack, null, once).catch(() => {});
}
