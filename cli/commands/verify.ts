import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { countOf, InputError, InterruptedError, UsageError } from "../../domain/mod.ts";
import type { ReadPlan } from "../../scheduling/plans/mod.ts";
import { lockOwner } from "../../swarm/deploy/owner.ts";
import { readSwarm } from "../../swarm/deploy/state.ts";
import { planTarget } from "../../swarm/deploy/target.ts";
import type { Engine } from "../../swarm/engine/engine.ts";
import { MeasureError } from "../../swarm/errors.ts";
import { achievedBy, winnerOf } from "../../swarm/measure/comparison.ts";
import {
  type DeployedContainer,
  type DeployedOptions,
  measureDeployed,
  removeDeployed,
} from "../../swarm/measure/deployed.ts";
import { type SoloRates, soloRates } from "../../swarm/measure/evaluate.ts";
import { type Journal, openJournal, readVerifyJournal } from "../../swarm/measure/journal.ts";
import {
  JOURNAL_VERSION,
  type VerifyEntry,
  type VerifyHeader,
} from "../../swarm/measure/records.ts";
import { judge, TOLERANCE } from "../../swarm/measure/verdict.ts";
import { sha256 } from "../../swarm/names.ts";
import { splitSupport } from "../../swarm/services/measuring.ts";
import { canonical } from "../../swarm/services/spec.ts";
import { type CliContext, printJson, wantsColor } from "../context.ts";
import * as load from "../measure/load.ts";
import { act, type GivenBy } from "../options/define.ts";
import * as options from "../options/mod.ts";
import { Talk } from "../output/progress.ts";
import { renderVerified, verifiedPlan } from "../output/verified.ts";
import { appsByNode, measureSolos } from "../measure/solos.ts";
import * as swarm from "../swarm/mod.ts";
import { nodeLabelOption, nodeNamesOption, planRequest } from "./deploy.ts";

/** Options of `metis verify`. */
const verifyOptions = () =>
  [
    new Option(
      "--solo <journal>",
      "journal of `metis profile`, for what apps do alone (default: measured first)",
    ),
    new Option("--journal <file>", "keep every measurement in this file at once"),
    new Option("--resume", "go on with the --journal of a run that was stopped").conflicts(
      "overwrite",
    ),
    new Option("--overwrite", "begin again, though --journal holds measurements"),
    new Option("--rounds <count>", "times that each plan is deployed, in turn")
      .argParser(options.whole(1, 100)).default(1),
    ...load.loopOptions({ wait: "0..1", warmUp: 10, duration: 60, repeats: 3 }),
    new Option("--attempts <count>", "tries at a measurement that fails").argParser(
      options.whole(1, 100),
    ).default(3),
    new Option("--ready-time <seconds>", "time that containers may take until they answer")
      .argParser(options.positive).default(120),
    swarm.planCpusOption(),
    swarm.memoryOption(),
    new Option("--one-at-a-time", "never load two nodes at once (usual in a lab)"),
    new Option("--no-one-at-a-time", "load all nodes at once, also in a lab"),
    ...load.placeOptions(),
    options.problemOfPlanOption(),
    swarm.servicesOption(),
    nodeNamesOption(),
    nodeLabelOption(),
    swarm.stackOption("metis-verify"),
    swarm.timeoutOption(),
    swarm.parallelismOption(),
    swarm.forceOption(),
    ...swarm.engineOptions(),
    options.seedOption(),
    ...options.outputOptions(),
  ] as const;
type VerifyArguments = GivenBy<typeof verifyOptions>;

/** The command `metis verify`. @param connect Finds the engine; tests give their own. */
export function command(
  context: CliContext,
  connect: swarm.Connect = swarm.connectManager,
): CommandUnknownOpts {
  return act(
    new Command("verify")
      .description(
        "Deploys plans one after another, loads all their containers at once (in a lab, whose nodes share one " +
          "machine, those of one node after the other), and shows the throughput that was " +
          "predicted beside what was measured, and which plan won. What it deployed is removed again.",
      )
      .argument("<plans...>", "plans saved by `metis schedule --out`"),
    verifyOptions(),
    (files, given) => runVerify(context, files, given, connect),
  );
}

