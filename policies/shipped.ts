import { InputError } from "../domain/mod.ts";
import type { Simulator } from "../sim-wasm/mod.ts";
import { checkPolicyFits, decodeCheckpoint } from "./checkpoint/checkpoint.ts";
import { surfaceFingerprint } from "./checkpoint/fingerprint.ts";
import type { Network } from "./network.ts";
import { SHIPPED } from "./trained/mod.ts";

/**
 * Networks of a policy that comes with Metis, from wherever its modules were loaded: disk, package or web server.
 * @param kind Kind of policy, such as "metis" or "online".
 * @param data SHA-256 of the file that the simulator's model was fitted on.
 * @returns Null where none comes with Metis for that file.
 * @throws {InputError} where the policy's files cannot be read, or it is for other apps or slots.
 */
export async function shippedNetworks(
  simulator: Simulator,
  kind: string,
  data: string,
): Promise<readonly Network[] | null> {
  const shipped = SHIPPED.find((policy) => policy.kind === kind && policy.data === data);
  if (shipped === undefined) return null;
  const { href } = shipped.url;
  const { info, networks } = await decodeCheckpoint(
    (path) => fetchBytes(new URL(path, shipped.url)),
    href,
  );
  const { apps, capacity } = simulator;
  const surface = await surfaceFingerprint(simulator);
  checkPolicyFits(info, { apps, capacity, surface, data, kinds: [kind] }, href);
  return networks;
}

async function fetchBytes(url: URL): Promise<Uint8Array> {
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`HTTP status ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw new InputError(`Cannot read the policy that comes with Metis at ${url}`, {
      cause: error,
    });
  }
}
