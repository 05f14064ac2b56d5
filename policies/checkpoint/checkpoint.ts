import { InputError } from "../../domain/mod.ts";
import type { Network } from "../learning/network.ts";
import type { TrainerState } from "../learning/trainer.ts";
import { bytesOf, sha256 } from "./bytes.ts";
import {
  POLICY_VERSION,
  type PolicyInfo,
  type PolicyManifest,
  readManifest,
  writeManifest,
} from "./manifest.ts";
import { readLayersModel, writeLayersModel } from "./model_json.ts";
import { readState, writeState } from "./state.ts";

/** Name of the manifest in a policy directory. */
export const MANIFEST_FILE = "policy.json";

/** A trained policy, and where its training stands if it may continue. */
export interface Checkpoint {
  /** What it was trained for and by, and how well it did. */
  readonly info: PolicyInfo;
  /** The networks, each with a name of its own. */
  readonly networks: readonly Network[];
  /** State of the trainer, or null for a policy that only places. */
  readonly trainer: TrainerState | null;
}

/** Reads a file of a policy directory by its path inside. @throws {InputError} if there is none. */
export type ReadPart = (path: string) => Promise<Uint8Array>;

/**
 * The files of a policy directory, by path; the manifest is the last one.
 * @throws {InputError} for weights that are not finite, or two networks of one name.
 */
export async function encodeCheckpoint(checkpoint: Checkpoint): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const networks: PolicyManifest["networks"][number][] = [];
  for (const network of checkpoint.networks) {
    const folder = `networks/${network.name.replaceAll(/[^\w-]+/g, "-")}`;
    if (files.has(`${folder}/model.json`)) {
      throw new InputError(`Two networks of a policy are named ${network.name}`);
    }
    const { model, weights } = writeLayersModel(network);
    files.set(`${folder}/model.json`, model);
    files.set(`${folder}/weights.bin`, weights);
    networks.push({ name: network.name, folder });
  }
  if (checkpoint.trainer !== null) {
    const { json, bytes } = writeState(checkpoint.trainer);
    files.set("trainer.json", json);
    files.set("trainer.bin", bytes);
  }
  const parts = await Promise.all(
    Array.from(files, async ([path, bytes]) => ({
      path,
      bytes: bytes.length,
      sha256: await sha256(bytes),
    })),
  );
  const { info } = checkpoint;
  const manifest = { format: "metis-policy" as const, version: POLICY_VERSION, ...info };
  files.set(MANIFEST_FILE, await writeManifest({ ...manifest, networks, parts }));
  return files;
}

/**
 * Reads a policy directory and checks every byte of it.
 * @param place Name of the directory, for messages.
 * @throws {InputError} naming the file: missing, damaged, of another version, or with weights that are not
 * finite. Nothing damaged is ever returned.
 */
export async function decodeCheckpoint(readPart: ReadPart, place: string): Promise<Checkpoint> {
  // Slices of the Buffers that Node reads are no copies.
  const read = async (path: string): Promise<Uint8Array> => bytesOf(await readPart(path));
  const { format: _format, version: _version, networks: folders, parts, ...info } =
    await readManifest(await read(MANIFEST_FILE), `${place}/${MANIFEST_FILE}`);
  const files = new Map<string, Uint8Array>();
  for (const part of parts) {
    const bytes = await read(part.path);
    if (bytes.length !== part.bytes || await sha256(bytes) !== part.sha256) {
      throw new InputError(
        `${place}/${part.path}: damaged or changed, its checksum does not match: use another checkpoint`,
      );
    }
    files.set(part.path, bytes);
  }
  const take = (path: string): Uint8Array => {
    const bytes = files.get(path);
    if (bytes === undefined) throw new InputError(`${place}: the manifest lists no ${path}`);
    return bytes;
  };
  const names = new Set(folders.map(({ name }) => name));
  if (names.size < folders.length) throw new InputError(`${place}: two networks have one name`);
  const networks = folders.map(({ name, folder }) => {
    const at = `${place}/${folder}`;
    const network = readLayersModel(
      take(`${folder}/model.json`),
      take(`${folder}/weights.bin`),
      at,
    );
    if (network.name !== name) throw new InputError(`${at}: holds ${network.name}, not ${name}`);
    return network;
  });
  const trainer = files.has("trainer.json")
    ? readState(take("trainer.json"), take("trainer.bin"), place)
    : null;
  return { info, networks, trainer };
}

/** Kinds of policies that serve every surface, whatever they were trained on. */
const UNIVERSAL_KINDS = ["metis", "online"];

/** What a policy is asked to work on. */
export interface PolicyUse {
  /** Names of the apps, in the order of the demand. */
  readonly apps: readonly string[];
  /** Slots of the largest node. */
  readonly capacity: number;
  /** See surfaceFingerprint; undefined if any data will do. */
  readonly surface?: string;
  /** Kinds that can be used here; undefined for any. */
  readonly kinds?: readonly string[];
}

/**
 * Refuses a policy that was trained for something else; those of universal kinds serve every surface.
 * @throws {InputError} naming the policy, what differs and what to do.
 */
export function checkPolicyFits(info: PolicyInfo, use: PolicyUse, place: string): void {
  if (use.kinds !== undefined && !use.kinds.includes(info.kind)) {
    throw new InputError(
      `${place}: a policy of kind ${info.kind} cannot be used here: needed is ${
        use.kinds.join(" or ")
      }`,
    );
  }
  if (UNIVERSAL_KINDS.includes(info.kind)) return;
  if (info.apps.join("\n") !== use.apps.join("\n")) {
    throw new InputError(
      `${place}: trained for the apps ${info.apps.join(", ")}, but these are ${
        use.apps.join(", ")
      }: train a policy for them (metis train)`,
    );
  }
  if (info.capacity !== use.capacity) {
    throw new InputError(
      `${place}: trained for nodes of ${info.capacity} slots, but these have ${use.capacity}: train a policy for them (metis train)`,
    );
  }
  if (use.surface !== undefined && info.surface !== null && info.surface !== use.surface) {
    throw new InputError(
      `${place}: trained on other data (surface ${info.surface.slice(0, 12)}, this is ${
        use.surface.slice(0, 12)
      }): train a policy on this one (metis train)`,
    );
  }
}
