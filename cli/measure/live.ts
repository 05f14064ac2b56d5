import config from "../../deno.json" with { type: "json" };
import { UsageError } from "../../domain/mod.ts";
import { writeProfileCsv } from "../../profiles/mod.ts";
import type { Engine } from "../../swarm/engine/engine.ts";
import { profileOf } from "../../swarm/measure/evaluate.ts";
import { type Journal, openJournal, readJournal } from "../../swarm/measure/journal.ts";
import { type Progress, SwarmMeasurer } from "../../swarm/measure/measurer.ts";
import { type Header, JOURNAL_VERSION } from "../../swarm/measure/records.ts";
import {
  addressOf,
  SwarmRunner,
  type SwarmRunnerOptions,
} from "../../swarm/measure/swarm_runner.ts";
import { TOLERANCE } from "../../swarm/measure/verdict.ts";
import { sha256 } from "../../swarm/names.ts";
import { requireServices } from "../../swarm/services/compose.ts";
import { splitSupport } from "../../swarm/services/measuring.ts";
import { canonical } from "../../swarm/services/spec.ts";
import { needSupport } from "../../swarm/services/support.ts";
import type { CliContext } from "../context.ts";
import { closedLoop, durationText, placeOf, runSeconds, timesOf } from "./load.ts";
import type { Talk } from "../output/progress.ts";
import * as swarm from "../swarm/mod.ts";
import { journalFile, liveCapacity, type ProfileArguments } from "./arguments.ts";
import type { Measuring } from "./measuring.ts";

/** Measurements on the nodes of a Swarm. @param connect Finds the engine; tests give their own. */
export async function liveMeasuring(
  context: CliContext,
  talk: Talk,
  given: ProfileArguments,
  connect: swarm.Connect,
): Promise<Measuring> {
  await context.checkWritable(given.out);
  const loaded = await swarm.loadServices(context, talk, given.services);
  const split = splitSupport(loaded.services);
  const apps = given.apps ?? split.apps;
  requireServices(loaded.services, apps, loaded.servicesFile);
  const capacity = liveCapacity(given);
  const engine = await connect(context, given);
  let journal: Journal | undefined;
  const supported = needSupport(loaded.services, apps);
  const support = async (nodes: readonly string[]) => {
    if (supported) {
      await swarm.changeSupport(
        context,
        talk,
        { ...swarm.SUPPORT_CHANGE, stack: "" },
        engine,
        nodes,
      );
    }
  };
  try {
    const measured = [...apps, ...split.support];
    const services = measured.map((app) => [app, loaded.services.get(app)]);
    const header = await headerOf(given, engine, apps, capacity, services);
    const runners = await runnersOf(engine, given, { ...split, apps, capacity, ...loaded }, talk);
    const path = journalFile(given.out);
    const opened = await openJournal(path, {
      header,
      resume: given.resume === true,
      overwrite: given.overwrite === true,
      read: readJournal,
      checkSame: (before) => checkSame(before, header, path),
      note: (text) => talk.notice(text),
    });
    journal = opened.journal;
    await support(given.nodes as readonly string[]);
    const oneAtATime = given.oneAtATime ?? await swarm.isLab(engine);
    const began = context.seconds();
    const measurer = new SwarmMeasurer({
      apps,
      capacity,
      runners,
      oneAtATime,
      journal,
      entries: opened.entries,
      tolerance: { ...TOLERANCE, spread: given.maxSpread },
      attempts: given.attempts,
      soloEvery: given.soloEvery,
      signal: context.signal,
      now: () => Date.now(),
      note: (text) => talk.notice(text),
      onDone: async (progress) => {
        await save();
        // Active profiling tells its own rounds.
        if (!given.active) tellProgress(talk, progress, context.seconds() - began);
      },
    });
    const save = async () => {
      const rows = measurer.rows();
      // A profile without rows could not be read back.
      if (rows.length > 0) {
        await context.writeFile(given.out, writeProfileCsv(profileOf(apps, rows)));
      }
    };
    const rows = measurer.rows();
    const held = journal;
    return {
      measurer,
      start: rows.length === 0 ? undefined : profileOf(apps, rows),
      save,
      seconds: (configurations) =>
        measuringSeconds(given, configurations, apps.length, runners.length, measurer.parallel),
      summary: () => summaryOf(measurer),
      facts: () => factsOf(measurer, given.out),
      close: async (finished) => {
        try {
          if (finished) await measurer.close();
          await save();
        } finally {
          held.close();
          try {
            if (!given.keep) {
              await Promise.all(runners.map((runner) => runner.clear()));
              await support([]);
            }
          } finally {
            engine.close();
          }
        }
      },
    };
  } catch (error) {
    journal?.close();
    engine.close();
    throw error;
  }
}

