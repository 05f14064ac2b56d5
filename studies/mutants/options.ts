/**
 * The values of options as the command line reads them.
 * @module
 */
import { memoryContext } from "../../cli/_testing.ts";
import * as options from "../../cli/options/mod.ts";
import { type Rules, uniformCluster } from "../../domain/mod.ts";

/** What `--demand` is read as. */
export type LoadedDemands = Awaited<ReturnType<typeof options.loadDemands>>;

const CONTEXT = memoryContext();
/** Nodes that may be fenced. */
const NODES = 10_000;

/** Reads `--demand`. */
export function readDemandText(text: string, apps: readonly string[]): Promise<LoadedDemands> {
  const demand = options.parseDemand(text);
  return options.loadDemands(CONTEXT, { demand }, undefined, apps);
}

/** Reads `--max-per-node`, `--apart` and `--fence`. */
export function readRules(
  maxPerNode: string,
  apart: string,
  fence: string,
  apps: readonly string[],
): Rules {
  return options.rulesOf(
    {
      maxPerNode: valueOf(options.maxPerNodeOption(), maxPerNode) as options.NamedLimit[],
      apart: valueOf(options.apartOption(), apart) as string[][],
      fence: valueOf(options.fenceOption(), fence) as string[],
    },
    apps,
    uniformCluster(NODES, 1),
  );
}

/** The value of an option that is given once; commander forgets its type. */
function valueOf(
  option: { readonly parseArg?: ((text: string, earlier: never) => unknown) | undefined },
  text: string,
): unknown {
  return option.parseArg!(text, undefined as never);
}

/** A number that an option took, and which of the parts of the text it was. */
export interface TakenNumber {
  readonly kind: string;
  readonly value: number;
  readonly at: number;
}

/** Reads the text by every option that takes a number; those that refuse it are left out. */
export function readNumbers(text: string): TakenNumber[] {
  const parsers: Readonly<Record<string, (text: string) => number[]>> = {
    whole: (text) => [options.whole(0, options.MAX_UINT32)(text)],
    positive: (text) => [options.positive(text)],
    share: (text) => [options.share(text)],
    limits: (text) =>
      (valueOf(options.p99LimitOption(), text) as { milliseconds: number }[])
        .map(({ milliseconds }) => milliseconds),
  };
  return Object.entries(parsers).flatMap(([kind, parse]) => {
    try {
      return parse(text).map((value, at) => ({ kind, value, at }));
    } catch (error) {
      if ((error as { code?: unknown }).code === "commander.invalidArgument") return [];
      throw error;
    }
  });
}
