import { InputError, type Problem } from "../../domain/mod.ts";
import type { ReadPlan } from "../../scheduling/plans/mod.ts";
import { readSwarm } from "../../swarm/deploy/state.ts";
import { placeOnHosts } from "../../swarm/deploy/target.ts";
import type { Engine } from "../../swarm/engine/engine.ts";
import { type SoloRates, soloRates } from "../../swarm/measure/evaluate.ts";
import { type Journal, readJournal } from "../../swarm/measure/journal.ts";
import { SwarmMeasurer } from "../../swarm/measure/measurer.ts";
import type { Entry } from "../../swarm/measure/records.ts";
import { addressOf, SwarmRunner } from "../../swarm/measure/swarm_runner.ts";
import { TOLERANCE } from "../../swarm/measure/verdict.ts";
import { splitSupport } from "../../swarm/services/measuring.ts";
import type { CliContext } from "../context.ts";
import * as load from "./load.ts";
import type { Talk } from "../output/progress.ts";
import type * as swarm from "../swarm/mod.ts";

/** How apps are measured alone. */
export interface SoloArguments extends load.LoopArguments, load.PlaceArguments {
  readonly solo?: string | undefined;
  readonly stack: string;
  readonly nodes?: readonly string[] | undefined;
  readonly nodeLabel?: string | undefined;
  readonly cpus?: number | undefined;
  readonly memory?: string | undefined;
  readonly attempts: number;
  readonly readyTime: number;
  readonly seed: number;
}

/** Plans, and what runs as their apps. */
interface Plans {
  readonly files: readonly string[];
  readonly plans: readonly ReadPlan[];
  readonly services: Awaited<ReturnType<typeof swarm.loadServices>>["services"];
  readonly servicesFile: string;
}

/**
 * What apps do alone: of the journal of `--solo`, else measured on every node that a plan uses.
 * @param journal Where each run is kept. @param entries What it holds already: apps that ran alone there do not again.
 */
export async function measureSolos(
  context: CliContext,
  talk: Talk,
  given: SoloArguments,
  engine: Engine,
  what: Plans,
  journal: Pick<Journal, "append">,
  entries: Entry[],
): Promise<SoloRates> {
  if (given.solo !== undefined) {
    const read = readJournal(await context.readFile(given.solo), given.solo);
    if (read === null) throw new InputError(`${given.solo}: holds no measurement`);
    return soloRates(read.entries);
  }
  const known = soloRates(entries);
  for (const [node, all] of await appsByNode(engine, given, what)) {
    const apps = all.filter((app) => !known.has(node, app));
    if (apps.length === 0) continue;
    talk.notice(`${node}: measuring ${apps.join(", ")} alone`);
    const runner = new SwarmRunner(engine, {
      node,
      address: await addressOf(engine, node),
      apps,
      support: splitSupport(what.services).support,
      capacity: 1,
      services: what.services,
      servicesFile: what.servicesFile,
      cpus: given.cpus,
      memory: given.memory,
      load: { loop: load.closedLoop(given), ...load.timesOf(given), seed: given.seed },
      place: load.placeOf(given),
      readySeconds: given.readyTime,
      note: (text) => talk.notice(`${node}: ${text}`),
    });
    const measurer = new SwarmMeasurer({
      apps,
      capacity: 1,
      runners: [runner],
      oneAtATime: true,
      journal: {
        append: (entry) => {
          journal.append(entry);
          entries.push(entry);
        },
        close: () => {},
      },
      entries: [],
      tolerance: TOLERANCE,
      attempts: given.attempts,
      soloEvery: Infinity,
      signal: context.signal,
      now: () => Date.now(),
      note: (text) => talk.notice(text),
    });
    try {
      await measurer.measure(
        apps.map((_, app) => Uint8Array.from(apps, (_, at) => Number(at === app))),
      );
    } finally {
      await runner.clear();
    }
  }
  return soloRates(entries);
}

/** The apps that the plans put on each node. */
export async function appsByNode(
  engine: Engine,
  given: Pick<SoloArguments, "stack" | "nodes" | "nodeLabel">,
  { files, plans }: Pick<Plans, "files" | "plans">,
): Promise<Map<string, string[]>> {
  const state = await readSwarm(engine, given.stack);
  const selection = { names: given.nodes, label: given.nodeLabel };
  const spots = plans.flatMap(({ problem, placement }, at) =>
    placeOnHosts({ problem: checked(problem, files[at]!), placement, selection }, state)
  );
  return new Map(
    [...Map.groupBy(spots, ({ node }) => node)].map(([node, own]) => [
      node,
      [...new Set(own.map(({ app }) => app))],
    ]),
  );
}

/** @throws {InputError} if a plan has nothing to measure. */
function checked(problem: Problem, file: string): Problem {
  if (problem.demand.every((count) => count === 0)) {
    throw new InputError(`${file}: the plan has no container`);
  }
  return problem;
}
