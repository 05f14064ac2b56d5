/**
 * What values a placement: the options, and the surface that they ask for.
 * @module
 */
import { Option } from "@commander-js/extra-typings";
import { type Profile, UsageError } from "../../domain/mod.ts";
import { loadModel } from "../../models/mod.ts";
import { MAX_RPS, readProfile } from "../../profiles/mod.ts";
import {
  type Surface,
  surfaceFromModel,
  surfaceFromProfile,
  surfaceFromTable,
} from "../../scheduling/mod.ts";
import type { Plan } from "../../scheduling/plans/mod.ts";
import { type CliContext, readText } from "../context.ts";
import type { Talk } from "../output/progress.ts";
import type { GivenBy } from "./define.ts";
import { parseNames, positive } from "./parse.ts";

/** A profile to fit a model on. */
export const profileOption = () =>
  new Option("--profile <file>", "measured profile (.npz or .csv) to fit a model on");

/** A saved model. */
export const modelOption = () => new Option("--model <file>", "model saved by `metis fit --out`");

/** A profile whose rows are the truth. */
export const tableOption = () =>
  new Option("--table <file>", "profile whose rows are used as they are");

/** Kind of model; the default is set where it is used, since `--model` must not have one. */
export const fitOption = () =>
  new Option(
    "--fit <name>",
    "kind of model for --profile (default: pooled, or extra-trees where rows are many)",
  );

/** Model for configurations that a table lacks. */
export const fallbackOption = () =>
  new Option("--fallback <name>", "kind of model for configurations that --table lacks");

/** Names for a profile that has none. */
export const appsOption = () =>
  new Option("--apps <names>", "names of the apps of an .npz file, in the file's order")
    .argParser(parseNames);

/** Raw requests per second. */
export const normaliseOption = () =>
  new Option(
    "--normalise",
    "the profile holds raw requests per second: divide each app by its rows alone",
  );

/** Highest value that is believed. */
export const maxRpsOption = () =>
  new Option("--max-rps <value>", `highest normalised RPS that is believed (default: ${MAX_RPS})`)
    .argParser(positive);

/** What the values of a profile are. */
export const unitOptions = () => [normaliseOption(), maxRpsOption()] as const;

/** Values of {@link unitOptions}; a command may have none. */
export interface UnitArguments {
  readonly normalise?: true | undefined;
  readonly maxRps?: number | undefined;
}

/** What values a placement. */
export const surfaceOptions = () =>
  [
    profileOption(),
    modelOption(),
    tableOption(),
    fitOption(),
    fallbackOption(),
    ...unitOptions(),
  ] as const;

type Surfaces = GivenBy<typeof surfaceOptions>;

/** Values of {@link surfaceOptions}, and names of apps where the command takes some. */
export type SurfaceOptions =
  & { readonly [Name in keyof Surfaces]?: Surfaces[Name] | undefined }
  & { readonly apps?: readonly string[] | undefined };

/**
 * Reads a profile and tells its notices.
 * @param options The capacity is the slots of a node, where known: rows above it are told.
 * @throws {InputError} naming file, row and column.
 */
export async function loadProfile(
  context: CliContext,
  talk: Talk,
  file: string,
  options: UnitArguments & {
    readonly capacity?: number | undefined;
    readonly apps?: readonly string[] | undefined;
  } = {},
): Promise<Profile> {
  const bytes = await context.readFile(file);
  const { capacity, apps, normalise, maxRps } = options;
  const { profile, notices } = await readProfile(bytes, file, {
    ...(normalise ? { units: "raw" } : {}),
    ...(maxRps === undefined ? {} : { maxRps }),
    ...(capacity === undefined ? {} : { capacity }),
    ...(apps === undefined ? {} : { apps }),
  });
  for (const notice of notices) talk.notice(notice);
  return profile;
}

/** What placements are valued by, in the field names of `--json`. */
export function surfaceFields({ kind, fallback, source }: Surface): Plan["surface"] {
  return { kind, ...(fallback === null ? {} : { fallback }), source };
}

/** What placements are valued by, for people. */
export function surfaceText({ kind, fallback, source }: Surface): string {
  return `${source} (${kind}${fallback === null ? "" : `, ${fallback} where it has gaps`})`;
}

/**
 * The surface that `--profile`, `--model` or `--table` ask for.
 * @param capacity Slots of the largest node, where the profile must be of such nodes.
 * @throws {UsageError} if not exactly one of the three is given.
 */
export async function loadSurface(
  context: CliContext,
  talk: Talk,
  options: SurfaceOptions & {
    readonly seed?: number | undefined;
    /** How a table with gaps gets a fallback, in the words of the user. */
    readonly remedy?: string;
  },
  capacity?: number,
): Promise<Surface> {
  const { profile, model, table, seed = 1 } = options;
  const given = [profile, model, table].filter((file) => file !== undefined);
  if (given.length !== 1) {
    throw new UsageError(
      given.length === 0
        ? "Say what predicts the throughput of a placement: one of --profile FILE, --model FILE, --table FILE"
        : "Give only one of --profile, --model and --table",
    );
  }
  if (options.fit !== undefined && profile === undefined) {
    throw new UsageError("--fit needs --profile: a table or saved model is not fitted");
  }
  if (options.fallback !== undefined && table === undefined) {
    throw new UsageError("--fallback needs --table");
  }
  const source = given[0]!;
  if (model !== undefined) {
    return surfaceFromModel(loadModel(await readText(context, model), model), { source });
  }
  const rows = await loadProfile(context, talk, source, { ...options, capacity });
  const { fit, fallback, remedy = "--fallback extra-trees" } = options;
  return context.blocking(() =>
    profile !== undefined
      ? surfaceFromProfile(rows, { source, seed, fit })
      : surfaceFromTable(rows, { source, seed, fallback, remedy })
  );
}
