/**
 * Whether a node can be drained, and draining it.
 * @module
 */
import { InputError } from "../../domain/mod.ts";
import type { Engine } from "../engine/engine.ts";
import { NODE_LABEL, STACK_LABEL } from "../services/spec.ts";
import { SUPPORT_STACK } from "../services/support.ts";
import { listed, selectHosts } from "./hosts.ts";
import { type Patience, racing, retrying } from "./retry.ts";
import type { SwarmState } from "./state.ts";

/**
 * Checks that nothing but the stack is pinned to a node.
 * @param isEmptied Nothing of the stack itself may be there either.
 * @throws {InputError} if the node is not there, or other stacks would be left without a place.
 */
export function checkDrainable(
  state: SwarmState,
  node: string,
  stack: string,
  isEmptied = false,
): void {
  selectHosts(state.nodes, { names: [node] });
  const stacks = new Set(
    state.others.flatMap(({ Spec: { Labels } }) => {
      const other = Labels?.[STACK_LABEL];
      const isPinned = Labels?.[NODE_LABEL] === node && other !== SUPPORT_STACK;
      return isPinned && other !== undefined && other !== stack ? [other] : [];
    }),
  );
  if (isEmptied && state.current.some((one) => one.node === node && one.replicas > 0)) {
    throw new InputError(
      `Others started containers of ${stack} on ${node} meanwhile: it is left as it is, drain it again`,
    );
  }
  if (stacks.size === 0) return;
  throw new InputError(
    `Services of ${
      listed([...stacks].sort())
    } are pinned to ${node}, and would have no place: drain it for each of them by --stack, with --keep-active for all but the last`,
  );
}

/** Sets a node to be drained: Swarm gives it nothing more, and stops what is left there. */
export async function drainNode(engine: Engine, name: string, patience: Patience): Promise<void> {
  await racing(async () => {
    const nodes = await retrying(patience, () => engine.nodes());
    const own = nodes.filter(({ Description }) => Description.Hostname === name);
    // A machine that left and joined again is listed twice: the dead entry takes nothing anyway.
    const node = own.find(({ Status }) => Status.State === "ready") ?? own[0];
    if (node === undefined) throw new InputError(`The Swarm has no node ${name} any more`);
    if (node.Spec.Availability === "drain") return;
    await retrying(patience, () => engine.updateNode(node, { Availability: "drain" }));
  });
}
