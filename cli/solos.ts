import { InputError, type Problem } from "../domain/mod.ts";
import type { Engine } from "../swarm/engine/engine.ts";
import type { SoloRates } from "../swarm/measure/evaluate.ts";
import type { Entry } from "../swarm/measure/records.ts";
import type { VerifyArguments } from "./commands/verify.ts";
import type { CliContext } from "./context.ts";
import * as load from "./load.ts";
import type { ReadPlan } from "../scheduling/plans/mod.ts";
import type { Talk } from "./output/progress.ts";
import type * as swarm from "./swarm.ts";

/** Plans, and what runs as their apps. */
interface Plans {
  readonly files: readonly string[];
  readonly plans: readonly ReadPlan[];
  readonly services: Awaited<ReturnType<typeof swarm.loadServices>>["services"];
  readonly servicesFile: string;
}

/** What apps do alone: of the journal of `--solo`, else measured on every node that a plan uses. */
export async function measureSolos(
  context: CliContext,
  talk: Talk,
  given: VerifyArguments,
  engine: Engine,
  what: Plans,
): Promise<SoloRates> {
  const { soloRates } = await import("../swarm/measure/evaluate.ts");
  if (given.solo !== undefined) {
    const { readJournal } = await import("../swarm/measure/journal.ts");
    const journal = readJournal(await context.readFile(given.solo), given.solo);
    if (journal === null) throw new InputError(`${given.solo}: holds no measurement`);
    return soloRates(journal.entries);
  }
  const { SwarmMeasurer } = await import("../swarm/measure/measurer.ts");
  const { addressOf, SwarmRunner } = await import("../swarm/measure/swarm_runner.ts");
  const { splitSupport } = await import("../swarm/services/measuring.ts");
  const { TOLERANCE } = await import("../swarm/measure/verdict.ts");
  const entries: Entry[] = [];
  for (const [node, apps] of await appsByNode(engine, given, what)) {
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
      journal: { append: (entry) => void entries.push(entry), close: () => {} },
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
async function appsByNode(
  engine: Engine,
  given: VerifyArguments,
  { files, plans }: Plans,
): Promise<Map<string, string[]>> {
  const { readSwarm } = await import("../swarm/deploy/state.ts");
  const { placeOnHosts } = await import("../swarm/deploy/target.ts");
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

/** @throws {InputError} where a plan has nothing to measure. */
function checked(problem: Problem, file: string): Problem {
  if (problem.demand.every((count) => count === 0)) {
    throw new InputError(`${file}: the plan has no container`);
  }
  return problem;
}
