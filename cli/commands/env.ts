import {
  Command,
  type CommandUnknownOpts,
  InvalidArgumentError,
  Option,
} from "@commander-js/extra-typings";
import {
  checkProblem,
  type Demand,
  drawEvenDemand,
  InputError,
  maxCapacity,
  totalSlots,
  UnsupportedError,
  UsageError,
} from "../../domain/mod.ts";
import {
  AUTORESET_MODES,
  checkEnvironment,
  PlacementEnvironment,
  type PlacementEnvironmentOptions,
} from "../../policies/environment/mod.ts";
import { beyondSlots, isSteered } from "../../scheduling/mod.ts";
import type { ProblemFile } from "../../scheduling/problem_file/mod.ts";
import { type CliContext, printJson } from "../context.ts";
import { EnvironmentSession } from "../environment/session.ts";
import { act, type GivenBy } from "../options/define.ts";
import * as options from "../options/mod.ts";
import { loadDemands } from "../options/mod.ts";
import { Talk } from "../output/progress.ts";

/** Most environments of one process. */
const MAX_ENVIRONMENTS = 4096;

/** Options of `metis env`. */
const envOptions = () =>
  [
    ...options.problemOptions(),
    options.rowsOption(),
    new Option("--containers <count>", "draw demands of so many containers, every app as likely")
      .argParser(options.whole(1, options.MAX_UINT32)),
    ...options.ruleOptions(),
    new Option("--number <count>", "environments that are stepped together")
      .argParser(options.whole(1, MAX_ENVIRONMENTS)).default(1),
    new Option("--autoreset <mode>", "what happens where an episode has ended, as in Gymnasium 1.x")
      .choices(AUTORESET_MODES).default(AUTORESET_MODES[0]!),
    new Option(
      "--reward <when>",
      "change: of throughput, by each container; final: all at the end",
    ).choices(["change", "final"] as const).default("change" as const),
    new Option(
      "--branching <counts>",
      "choose a node by levels of groups: 9,9 (default: one choice among all nodes)",
    ).argParser(parseBranching),
    new Option("--encoding <name>", "arrays as lists of numbers, or as their bytes")
      .choices(["json", "base64"] as const).default("json" as const),
    options.seedOption(),
    new Option("--check", "check that the environment keeps its contract, instead"),
    options.quietOption(),
  ] as const;
type EnvArguments = GivenBy<typeof envOptions>;

/** The command `metis env`. */
export function command(context: CliContext): CommandUnknownOpts {
  return act(
    new Command("env").description(
      "Is an environment for reinforcement learning with the meaning of Gymnasium's vector environments: answers " +
        "requests, one line of JSON each, until standard input ends. docs/environment.md has a client in Python.",
    ),
    envOptions(),
    (given) => runEnv(context, given),
  );
}

async function runEnv(context: CliContext, given: EnvArguments): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  const file = await options.loadProblem(context, talk, given.problem);
  if (file !== null) refuseBeyond(file);
  const ground: options.Ground & { readonly demand?: Demand } = file === null
    ? await options.groundByOptions(context, talk, given)
    : await options.groundByFile(context, talk, given, file);
  const { surface, cluster, rules } = ground;
  const capacity = maxCapacity(cluster);
  const demands = await demandsOf(context, given, ground);
  const demand = demands[0] ?? surface.apps.map(() => 0);
  const problem = { apps: surface.apps, cluster, rules, demand };
  for (const demand of demands) checkProblem({ ...problem, demand });
  const simulator = context.blocking(() =>
    surface.simulator(capacity, { onProgress: talk.predicting })
  );
  try {
    talk.clear();
    const { number: environments, autoreset, reward, branching, seed, containers } = given;
    const setting: PlacementEnvironmentOptions = {
      ...{ simulator, problem, environments, autoreset, reward, branching, seed },
      demands: (draws) =>
        containers === undefined
          ? demands[draws.below(demands.length)]!
          : drawEvenDemand(surface.apps.length, containers, draws),
    };
    const create = () => new PlacementEnvironment(setting);
    if (given.check) return printChecks(context, create);
    const { encoding } = given;
    const session = new EnvironmentSession({
      ...{ environment: create(), options: setting, surface, encoding },
    });
    printJson(context, session.opening());
    for await (const line of context.lines()) {
      const answer = session.answer(line);
      if (answer === null) return;
      printJson(context, answer);
    }
  } finally {
    talk.clear();
    simulator.dispose();
  }
}

/** The demands that episodes place; none if each is drawn container by container. */
async function demandsOf(
  context: CliContext,
  given: EnvArguments,
  { surface, cluster, rules, demand: own }: options.Ground & { readonly demand?: Demand },
): Promise<readonly Demand[]> {
  const { containers, demand, demands, rows } = given;
  if (containers === undefined) {
    if (own !== undefined) return [own];
    return (await loadDemands(context, given, rows, surface.apps)).map((row) => row.demand);
  }
  if (demand !== undefined || demands !== undefined || rows !== undefined) {
    throw new UsageError("Give either --containers, or --demand or --demands");
  }
  if (rules.maxPerNode.some((limit) => limit !== null)) {
    throw new UsageError(
      "--containers may draw what --max-per-node has no room for: give --demands",
    );
  }
  const slots = totalSlots(cluster, rules);
  if (containers > slots) {
    throw new InputError(`--containers ${containers} do not fit ${slots} slots`);
  }
  return [];
}

/** Refuses what an episode would not keep. @throws {UnsupportedError} naming the file and what it asks for. */
function refuseBeyond(file: ProblemFile): void {
  const beyond = beyondSlots(file) ??
    (file.floors.some((floor) => floor !== null)
      ? "floors"
      : isSteered(file)
      ? "objective and weights"
      : null);
  if (beyond === null) return;
  throw new UnsupportedError(
    `${file.file}: environments keep slots, maxPerNode, apart and fence, and earn throughput: they do not keep ${beyond}`,
  );
}

function printChecks(context: CliContext, create: () => PlacementEnvironment): void {
  const checks = context.blocking(() => checkEnvironment(create));
  for (const { name, fault } of checks) {
    context.stdout.write(fault === null ? `ok     ${name}\n` : `FAULT  ${name}: ${fault}\n`);
  }
  const faults = checks.filter(({ fault }) => fault !== null).length;
  if (faults > 0) throw new InputError(`${faults} of ${checks.length} checks found a fault`);
}

/** Choices at each level: `9,9`. */
function parseBranching(text: string): number[] {
  const parts = text.split(",").map((part) => part.trim());
  if (!parts.every((part) => /^[1-9]\d{0,6}$/.test(part))) {
    throw new InvalidArgumentError("It must be whole numbers, at least 1: 9,9.");
  }
  return parts.map(Number);
}
