import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { InputError } from "../../domain/mod.ts";
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
import type { SoloRates } from "../../swarm/measure/evaluate.ts";
import { judge, TOLERANCE } from "../../swarm/measure/verdict.ts";
import { splitSupport } from "../../swarm/services/measuring.ts";
import { type CliContext, printJson, wantsColor } from "../context.ts";
import * as load from "../measure/load.ts";
import { act, type GivenBy } from "../options/define.ts";
import * as options from "../options/mod.ts";
import { Talk } from "../output/progress.ts";
import { renderVerified, verifiedPlan } from "../output/verified.ts";
import { measureSolos } from "../measure/solos.ts";
import * as swarm from "../swarm/mod.ts";
import { loadPlan, nodeLabelOption, nodeNamesOption, planRequest } from "./deploy.ts";

/** Options of `metis verify`. */
const verifyOptions = () =>
  [
    new Option(
      "--solo <journal>",
      "journal of `metis profile`, for what apps do alone (default: measured first)",
    ),
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
  const plans: ReadPlan[] = [];
  for (const file of files) plans.push(await loadPlan(context, file));
  const loaded = await swarm.loadServices(context, talk, given.services);
  await swarm.withEngine(connect, context, given, async (engine) => {
    if ((await readSwarm(engine, given.stack)).current.length > 0) {
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
    let runs: DeployedContainer[][][];
    let solos: SoloRates;
    try {
      solos = await measureSolos(context, talk, given, engine, { files, plans, ...loaded });
      runs = await deployInTurns(context, talk, given, engine, { files, plans, loaded });
    } finally {
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

/** Deploys the plans in turns, so that a slow hour of the machine hits all of them. */
async function deployInTurns(
  context: CliContext,
  talk: Talk,
  given: VerifyArguments,
  engine: Engine,
  what: {
    readonly files: readonly string[];
    readonly plans: readonly ReadPlan[];
    readonly loaded: Awaited<ReturnType<typeof swarm.loadServices>>;
  },
): Promise<DeployedContainer[][][]> {
  const measuring: DeployedOptions = {
    services: what.loaded.services,
    support: splitSupport(what.loaded.services).support,
    load: { loop: load.closedLoop(given), ...load.timesOf(given), seed: given.seed },
    place: load.placeOf(given),
    readySeconds: given.readyTime,
    oneAtATime: given.oneAtATime ?? await swarm.isLab(engine),
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
  try {
    for (let round = 1; round <= given.rounds; round++) {
      for (const [at, plan] of what.plans.entries()) {
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
