/**
 * What the commands on a real Swarm share: how an engine is named, and how a deployment is told.
 * @module
 */
import { Option } from "@commander-js/extra-typings";
import { UsageError } from "../domain/mod.ts";
import { type Change, realChanges } from "../swarm/deploy/changes.ts";
import {
  deploy,
  type DeployOptions,
  type DeployReport,
  planDeployment,
  type Reporter,
  type Target,
} from "../swarm/deploy/deploy.ts";
import { changeJson, countChanges, describeChange } from "../swarm/deploy/describe.ts";
import { lockOwner } from "../swarm/deploy/owner.ts";
import { readSwarm } from "../swarm/deploy/state.ts";
import { supportTarget } from "../swarm/deploy/support.ts";
import { placeOnHosts, type PlanRequest } from "../swarm/deploy/target.ts";
import { connectEngine, requireManager } from "../swarm/engine/connect.ts";
import type { Engine } from "../swarm/engine/engine.ts";
import { exists } from "../swarm/lab/host.ts";
import { stateFile } from "../swarm/lab/layout.ts";
import { readServices, secretLike, type Services } from "../swarm/services/compose.ts";
import { needSupport } from "../swarm/services/support.ts";
import { bytesOf } from "../swarm/services/units.ts";
import { workloadServices } from "../swarm/services/workloads.ts";
import { type CliContext, printJson, readText } from "./context.ts";
import type { GivenBy } from "./options/define.ts";
import * as options from "./options/options.ts";
import type { Talk } from "./output/progress.ts";

/** Finds the engine; tests give one of their own. */
export type Connect = (context: CliContext, given: EngineArguments) => Promise<Engine>;

/** How support is brought up and taken down by commands without options for it. */
export const SUPPORT_CHANGE: Omit<ChangeArguments, keyof EngineArguments | "stack"> = {
  timeout: 300,
  monitor: 0,
  parallelism: 4,
  rollback: false,
};

/** Options of everything that changes a Swarm and waits. */
export interface ChangeArguments extends EngineArguments {
  readonly stack: string;
  readonly timeout: number;
  readonly monitor: number;
  readonly parallelism: number;
  /** False with `--no-rollback`. */
  readonly rollback: boolean;
  readonly force?: true | undefined;
  readonly dryRun?: true | undefined;
  readonly json?: true | undefined;
  readonly quiet?: true | undefined;
}

/** Stack of deployed plans, unless told otherwise. */
export const DEFAULT_STACK = "metis";

/** Address of an engine. */
export const hostOption = () =>
  new Option(
    "--host <address>",
    "manager's engine: unix:///PATH, ssh://USER@HOST, tcp://HOST:PORT",
  );

/** Context of the docker command. */
export const contextOption = () =>
  new Option("--context <name>", "Docker context of a manager, as `docker context ls` lists it");

/** TCP without TLS. */
export const insecureOption = () => new Option("--insecure", "allow tcp:// without TLS");

/** Which engine. */
export const engineOptions = () => [hostOption(), contextOption(), insecureOption()] as const;

/** Values of {@link engineOptions}. */
export type EngineArguments = GivenBy<typeof engineOptions>;

/** Name of a stack. */
export const stackOption = (stack: string = DEFAULT_STACK) =>
  new Option("--stack <name>", "name that `docker stack` knows it by").default(stack);

/** What runs as each app. */
export const servicesOption = () =>
  new Option(
    "--services <file>",
    "what runs as each app: a Compose file, YAML or JSON (default: the bundled workloads)",
  );

/** End of the wait. */
export const timeoutOption = () =>
  new Option("--timeout <seconds>", "end the wait after this, with exit code 4")
    .argParser(options.positive).default(600);

/** Time for which all must keep running. */
export const monitorOption = () =>
  new Option("--monitor <seconds>", "how long tasks must keep running to count as stable")
    .argParser(seconds).default(5);

/** Calls at once. */
export const parallelismOption = () =>
  new Option("--parallelism <count>", "services that are changed at once")
    .argParser(options.whole(1, 64)).default(4);

/** Keep what a failed deployment did. */
export const noRollbackOption = () =>
  new Option("--no-rollback", "keep what was done where it fails, instead of taking it back");

