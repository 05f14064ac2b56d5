import * as v from "valibot";
import { decodeText, InputError, parseJson } from "../../domain/mod.ts";
import { sha256, utf8 } from "./bytes.ts";
import { record } from "../../scheduling/plans/forms.ts";

/** Version of the format of policy directories that this program writes. */
export const POLICY_VERSION = 1;

const text = v.pipe(v.string(), v.maxLength(1000));
const whole = v.pipe(v.number(), v.integer(), v.minValue(0));
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const option = v.union([text, v.pipe(v.number(), v.finite()), v.boolean(), v.null()]);
/** A path inside of the directory: no step upwards, nothing absolute. */
const inside = v.pipe(v.string(), v.regex(/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/));

/** What is known of a policy besides its weights. */
export interface PolicyInfo {
  /** What it can be used as: the `policyKind` of its learner (`metis`, `online`, `sub`, `high`, ...). */
  readonly kind: string;
  /** `paper` or `metis`. */
  readonly algorithm: string;
  /** Names of the apps, in the order of the demand. */
  readonly apps: readonly string[];
  /** Slots of a node. */
  readonly capacity: number;
  /** Nodes of the cluster it was trained on; null if it is of no one size. */
  readonly nodes: number | null;
  /** Name of the preset, such as 27, or null. */
  readonly preset: string | null;
  /** See surfaceFingerprint; null if nobody knows. */
  readonly surface: string | null;
  /** SHA-256 of the data file that the surface was read from or fitted on, or null. */
  readonly data: string | null;
  /** Seed of the training, or null. */
  readonly seed: number | null;
  /** Steps of gradient descent so far. */
  readonly updates: number;
  /** Placements sampled so far. */
  readonly episodes: number;
  /** Options of the trainer, by name. */
  readonly options: Readonly<Record<string, string | number | boolean | null>>;
  /** Figures at the time of saving, by the names of docs/training.md; null if not measured. */
  readonly metrics: Readonly<Record<string, number | null>>;
  /** Versions of the programs that made it, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** ISO 8601 date, or null. */
  readonly created: string | null;
}

const policySchema = v.strictObject({
  kind: text,
  algorithm: text,
  apps: v.pipe(v.array(text), v.minLength(1), v.maxLength(255)),
  capacity: v.pipe(whole, v.minValue(1), v.maxValue(255)),
  nodes: v.nullable(v.pipe(whole, v.minValue(1))),
  preset: v.nullable(text),
  surface: v.nullable(hash),
  data: v.nullable(hash),
  seed: v.nullable(whole),
  updates: whole,
  episodes: whole,
  options: record(v.string(), option),
  metrics: record(v.string(), v.nullable(v.pipe(v.number(), v.finite()))),
  versions: record(v.string(), text),
  created: v.nullable(text),
});

const manifestSchema = v.strictObject({
  format: v.literal("metis-policy"),
  version: whole,
  ...policySchema.entries,
  networks: v.array(v.strictObject({ name: text, folder: inside })),
  /** See {@link writeManifest}. */
  sha256: v.optional(hash),
  parts: v.array(v.strictObject({ path: inside, bytes: whole, sha256: hash })),
});

/** The content of `policy.json`. */
export type PolicyManifest = PolicyInfo & {
  /** Marks the file for what it is. */
  readonly format: "metis-policy";
  /** Version of the format. */
  readonly version: number;
  /** Names of the networks, and the folder of each. */
  readonly networks: readonly { readonly name: string; readonly folder: string }[];
  /** Every other file with what it must be. */
  readonly parts: readonly {
    readonly path: string;
    readonly bytes: number;
    readonly sha256: string;
  }[];
};

/** Length of what {@link writeManifest} adds after the sealed bytes: text, 64 digits, closing. */
const SEAL_START = ',\n  "sha256": "';
const SEAL_END = '"\n}\n';
const SEAL_BYTES = SEAL_START.length + 64 + SEAL_END.length;

/**
 * The bytes of `policy.json`. Its last field is the SHA-256 of all bytes before it, so that no bit of the
 * file can change unseen.
 */
export async function writeManifest(manifest: PolicyManifest): Promise<Uint8Array> {
  const sealed = JSON.stringify(v.parse(manifestSchema, manifest), null, 2).slice(0, -2);
  return utf8(sealed + SEAL_START + await sha256(utf8(sealed)) + SEAL_END);
}

/**
 * Reads and checks `policy.json`.
 * @param place Name of the file, for messages.
 * @throws {InputError} naming the place: no policy, another version, or damaged.
 */
export async function readManifest(bytes: Uint8Array, place: string): Promise<PolicyManifest> {
  const sealed = bytes.subarray(0, Math.max(0, bytes.length - SEAL_BYTES));
  const seal = utf8(SEAL_START + await sha256(sealed) + SEAL_END);
  const found = bytes.subarray(sealed.length);
  if (found.length !== seal.length || !found.every((byte, at) => byte === seal[at])) {
    throw new InputError(
      `${place}: damaged or changed, its checksum does not match: use another checkpoint`,
    );
  }
  const content = parseJson(decodeText(bytes, place), place);
  const parsed = v.safeParse(manifestSchema, content);
  const version = (content as { version?: unknown }).version;
  if (typeof version === "number" && version > POLICY_VERSION) {
    throw new InputError(
      `${place}: version ${version} of the policy format is newer than this program knows (${POLICY_VERSION})`,
    );
  }
  if (!parsed.success) {
    const field = v.getDotPath(parsed.issues[0]) ?? "its form";
    throw new InputError(`${place}: not a manifest of a policy: ${field} is missing or wrong`);
  }
  const { sha256: _, ...manifest } = parsed.output;
  return manifest;
}