async function runVerify(
  context: CliContext,
  files: readonly string[],
  given: VerifyArguments,
  connect: swarm.Connect,
): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  if (given.journal === undefined && (given.resume || given.overwrite)) {
    throw new UsageError("Say what to go on with, or to begin again: --journal FILE");
  }
  const plans: ReadPlan[] = [];
  const problem = await options.loadProblem(context, talk, given.problem);
  for (const file of files) {
    plans.push(options.planOnProblem(await options.loadPlan(context, file), file, problem));
  }
  const loaded = await swarm.loadServices(context, talk, given.services);
  await swarm.withEngine(connect, context, given, async (engine) => {
    // What a run left that was killed is what it goes on with.
    if (!given.resume && (await readSwarm(engine, given.stack)).current.length > 0) {
      throw new InputError(
        `The stack ${given.stack} is already running: \`metis undeploy --stack ${given.stack}\` removes what an ` +
          "earlier run left, or choose another --stack",
      );
    }
    const requests = plans.map((plan, at) =>
      planRequest(plan, files[at]!, loaded, { ...given, onlyPlanned: true })
    );
    const change = { ...swarm.SUPPORT_CHANGE, stack: given.stack };
    await swarm.supportPlans(context, talk, change, engine, requests);
    const kept = await openVerifyJournal(talk, given, verifyHeader(given, files, plans, loaded));
    await tellTime(talk, given, engine, files, plans, kept.entries);
    const alone = kept.entries.filter((entry) => entry.kind !== "measured");
    let runs: DeployedContainer[][][];
    let solos: SoloRates;
    try {
      const what = { files, plans, ...loaded };
      solos = await measureSolos(context, talk, given, engine, what, kept.journal, alone);
      runs = await deployInTurns(context, talk, given, engine, { files, plans, loaded, kept });
    } catch (error) {
      if (!(error instanceof InterruptedError) || given.journal === undefined) throw error;
      throw new InterruptedError(
        `Interrupted: what was measured is kept in ${given.journal}: resume with --resume`,
      );
    } finally {
      kept.journal.close();
      await swarm.changeSupport(context, talk, change, engine, []);
    }
    const verified = files.map((file, at) =>
      verifiedPlan(
        file,
        plans[at]!,
        achievedBy(runs[at]!, (node, app) => rateOf(solos, node, app)),
      )
    );
    const winner = winnerOf(verified.map(({ measured }) => measured));
    if (given.json) {
      const won = winner && { ...winner, plan: files[winner.plan] };
      return printJson(context, { plans: verified, winner: won });
    }
    const layout = { width: context.stdout.columns, color: wantsColor(context, context.stdout) };
    context.stdout.write(renderVerified(verified, winner, layout));
  });
}

type Loaded = Awaited<ReturnType<typeof swarm.loadServices>>;

/** What is measured, and where it is kept. */
interface Kept {
  readonly journal: Journal<VerifyEntry>;
  /** What it held before. */
  readonly entries: readonly VerifyEntry[];
}

function verifyHeader(
  given: VerifyArguments,
  files: readonly string[],
  plans: readonly ReadPlan[],
  { services }: Loaded,
): VerifyHeader {
  const { users, wait, warmUp, duration, repeats, timeLimit, cpus, memory } = given;
  return {
    kind: "header",
    format: "metis-verify-journal",
    version: JOURNAL_VERSION,
    at: new Date().toISOString(),
    plans: plans.map(({ problem, placement: { nodes, counts } }, at) => ({
      file: files[at]!,
      deploys: sha256(canonical([problem.apps, nodes, [...counts]])),
    })),
    load: { users, wait: [...wait], warmUp, duration, repeats, timeLimit },
    services: sha256(canonical([[...services], cpus, memory])),
  };
}

/** The journal that is named, else one that nothing is kept in. @throws {UsageError} if it was begun for something else. */
async function openVerifyJournal(
  talk: Talk,
  { journal: path, resume, overwrite }: VerifyArguments,
  header: VerifyHeader,
): Promise<Kept> {
  if (path === undefined) return { journal: { append: () => {}, close: () => {} }, entries: [] };
  return await openJournal(path, {
    header,
    resume: resume === true,
    overwrite: overwrite === true,
    read: readVerifyJournal,
    checkSame: (before) => {
      const differs = (["plans", "load", "services"] as const).find((field) =>
        canonical(before[field]) !== canonical(header[field])
      );
      if (differs === undefined) return;
      throw new UsageError(
        `${path} was begun with other ${
          differs === "services" ? "services, --cpus or --memory" : differs
        }; name another --journal`,
      );
    },
    note: (text) => talk.notice(text),
  });
}

function measuredOf(entries: readonly VerifyEntry[]): Map<string, DeployedContainer[]> {
  return new Map(
    entries.flatMap((entry) =>
      entry.kind === "measured"
        ? [[measuredKey(entry.plan, entry.round), entry.containers] as const]
        : []
    ),
  );
}

function measuredKey(plan: number, round: number): string {
  return `${plan} ${round}`;
}

async function isOneAtATime({ oneAtATime }: VerifyArguments, engine: Engine): Promise<boolean> {
  return oneAtATime ?? await swarm.isLab(engine);
}