/** Seconds that measuring takes, where nothing has to be measured again. */
function measuringSeconds(
  given: ProfileArguments,
  configurations: number,
  apps: number,
  nodes: number,
  parallel: number,
): number {
  // Alone at the beginning, at the end, and between.
  const solos = nodes * apps * (2 + Math.floor(configurations / nodes / given.soloEvery));
  return (configurations + solos) * runSeconds(given) / parallel;
}

async function headerOf(
  given: ProfileArguments,
  engine: Engine,
  apps: readonly string[],
  capacity: number,
  services: unknown,
): Promise<Header> {
  const { users, wait, warmUp, duration, repeats, timeLimit, cpus, memory } = given;
  return {
    kind: "header",
    format: "metis-profile-journal",
    version: JOURNAL_VERSION,
    at: new Date().toISOString(),
    apps: [...apps],
    capacity,
    load: { users, wait: [...wait], warmUp, duration, repeats, timeLimit },
    services: await sha256(canonical([services, cpus, memory])),
    versions: {
      metis: config.version,
      deno: Deno.version.deno,
      engine: (await engine.info()).ServerVersion,
      system:
        `${Deno.build.os} ${Deno.osRelease()} ${Deno.build.arch}, ${navigator.hardwareConcurrency} CPUs`,
    },
  };
}

async function runnersOf(
  engine: Engine,
  given: ProfileArguments,
  what: Pick<
    SwarmRunnerOptions,
    "apps" | "support" | "capacity" | "services" | "servicesFile"
  >,
  talk: Talk,
) {
  const names = given.nodes as readonly string[];
  return await Promise.all(names.map(async (node) =>
    new SwarmRunner(engine, {
      ...what,
      node,
      address: await addressOf(engine, node),
      cpus: given.cpus,
      memory: given.memory,
      firstPort: given.firstPort,
      load: { loop: closedLoop(given), ...timesOf(given), seed: given.seed },
      place: placeOf(given),
      readySeconds: given.readyTime,
      note: (text) => talk.notice(`${node}: ${text}`),
    })
  ));
}

/** @throws {UsageError} if the journal was begun for something else. */
function checkSame(before: Header, now: Header, path: string): void {
  const differs = (["apps", "capacity", "load", "services"] as const).find((field) =>
    JSON.stringify(before[field]) !== JSON.stringify(now[field])
  );
  if (differs === undefined) return;
  const what = differs === "services" ? "services, --cpus or --memory" : differs;
  const values = differs === "services"
    ? ""
    : `: ${JSON.stringify(before[differs])}, now ${JSON.stringify(now[differs])}`;
  throw new UsageError(
    `${path} was begun with other ${what}${values}; measure into another --out`,
  );
}

function tellProgress(talk: Talk, { node, row, done, all }: Progress, seconds: number): void {
  const left = seconds / done * (all - done);
  const what = row === null ? "given up" : `spread ${(100 * row.spread).toFixed(1)} %`;
  const text = `${done} of ${all} on ${node}, ${what}, ${durationText(left)} left`;
  talk.notice(text);
  talk.step({ fraction: done / all, text });
}

type LiveMeasurer = SwarmMeasurer;

function factsOf(measurer: LiveMeasurer, out: string): Record<string, unknown> {
  const rows = measurer.rows();
  const spreads = rows.map(({ spread }) => spread).sort((a, b) => a - b);
  const runs = measurer.entries.filter((entry) => entry.kind === "run");
  return {
    journal: journalFile(out),
    rows: rows.length,
    runs: runs.length,
    voidRuns: runs.filter(({ verdict }) => verdict === "void").length,
    flagged: rows.filter(({ flags }) => flags.length > 0).length,
    spreadMedian: spreads[spreads.length >> 1] ?? null,
    spreadMost: spreads.at(-1) ?? null,
    drifts: measurer.drifts(),
  };
}

function summaryOf(measurer: LiveMeasurer): [string, string][] {
  const { runs, voidRuns, flagged, spreadMedian, spreadMost } = factsOf(measurer, "");
  const percent = (share: unknown) =>
    share === null ? "unknown" : `${(100 * Number(share)).toFixed(1)} %`;
  const drifts = measurer.drifts().map(({ node, app, ratio }) =>
    `${app} on ${node} ${(100 * (ratio - 1)).toFixed(0)} %`
  );
  return [
    ["runs", `${runs}, of them ${voidRuns} void`],
    ["spread of repeats", `${percent(spreadMedian)} (median), ${percent(spreadMost)} (most)`],
    ["flagged", `${flagged} configurations: see the journal`],
    ...(drifts.length === 0 ? [] : [["drift alone", drifts.join(", ")] as [string, string]]),
  ];
}
