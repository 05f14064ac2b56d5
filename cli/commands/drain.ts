import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { replan, type ReplanProblem } from "../../replanning/mod.ts";
import { systemClock } from "../../swarm/clock.ts";
import { planDeployment } from "../../swarm/deploy/deploy.ts";
import { checkDrainable, drainNode } from "../../swarm/deploy/drain.ts";
import { currentOfStack, ifStill, printOf, type StackNow } from "../../swarm/deploy/stack.ts";
import { readSwarm } from "../../swarm/deploy/state.ts";
import { planTarget } from "../../swarm/deploy/target.ts";
import type { Engine } from "../../swarm/engine/engine.ts";
import { type CliContext, printJson, wantsColor } from "../context.ts";
import { act, type GivenBy } from "../options/define.ts";
import * as options from "../options/mod.ts";
import { Talk } from "../output/progress.ts";
import type { Replanning } from "../replan/load.ts";
import * as own from "../replan/options.ts";
import { renderReplan } from "../replan/render.ts";
import { findingsOf, reportOf } from "../replan/result.ts";
import { searchOptions, withReplanning } from "../replan/run.ts";
import { sourceOfNow, stackNodesOptions } from "../replan/source.ts";
import * as swarm from "../swarm/mod.ts";

/** Options of `metis drain`. */
const drainOptions = () =>
  [
    swarm.runningServicesOption(),
    ...stackNodesOptions(),
    new Option(
      "--keep-active",
      "move everything of the stack off the node, and leave the node active",
    ),
    ...own.stackProblemOptions(),
    ...options.objectiveOptions(),
    own.keepRunningOption(),
    ...own.effortOptions(),
    swarm.planCpusOption(),
    swarm.memoryOption(),
    ...swarm.changeOptions(),
  ] as const;
type DrainArguments = GivenBy<typeof drainOptions>;

/** The command `metis drain`. @param connect Finds the engine; tests give their own. */
export function command(
  context: CliContext,
  connect: swarm.Connect = swarm.connectManager,
): CommandUnknownOpts {
  return act(
    new Command("drain")
      .description(
        "Empties a node of a Swarm: places what a stack runs there on the other nodes as well as they can take it, moves it " +
          "in stages, each started elsewhere before it stops where there is room, and sets the node to be drained. Nothing else moves unless it must.",
      )
      .argument("<node>", "host name"),
    drainOptions(),
    (node, given) => runDrain(context, node, given, connect),
  );
}

async function runDrain(
  context: CliContext,
  node: string,
  given: DrainArguments,
  connect: swarm.Connect,
): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  const problemFile = await options.loadProblem(context, talk, given.problem);
  await swarm.withEngine(connect, context, given, async (engine) => {
    const services = await swarm.loadRunningServices(context, talk, given, engine);
    if (!given.keepActive) {
      checkDrainable(await readSwarm(engine, given.stack), node, given.stack);
    }
    const now = await currentOfStack(engine, given.stack, nodesOf(given));
    const source = sourceOfNow(now, given.stack, [node]);
    await withReplanning(
      context,
      talk,
      source,
      given,
      problemFile,
      (_, demand) => demand(),
      async (problem, loaded) => {
        await moveAway(context, talk, engine, node, given, services, now, problem, loaded);
      },
    );
  });
}

const nodesOf = ({ nodeLabel, slots }: DrainArguments) => ({ label: nodeLabel, slots });

/** Replans without the node, moves what has to, and drains the node. */
async function moveAway(
  context: CliContext,
  talk: Talk,
  engine: Engine,
  node: string,
  given: DrainArguments,
  services: Awaited<ReturnType<typeof swarm.loadServices>>,
  now: StackNow,
  problem: ReplanProblem,
  loaded: Replanning,
): Promise<void> {
  const { stack } = given;
  const replanned = await replan(problem, {
    ...searchOptions(context, talk, given),
    fewestMoves: true,
  });
  const found = findingsOf(talk, loaded, problem, replanned, 0, given.keepRunning);
  const report = reportOf(loaded, problem, found, `the stack ${stack}`);
  talk.clear();
  const request = {
    stack,
    problem,
    placement: replanned.placement,
    planFile: "the new placement",
    ...services,
    selection: { names: loaded.nodeNames },
    force: given.force === true,
    limits: { cpus: given.cpus, memory: given.memory },
  };
  const target = ifStill(engine, planTarget(engine, request), printOf(now), nodesOf(given));
  const layout = { width: context.stdout.columns, color: wantsColor(context, context.stdout) };
  const print = (text: string) => {
    if (!given.json) context.stdout.write(text);
  };
  print(renderReplan(report, layout) + "\n");
  if (given.dryRun) {
    const planned = await planDeployment(engine, target, given);
    if (given.json) {
      return printJson(context, {
        ...report,
        stack,
        node,
        drained: false,
        ...swarm.plannedJson(planned),
      });
    }
    return print(
      swarm.plannedText(planned) + (given.keepActive ? "" : `then ${node} is drained\n`),
    );
  }
  await swarm.supportPlans(context, talk, given, engine, [request]);
  const done = await swarm.deployTarget(context, talk, given, engine, target);
  if (!given.keepActive) {
    const deadline = systemClock.now() + given.timeout * 1000;
    const patience = { clock: systemClock, deadline, signal: context.signal };
    // Others may have deployed since the stack was changed.
    checkDrainable(await readSwarm(engine, stack), node, stack, true);
    await drainNode(engine, node, patience);
  }
  await swarm.changeSupport(context, talk, given, engine, []);
  print(swarm.reportText(done) + (given.keepActive ? "" : `${node} is drained\n`));
  if (given.json) {
    printJson(context, {
      ...report,
      stack,
      node,
      drained: given.keepActive !== true,
      ...swarm.reportJson(done),
    });
  }
}
