import { InputError } from "../../domain/mod.ts";
import {
  type Checkpoint,
  checkPolicyFits,
  decodeCheckpoint,
} from "../../policies/checkpoint/checkpoint.ts";
import { surfaceFingerprint } from "../../policies/checkpoint/fingerprint.ts";
import type { Simulator } from "../../sim-wasm/mod.ts";

/** What training does to a disk: more than {@link CliContext} offers, since a checkpoint is a directory. */
export interface TrainingFiles {
  /** Versions of the programs that run, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** The present date, ISO 8601. */
  now(): string;
  /** The bytes of a file, or null if there is none. @throws {InputError} if it cannot be read. */
  read(path: string): Promise<Uint8Array | null>;
  /** True if there is a file or a directory of this name. */
  exists(path: string): Promise<boolean>;
  /** Writes a whole file or none. @throws {InputError} */
  write(path: string, data: Uint8Array): Promise<void>;
  /** Adds to the end of a file, which is made if need be. @throws {InputError} */
  append(path: string, data: Uint8Array): Promise<void>;
  /** Makes a directory and those above it; nothing happens where it exists. @throws {InputError} */
  makeDirectory(path: string): Promise<void>;
  /**
   * Puts a directory with these files in place of `path`, which is then known as `path`.previous: at any
   * moment, whatever happens, one of the two is whole. @throws {InputError}
   */
  replaceDirectory(path: string, files: ReadonlyMap<string, Uint8Array>): Promise<void>;
}

/** Suffix of the directory that a new checkpoint replaced. */
export const PREVIOUS = ".previous";

/** Where a policy may be inside of the directory that a user names, best first. */
const PLACES = ["", "/best", `/best${PREVIOUS}`, "/last", `/last${PREVIOUS}`];

/** A checkpoint that was found, and what to tell the user about those that were passed over. */
export interface FoundCheckpoint {
  readonly checkpoint: Checkpoint;
  /** The directory that it was read from. */
  readonly path: string;
  /** One line for each damaged checkpoint before it. */
  readonly notices: readonly string[];
}

/**
 * The policy in a directory: its own, or the best or last checkpoint of a training. A damaged one is passed
 * over with a notice.
 * @throws {InputError} if there is none, or every one is damaged.
 */
export async function readPolicy(
  files: Pick<TrainingFiles, "read">,
  directory: string,
): Promise<FoundCheckpoint> {
  const base = directory.replace(/\/+$/, "") || "/";
  const found = await readFirst(files, PLACES.map((place) => base + place));
  if (found === null) {
    throw new InputError(`${directory}: not a policy: it has no policy.json, best/ or last/`);
  }
  return found;
}

/**
 * The policy in a directory, checked to fit a surface.
 * @param kinds Kinds that can be used, such as "metis" or "sub"; see PolicyInfo.
 * @throws {InputError} if there is none, it is damaged, or it is of other apps, slots, data or kind.
 */
export async function loadPolicy(
  files: Pick<TrainingFiles, "read">,
  directory: string,
  simulator: Simulator,
  kinds: readonly string[],
): Promise<FoundCheckpoint> {
  const found = await readPolicy(files, directory);
  const { apps, capacity } = simulator;
  const surface = await surfaceFingerprint(simulator);
  checkPolicyFits(found.checkpoint.info, { apps, capacity, surface, kinds }, found.path);
  return found;
}

/**
 * The newest good checkpoint of `path` and its predecessor, or null if there is neither.
 * @throws {InputError} if all that exist are damaged.
 */
export function readLatest(
  files: Pick<TrainingFiles, "read">,
  path: string,
): Promise<FoundCheckpoint | null> {
  return readFirst(files, [path, path + PREVIOUS]);
}

async function readFirst(
  files: Pick<TrainingFiles, "read">,
  paths: readonly string[],
): Promise<FoundCheckpoint | null> {
  const notices: string[] = [];
  let failure: InputError | null = null;
  for (const path of paths) {
    if (await files.read(`${path}/policy.json`) === null) continue;
    try {
      const checkpoint = await decodeCheckpoint(async (part) => {
        const bytes = await files.read(`${path}/${part}`);
        if (bytes === null) {
          throw new InputError(`${path}/${part}: missing: use another checkpoint`);
        }
        return bytes;
      }, path);
      return { checkpoint, path, notices };
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      failure ??= error;
      notices.push(error.message);
    }
  }
  if (failure !== null) throw failure;
  return null;
}
