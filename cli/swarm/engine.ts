/**
 * Which engine a command speaks to: the options, and the way to it.
 * @module
 */
import { Option } from "@commander-js/extra-typings";
import { connectEngine, requireManager } from "../../swarm/engine/connect.ts";
import type { Engine } from "../../swarm/engine/engine.ts";
import { exists } from "../../swarm/lab/host.ts";
import { stateFile } from "../../swarm/lab/layout.ts";
import type { CliContext } from "../context.ts";
import type { GivenBy } from "../options/define.ts";

/** Finds the engine; tests give one of their own. */
export type Connect = (context: CliContext, given: EngineArguments) => Promise<Engine>;

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

/** The engine of a Swarm's manager. @throws {EngineUnreachableError} saying what to do if there is none. */
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

/** Any engine, whether in a Swarm or not. @throws {EngineUnreachableError} if there is none. */
export const connectAny: Connect = (context, { host, context: name, insecure }) =>
  connectEngine({ host, context: name, insecure }, context.env);

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

/** True if the engine is of a lab: its nodes share one machine. */
export async function isLab(engine: Engine): Promise<boolean> {
  const match = /^unix:\/\/(.+)\/[^/]+\/docker\.sock$/.exec(engine.name);
  if (match === null) return false;
  return await exists(stateFile(match[1]!));
}