/** Says how long it will take, before it begins. */
async function tellTime(
  talk: Talk,
  given: VerifyArguments,
  engine: Engine,
  files: readonly string[],
  plans: readonly ReadPlan[],
  entries: readonly VerifyEntry[],
): Promise<void> {
  const known = measuredOf(entries);
  const oneAtATime = await isOneAtATime(given, engine);
  const once = load.runSeconds(given);
  let [rounds, runs] = [0, 0];
  for (const [at, { placement: { nodes, apps, counts } }] of plans.entries()) {
    const used = Array.from(
      { length: nodes },
      (_, node) => counts.subarray(node * apps, (node + 1) * apps),
    ).filter((own) => own.some((one) => one > 0));
    for (let round = 1; round <= given.rounds; round++) {
      if (known.has(measuredKey(at, round))) continue;
      rounds++;
      runs += oneAtATime ? used.length : 1;
    }
  }
  if (rounds === 0) return;
  const alone = soloRates(entries.filter((entry) => entry.kind !== "measured"));
  const solos = given.solo !== undefined
    ? 0
    : [...await appsByNode(engine, given, { files, plans })].flatMap(([node, apps]) =>
      apps.filter((app) => !alone.has(node, app))
    ).length;
  talk.notice(
    `about ${load.durationText((runs + solos) * once)} for ${countOf(rounds, "deployment")}${
      solos === 0 ? "" : ` and ${countOf(solos, "run")} of an app alone`
    }: less by a shorter --duration, fewer --repeats or a --solo journal`,
  );
}

/** Deploys the plans in turns, so that a slow hour of the machine hits all of them. */
async function deployInTurns(
  context: CliContext,
  talk: Talk,
  given: VerifyArguments,
  engine: Engine,
  what: {
    readonly files: readonly string[];
    readonly plans: readonly ReadPlan[];
    readonly loaded: Loaded;
    readonly kept: Kept;
  },
): Promise<DeployedContainer[][][]> {
  const measuring: DeployedOptions = {
    services: what.loaded.services,
    support: splitSupport(what.loaded.services).support,
    load: { loop: load.closedLoop(given), ...load.timesOf(given), seed: given.seed },
    place: load.placeOf(given),
    readySeconds: given.readyTime,
    oneAtATime: await isOneAtATime(given, engine),
    deploy: {
      timeout: given.timeout,
      monitor: 0,
      parallelism: given.parallelism,
      rollback: false,
      owner: lockOwner(),
      signal: context.signal,
    },
    reporter: swarm.reporterOf(context, talk),
    signal: context.signal,
  };
  const runs: DeployedContainer[][][] = what.plans.map(() => []);
  const known = measuredOf(what.kept.entries);
  try {
    for (let round = 1; round <= given.rounds; round++) {
      for (const [at, plan] of what.plans.entries()) {
        const before = known.get(measuredKey(at, round));
        if (before !== undefined) {
          runs[at]!.push(before);
          continue;
        }
        const target = planTarget(
          engine,
          planRequest(plan, what.files[at]!, what.loaded, { ...given, onlyPlanned: true }),
        );
        for (let attempt = 1;; attempt++) {
          talk.notice(`${what.files[at]}: deploying and measuring (round ${round})`);
          const { containers, void: excuse } = await measureDeployed(engine, target, measuring);
          const judged = judge(containers, TOLERANCE, nameOf);
          const reason = excuse ?? (judged.verdict === "void" ? judged.reason : null);
          if (reason === null) {
            for (const odd of judged.outliers) talk.notice(`${what.files[at]}: ${odd}`);
            runs[at]!.push([...containers]);
            what.kept.journal.append({
              kind: "measured",
              at: new Date().toISOString(),
              plan: at,
              round,
              containers: [...containers],
            });
            break;
          }
          if (attempt === given.attempts) {
            throw new MeasureError(
              `${what.files[at]}: void in each of ${attempt} attempts: ${reason}`,
            );
          }
          talk.notice(`${what.files[at]}: void: ${reason}, measured again`);
        }
      }
    }
  } finally {
    talk.clear();
    await removeDeployed(engine, given.stack, measuring);
  }
  return runs;
}

function nameOf(container: { app: string; slot: number }): string {
  return `${container.app} on ${(container as DeployedContainer).node}`;
}

/** Of the node, or where it was not measured there, of any node. @throws {MeasureError} if it never ran alone. */
function rateOf(solos: SoloRates, node: string, app: string): number {
  const rate = solos.rate(node, app, Date.now());
  if (rate > 0) return rate;
  const other = solos.anywhere(app);
  if (other > 0) return other;
  throw new MeasureError(
    `${app} never ran alone: measure it by \`metis profile\`, or leave --solo out`,
  );
}
