import { MetisError } from "../../domain/errors.ts";
import type { Engine } from "../engine/engine.ts";
import { EngineError } from "../errors.ts";
import { STACK_LABEL } from "../services/spec.ts";
import {
  type Change,
  type CurrentService,
  currentService,
  type DesiredService,
} from "./changes.ts";
import { type Patience, retrying } from "./retry.ts";

/** How often a service that others change at the same moment is tried again. */
const MOST_RACES = 10;

/** One change that has been made, and what is needed to undo it. */
export interface Applied {
  readonly change: Change;
  /** Id of the service that is there now; null if it was removed. */
  readonly id: string | null;
}

/** Somebody else changes one of our services at the same time. */
export class RaceError extends MetisError {
  override readonly name = "RaceError";
}

/** How changes are made. */
export interface ApplyOptions extends Patience {
  readonly stack: string;
  /** Calls at once, at least 1. */
  readonly parallelism: number;
  /** Asked before each change: throws where there must be no more. */
  readonly mayContinue: () => void;
  readonly onChange: (change: Change) => void;
  /** Go on after a failure, and throw the first one at the end: for rolling back. @default false */
  readonly keepGoing?: boolean;
}

/**
 * Makes changes in their order, several at once. After the first failure none is begun, those in progress are
 * finished, and the error is thrown.
 * @param applied Grows by every change that was made, also where this fails.
 */
export async function applyChanges(
  engine: Engine,
  changes: readonly Change[],
  applied: Applied[],
  options: ApplyOptions,
): Promise<void> {
  // What frees ports and memory must have been asked for before what needs them.
  const phases = [
    changes.filter((change) => change.kind === "remove" || shrinks(change)),
    changes.filter((change) => change.kind === "update"),
    changes.filter((change) => change.kind === "create" || grows(change)),
  ];
  const failures: unknown[] = [];
  for (const phase of phases) {
    await inParallel(engine, phase, applied, options, failures);
    if (failures.length > 0 && options.keepGoing !== true) break;
  }
  if (failures.length > 0) throw failures[0];
}

async function inParallel(
  engine: Engine,
  changes: readonly Change[],
  applied: Applied[],
  options: ApplyOptions,
  failures: unknown[],
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while ((failures.length === 0 || options.keepGoing) && next < changes.length) {
      const change = changes[next++]!;
      try {
        options.mayContinue();
        options.onChange(change);
        applied.push({ change, id: await applyOne(engine, change, options) });
      } catch (error) {
        failures.push(error);
      }
    }
  };
  const workers = Math.min(options.parallelism, changes.length);
  await Promise.all(Array.from({ length: workers }, worker));
}

async function applyOne(
  engine: Engine,
  change: Change,
  options: ApplyOptions,
): Promise<string | null> {
  switch (change.kind) {
    case "keep":
      return change.from.id;
    case "remove":
      await removeService(engine, change.from.id, options);
      return null;
    case "create":
      return await createService(engine, change.to, options);
    case "scale": {
      // Nothing else is sent back in another form: whatever differed would restart all containers.
      const body = { ...change.from.body, Mode: change.to.body.Mode };
      return await updateService(engine, change.from, { ...change.to, body }, options);
    }
    case "update":
      return await updateService(engine, change.from, change.to, options);
  }
}

async function removeService(engine: Engine, id: string, options: ApplyOptions): Promise<void> {
  await retrying(options, () =>
    engine.removeService(id).catch((error) => {
      if (!isStatus(error, 404)) throw error;
    }));
}

/** Creates a service once, even where the answer to a first try was lost. */
async function createService(
  engine: Engine,
  service: DesiredService,
  options: ApplyOptions,
): Promise<string> {
  const salvage = async () => {
    const twin = await findService(engine, service, options.stack);
    return twin?.hash === service.hash && twin.replicas === service.replicas ? twin.id : undefined;
  };
  return await retrying(options, async () => {
    try {
      return await engine.createService(service.body);
    } catch (error) {
      if (!isStatus(error, 409)) throw error;
      const id = await salvage();
      if (id !== undefined) return id;
      throw new RaceError(
        `A service ${service.name} exists already and does not belong to this plan: ` +
          "remove it or choose another --stack",
        { cause: error },
      );
    }
  }, salvage);
}

async function updateService(
  engine: Engine,
  from: CurrentService,
  to: DesiredService,
  options: ApplyOptions,
): Promise<string> {
  let version = from.version;
  for (let races = 0;; races++) {
    try {
      await retrying(
        options,
        () =>
          engine.updateService(from.id, version, { ...to.body, Name: from.name }).then(() => true),
        async () => (await isAsWanted(engine, from.id, to)) || undefined,
      );
      return from.id;
    } catch (error) {
      if (isStatus(error, 404)) return await createService(engine, to, options);
      if (!isOutOfSequence(error)) throw error;
      const service = currentService(await retrying(options, () => engine.service(from.id)));
      if (isAs(service, to)) return from.id;
      if (service?.hash !== from.hash || races >= MOST_RACES) {
        throw new RaceError(
          `Somebody else is changing the service ${from.name}: wait until they are done, then run this again`,
          { cause: error },
        );
      }
      version = service.version;
    }
  }
}

async function isAsWanted(engine: Engine, id: string, to: DesiredService): Promise<boolean> {
  return isAs(currentService(await engine.service(id)), to);
}

function isAs(service: CurrentService | null, { hash, replicas }: DesiredService): boolean {
  return service?.hash === hash && service.replicas === replicas && !service.isPaused;
}

async function findService(
  engine: Engine,
  { key }: DesiredService,
  stack: string,
): Promise<CurrentService | undefined> {
  const services = await engine.services({ [STACK_LABEL]: stack });
  return services.map(currentService).find((service) => service?.key === key) ?? undefined;
}

function shrinks(change: Change): boolean {
  return change.kind === "scale" && change.to.replicas < change.from.replicas;
}

function grows(change: Change): boolean {
  return change.kind === "scale" && change.to.replicas > change.from.replicas;
}

function isStatus(error: unknown, status: number): boolean {
  return error instanceof EngineError && error.status === status;
}

function isOutOfSequence(error: unknown): boolean {
  return error instanceof EngineError && /out of sequence/i.test(error.reason);
}
