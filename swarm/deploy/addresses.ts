/**
 * Addresses on the networks of a stack: Swarm leaves containers that get none waiting without a word.
 * @module
 */
import { InputError } from "../../domain/mod.ts";
import type { Engine } from "../engine/engine.ts";
import type { ComposeService } from "../services/compose.ts";
import { scopedName } from "../services/definitions.ts";
import { addressesIn, prefixOf } from "../services/subnets.ts";
import type { DesiredService } from "./changes.ts";

/** Addresses that networks, by name, need: one for each container, and one for each node that runs some (its load balancer). */
export function neededAddresses(desired: readonly DesiredService[]): Map<string, number> {
  const needed = new Map<string, number>();
  const seen = new Set<string>();
  for (const { node, replicas, body } of desired) {
    const networks = (body.TaskTemplate.Networks ?? []) as readonly { readonly Target: string }[];
    for (const { Target } of networks) {
      const isFirst = node !== null && !seen.has(`${Target} ${node}`);
      seen.add(`${Target} ${node}`);
      needed.set(Target, (needed.get(Target) ?? 0) + replicas + (isFirst ? 1 : 0));
    }
  }
  return needed;
}

/**
 * Checks that networks have an address for each container. One of the stack that is not there yet, and of which the file does not
 * say how large it is, is made large enough.
 * @param services What runs as each of the desired.
 * @throws {InputError} naming the network and what to write.
 */
export async function checkAddresses(
  engine: Engine,
  stack: string,
  desired: readonly DesiredService[],
  services: readonly ComposeService[],
): Promise<void> {
  const needed = neededAddresses(desired);
  const sizes = new Map<string, number | null>();
  for (const { definition } of services.flatMap(({ networks }) => networks)) {
    const [subnet] = definition.ipam?.subnets ?? [];
    if (subnet !== undefined) sizes.set(scopedName(stack, definition), prefixOf(subnet));
  }
  for (const { Name, IPAM } of await engine.networks()) {
    const subnet = IPAM?.Config?.[0]?.Subnet;
    if (subnet !== undefined) sizes.set(Name, prefixOf(subnet));
  }
  for (const [name, count] of needed) {
    const prefix = sizes.get(name) ?? null;
    if (prefix === null || count <= addressesIn(prefix)) continue;
    throw new InputError(
      `The network ${name} has ${
        addressesIn(prefix)
      } addresses (/${prefix}), and ${count} are needed, one for each container ` +
        "and each node: give it a subnet with more in its ipam, such as 10.200.0.0/20, under another name if it is there already",
    );
  }
}
