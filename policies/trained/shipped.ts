import { InputError, UsageError } from "../../domain/mod.ts";
import type { Simulator } from "../../sim-wasm/mod.ts";
import { sha256 } from "../checkpoint/bytes.ts";
import { type Checkpoint, checkPolicyFits, decodeCheckpoint } from "../checkpoint/checkpoint.ts";
import { surfaceFingerprint } from "../checkpoint/fingerprint.ts";
import type { Network } from "../learning/network.ts";
import type { PolicySource } from "../checkpoint/source.ts";
import { SHIPPED } from "./mod.ts";

/** A policy that was read, the place it was read from for messages. */
export interface OpenedPolicy {
  /** What its files hold. */
  readonly checkpoint: Checkpoint;
  /** Names it in messages. */
  readonly place: string;
}

/** Where policies are found. */
export interface PolicySearch {
  /** The file that the surface was read from or fitted on, or its SHA-256. Asked for at most once. */
  readonly data: Uint8Array | string | (() => Promise<Uint8Array | string>);
  /** Reads a file that comes with Metis; in Node give `readFile` of `node:fs/promises`. @default by `fetch` */
  readonly read?: (address: URL) => Promise<Uint8Array>;
  /** Opens a policy that the user names. @default refuses */
  readonly open?: (directory: string) => Promise<OpenedPolicy>;
}

/**
 * The policies that come with Metis, for the data that they were trained on, and those that the user names.
 *
 * @example The learned scheduler on the bundled profile
 * ```ts
 * import { datasetUrl } from "../../datasets/mod.ts";
 * import { defaultRegistry } from "../../registry.ts";
 * import { shippedPolicies } from "./shipped.ts";
 *
 * const data = new Uint8Array(await (await fetch(datasetUrl("lab-7x8"))).arrayBuffer());
 * const metis = defaultRegistry(shippedPolicies({ data })).get("metis");
 * console.log(metis.summary);
 * ```
 */
export function shippedPolicies(search: PolicySearch): PolicySource {
  let hashing: Promise<string> | undefined;
  return {
    async networks({ simulator }, directory, kind) {
      const data = await (hashing ??= hashOf(search.data));
      return await networksFor(simulator, directory, kind, { ...search, data });
    },
  };
}

/**
 * Networks of a policy that comes with Metis, from wherever its modules were loaded: disk, package or web server.
 * @param kind Kind of policy, such as "metis" or "online".
 * @param data SHA-256 of the file that the simulator's model was fitted on.
 * @returns Null if none comes with Metis for that file.
 * @throws {InputError} if the policy's files cannot be read, or it is for other apps or slots.
 */
export function shippedNetworks(
  simulator: Simulator,
  kind: string,
  data: string,
): Promise<readonly Network[] | null> {
  return networksFor(simulator, null, kind, { data });
}

async function networksFor(
  simulator: Simulator,
  directory: string | null,
  kind: string,
  { data, read = fetchBytes, open = refuse }: PolicySearch & { readonly data: string },
): Promise<readonly Network[] | null> {
  const found = directory === null ? await openShipped(kind, data, read) : await open(directory);
  if (found === null) return null;
  const { apps, capacity } = simulator;
  const surface = await surfaceFingerprint(simulator);
  checkPolicyFits(
    found.checkpoint.info,
    { apps, capacity, surface, data, kinds: [kind] },
    found.place,
  );
  return found.checkpoint.networks;
}

async function openShipped(
  kind: string,
  data: string,
  read: (address: URL) => Promise<Uint8Array>,
): Promise<OpenedPolicy | null> {
  const shipped = SHIPPED.find((one) => one.kind === kind && one.data === data);
  if (shipped === undefined) return null;
  const place = shipped.url.href;
  const checkpoint = await decodeCheckpoint(async (path) => {
    const address = new URL(path, shipped.url);
    try {
      return await read(address);
    } catch (error) {
      throw new InputError(`Cannot read the policy that comes with Metis at ${address}`, {
        cause: error,
      });
    }
  }, place);
  return { checkpoint, place };
}

async function hashOf(data: PolicySearch["data"]): Promise<string> {
  const known = typeof data === "function" ? await data() : data;
  return typeof known === "string" ? known : await sha256(known);
}

async function fetchBytes(address: URL): Promise<Uint8Array> {
  const response = await fetch(address);
  if (!response.ok) throw new InputError(`${address}: answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

function refuse(directory: string): Promise<never> {
  throw new UsageError(`Cannot open the policy ${directory}: this program opens none by name`);
}
