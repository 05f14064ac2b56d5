/**
 * Where what runs is read from: a plan file, or a stack on a Swarm.
 * @module
 */
import { Option } from "@commander-js/extra-typings";
import { UsageError } from "../../domain/mod.ts";
import type { ReadPlan } from "../../scheduling/plans/mod.ts";
import { currentOfStack, type StackNow } from "../../swarm/deploy/stack.ts";
import type { Engine } from "../../swarm/engine/engine.ts";
import { nodeLabelOption } from "../commands/deploy.ts";
import type { CliContext } from "../context.ts";
import * as options from "../options/mod.ts";
import { type Connect, type EngineArguments, engineOptions, withEngine } from "../swarm/mod.ts";
import { fromOption } from "./options.ts";

/** What runs, as a plan, and what it is called. */
export interface Source {
  readonly plan: ReadPlan;
  /** Name of the plan file or of the stack, for messages. */
  readonly name: string;
  /** True for a node that may not hold anything, by its name, besides those of the plan's own rules. */
  readonly isFenced: (name: string) => boolean;
  /** Its nodes are hosts: those of a problem file have to be known by their names. */
  readonly isStack: boolean;
}

/** What runs by a plan file. */
export async function sourceOfPlan(context: CliContext, file: string): Promise<Source> {
  return {
    plan: await options.loadPlan(context, file),
    name: file,
    isFenced: () => false,
    isStack: false,
  };
}

/** What runs by a plan or on a Swarm, and what it is called. */
export interface SourceArguments extends EngineArguments {
  readonly from?: string | undefined;
  readonly stack?: string | undefined;
  readonly nodeLabel?: string | undefined;
  readonly slots?: number | undefined;
}

/** A stack that runs. */
const stackOption = () =>
  new Option("--stack <name>", "stack that runs now on a Swarm, instead of --from").conflicts(
    "from",
  );

/** Where what runs is read from. */
export const sourceOptions = () =>
  [fromOption(), stackOption(), ...stackNodesOptions(), ...engineOptions()] as const;

/** What runs, by the plan or the stack that is named. @throws {UsageError} if neither is. */
export async function loadSource(
  context: CliContext,
  given: SourceArguments,
  connect: Connect,
): Promise<Source> {
  const { from, stack } = given;
  if (from !== undefined) return await sourceOfPlan(context, from);
  if (stack === undefined) {
    throw new UsageError("Say what runs: --from PLAN, or --stack NAME of a Swarm");
  }
  return await withEngine(
    connect,
    context,
    given,
    (engine) => sourceOfStack(engine, stack, given),
  );
}

/** Which nodes of the Swarm are those of the stack. */
export const stackNodesOptions = () =>
  [
    nodeLabelOption(),
    new Option(
      "--slots <count>",
      "containers that a node takes which has no label io.metis.slots",
    ).argParser(options.whole(1, 255)),
  ] as const;

/** What runs by the labels of a stack's services. @param fenced Names of nodes that something has to leave. */
export async function sourceOfStack(
  engine: Engine,
  stack: string,
  given: { readonly nodeLabel?: string | undefined; readonly slots?: number | undefined },
  fenced: readonly string[] = [],
): Promise<Source> {
  const nodes = { label: given.nodeLabel, slots: given.slots };
  return sourceOfNow(await currentOfStack(engine, stack, nodes), stack, fenced);
}

/** {@link sourceOfStack} of what was found before. */
export function sourceOfNow(
  now: StackNow,
  stack: string,
  fenced: readonly string[] = [],
): Source {
  return {
    plan: planOfStack(now),
    name: `the stack ${stack}`,
    isStack: true,
    // A problem file may name nodes that are away, or that the Swarm does not have.
    isFenced: (name) => {
      const node = now.nodeNames.indexOf(name);
      return node < 0 || now.paused.includes(node) || fenced.includes(name);
    },
  };
}

/** A stack as a plan: what it asks for, on the nodes that there are. */
function planOfStack({ apps, cluster, demand, nodeNames, placement, paused }: StackNow): ReadPlan {
  return {
    scheduler: "unknown",
    predicted: null,
    grounds: {},
    problem: {
      apps,
      cluster,
      demand,
      rules: { maxPerNode: [], apart: [], fencedNodes: paused },
    },
    nodeNames,
    surface: null,
    placement,
  };
}