/** Accept what preflight refuses. */
export const forceOption = () =>
  new Option(
    "--force",
    "allow published ports that nodes are managed by (22, 2375-2377, ...), and images that neither this manager nor " +
      "their registry has",
  );

/** Share of the node that a container gets where nothing is said. */
const SHARE = "the node's, divided by its slots";

/** CPUs of containers. @param scope Whom it holds for, and what is the default. */
export const cpusOption = (scope: string = ` (default: ${SHARE})`) =>
  new Option("--cpus <count>", `CPUs of each container at most${scope}`)
    .argParser(options.positive);

/** Memory of containers. */
export const memoryOption = () =>
  new Option("--memory <size>", "memory of each container at most: 512M (default: likewise)")
    .argParser(memorySize);

/** {@link cpusOption} of plans, whose own services are limited only where they say so. */
export const planCpusOption = () =>
  cpusOption(`, where its service says nothing (default for the bundled workloads: ${SHARE})`);

/** @throws {UsageError} where it is no size. */
function memorySize(text: string): string {
  try {
    bytesOf(text, "--memory");
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
  return text;
}

/** Only show. */
export const dryRunOption = () =>
  new Option("--dry-run", "show what would change, and change nothing");

function seconds(text: string): number {
  return text === "0" ? 0 : options.positive(text);
}

/** The engine of a Swarm's manager. @throws {EngineUnreachableError} saying what to do where there is none. */
export const connectManager: Connect = async (context, given) => {
  const engine = await connectEngine(
    { host: given.host, context: given.context, insecure: given.insecure },
    context.env,
  );
  try {
    await requireManager(engine);
    return engine;
  } catch (error) {
    engine.close();
    throw error;
  }
};

/** Any engine, whether in a Swarm or not. @throws {EngineUnreachableError} where there is none. */
export const connectAny: Connect = (context, { host, context: name, insecure }) =>
  connectEngine({ host, context: name, insecure }, context.env);

/** What runs as each app: of the file, else the bundled workloads; says where secrets are in the open. */
export async function loadServices(
  context: CliContext,
  talk: Talk,
  file: string | undefined,
): Promise<{ services: Services; servicesFile: string }> {
  if (file === undefined) {
    return { services: workloadServices(), servicesFile: "the bundled workloads" };
  }
  const services = readServices(await readText(context, file), file, {
    variables: context.env,
    onIgnored: (text) =>
      talk.notice(`${file}: ignored, as \`docker stack\` or the plan has it: ${text}`),
  });
  for (const [app, service] of services) {
    const names = secretLike(service);
    if (names.length === 0) continue;
    talk.notice(
      `${file}: services.${app}: ${
        names.join(", ")
      } in the environment can be read by all who may ` +
        "inspect the service: `secrets` keeps it",
    );
  }
  return { services, servicesFile: file };
}

/** Tells a deployment on standard error, in the words of docker. */
export function reporterOf(context: CliContext, talk: Talk): Reporter {
  let shown = -1;
  let shownAt = -Infinity;
  const verbs = { create: "Creating", update: "Updating", scale: "Scaling", remove: "Removing" };
  return {
    planned: (changes) => talk.notice(countChanges(changes)),
    change: (change) => {
      if (change.kind === "keep") return;
      const name = change.kind === "create" ? change.to.name : change.from.name;
      talk.notice(`${verbs[change.kind]} service ${name}`);
    },
    progress: ({ running, wanted }) => {
      const text = `overall progress: ${running} out of ${wanted} tasks`;
      if (context.stderr.isTerminal) {
        return talk.step({ fraction: wanted === 0 ? 1 : running / wanted, text });
      }
      // In a log, a line each time something moved, but not more than one in two seconds.
      const now = context.seconds();
      if (running === shown || (running < wanted && now - shownAt < 2)) return;
      shown = running;
      shownAt = now;
      talk.notice(text);
    },
    note: (text) => talk.notice(text),
  };
}

/** Shows what would change: the result of `--dry-run`. */
export function printChanges(
  context: CliContext,
  stack: string,
  changes: readonly Change[],
  json: boolean,
): void {
  if (json) {
    return printJson(context, { stack, changes: realChanges(changes).map(changeJson) });
  }
  const lines = realChanges(changes).map((change) => describeChange(change) + "\n").join("");
  context.stdout.write(`${lines}${countChanges(changes)}\n`);
}

/** Shows how a deployment ended that converged. */
export function printReport(context: CliContext, report: DeployReport, json: boolean): void {
  const { stack, changes, containers, seconds } = report;
  const made = realChanges(changes).length;
  if (json) {
    return printJson(context, {
      stack,
      outcome: "converged",
      changed: made,
      changes: realChanges(changes).map(changeJson),
      containers,
      seconds,
    });
  }
  const what = made === 0 ? "nothing changed" : made === 1 ? "1 change" : `${made} changes`;
  context.stdout.write(
    `${stack}: ${containers} containers run, ${what} (${seconds.toFixed(1)} s)\n`,
  );
}

/** Runs work with an engine, and closes it. */
export async function withEngine<T>(
  connect: Connect,
  context: CliContext,
  given: EngineArguments,
  work: (engine: Engine) => Promise<T>,
): Promise<T> {
  const engine = await connect(context, given);
  try {
    return await work(engine);
  } finally {
    engine.close();
  }
}

/** True where the engine is of a lab: its nodes share one machine. */
export async function isLab(engine: Engine): Promise<boolean> {
  const match = /^unix:\/\/(.+)\/[^/]+\/docker\.sock$/.exec(engine.name);
  if (match === null) return false;
  return await exists(stateFile(match[1]!));
}

/** Carries a change of the Swarm out, or shows it with `--dry-run`. */
export async function changeSwarm(
  context: CliContext,
  talk: Talk,
  given: ChangeArguments,
  engine: Engine,
  target: Target,
): Promise<void> {
  if (given.dryRun) {
    const changes = await planDeployment(engine, target);
    return printChanges(context, target.stack, changes, given.json === true);
  }
  try {
    const report = await deploy(
      engine,
      target,
      deployOptions(context, given),
      reporterOf(context, talk),
    );
    talk.clear();
    printReport(context, report, given.json === true);
  } finally {
    talk.clear();
  }
}

/**
 * Starts what the bundled workloads need on the nodes that they are going to run on, and removes what none needs
 * any more. A stack of its own, since the workloads of several stacks share it.
 * @param environment Of the file server.
 */
export async function changeSupport(
  context: CliContext,
  talk: Talk,
  given: ChangeArguments,
  engine: Engine,
  coming: readonly string[],
  environment?: Readonly<Record<string, string>>,
): Promise<void> {
  const target = supportTarget(engine, coming, environment);
  const changes = realChanges(await planDeployment(engine, target));
  if (changes.length === 0) return;
  if (given.dryRun) {
    for (const change of changes) talk.notice(`Support: ${describeChange(change)}`);
    return;
  }
  try {
    const { signal, ...options } = deployOptions(context, given);
    // What is taken away after a Ctrl-C must not be stopped by it.
    const stoppable = coming.length > 0 && signal !== undefined ? { signal } : {};
    await deploy(engine, target, { ...options, ...stoppable }, reporterOf(context, talk));
  } finally {
    talk.clear();
  }
}

/** {@link changeSupport} for the nodes of plans, where one of their apps needs it. */
export async function supportPlans(
  context: CliContext,
  talk: Talk,
  given: ChangeArguments,
  engine: Engine,
  requests: readonly PlanRequest[],
): Promise<void> {
  const inNeed = requests.filter(({ services, problem }) => needSupport(services, problem.apps));
  if (inNeed.length === 0) return;
  const state = await readSwarm(engine, given.stack);
  const nodes = inNeed.flatMap((request) => placeOnHosts(request, state).map(({ node }) => node));
  await changeSupport(context, talk, given, engine, [...new Set(nodes)]);
}

function deployOptions(context: CliContext, given: ChangeArguments): DeployOptions {
  const { timeout, monitor, parallelism, rollback, force } = given;
  return {
    ...{ timeout, monitor, parallelism, rollback },
    checksImages: force !== true,
    owner: lockOwner(),
    signal: context.signal,
  };
}
