import { InputError } from "../../domain/errors.ts";
import { EngineUnreachableError } from "../errors.ts";
import { type EndpointOptions, findEndpoint } from "./endpoint.ts";
import { type Engine, openEngine } from "./engine.ts";
import { openTransport } from "./transport.ts";

/**
 * Finds the engine that the user means and checks that it answers in a version that we speak.
 * @throws {EngineUnreachableError} saying what to do.
 */
export async function connectEngine(
  options: EndpointOptions,
  env: (name: string) => string | undefined,
): Promise<Engine> {
  const endpoint = await findEndpoint({ env, readText }, options);
  const engine = openEngine(openTransport(endpoint));
  try {
    await engine.version();
    return engine;
  } catch (error) {
    engine.close();
    throw error;
  }
}

/**
 * Checks that the engine manages a Swarm, which is what services are made on.
 * @throws {EngineUnreachableError} if it does not, with the command that helps.
 */
export async function requireManager(engine: Engine): Promise<void> {
  const { Swarm: swarm } = await engine.info();
  if (swarm.ControlAvailable) return;
  throw new EngineUnreachableError(
    swarm.LocalNodeState === "active"
      ? `${engine.name}: this engine is a worker of its Swarm: set --host to a manager`
      : `${engine.name}: this engine is in no Swarm (${swarm.LocalNodeState}): run \`docker swarm init\`, ` +
        "or `metis lab up` for a Swarm to try things out",
  );
}

async function readText(path: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return null;
    }
    throw new InputError(`Cannot read ${path}: permission denied`, { cause: error });
  }
}
