import { MetisError } from "../../domain/errors.ts";
import type { Engine } from "../engine/engine.ts";
import type { Config } from "../engine/schemas.ts";
import { EngineError } from "../errors.ts";
import { STACK_LABEL } from "../services/spec.ts";
import { type Patience, retrying } from "./retry.ts";

const OWNER_LABEL = "io.metis.lock.owner";
const BEAT_LABEL = "io.metis.lock.beat";
const BEAT_MS = 3000;
/** A lock whose owner gave no sign of life for so long is broken. */
const STALE_MS = 12_000;

/** Another deployment of the same stack is under way. */
export class LockedError extends MetisError {
  override readonly name = "LockedError";
}

/** A held lock. */
export interface Lock {
  /** @throws {LockedError} if somebody else has taken it. */
  check(): void;
  release(): Promise<void>;
}

/** What a lock of a stack is for; each purpose has a lock of its own. */
export type LockPurpose = "deploying" | "watching";

/**
 * Takes the lock of a stack: a config of the Swarm, since the Swarm gives each name once. Its owner
 * changes a label of it every few seconds; no two machines' clocks are compared.
 * @param owner Who we are, shown to others. @param onWait Told once where the lock of a dead owner is waited for.
 * @throws {LockedError} naming the owner that is alive.
 */
export async function takeLock(
  engine: Engine,
  stack: string,
  owner: string,
  patience: Patience,
  onWait: (owner: string) => void,
  purpose: LockPurpose = "deploying",
): Promise<Lock> {
  // No stack has a dot in its name.
  const name = `metis-lock-${stack}${purpose === "deploying" ? "" : `.${purpose}`}`;
  const labels = { [STACK_LABEL]: stack, [OWNER_LABEL]: owner };
  const own = async () => {
    const config = await findConfig(engine, name);
    return config?.Spec.Labels?.[OWNER_LABEL] === owner ? config.ID : undefined;
  };
  for (;;) {
    try {
      const id = await retrying(patience, () => engine.createConfig(name, labels), own);
      return holdLock(engine, name, id, labels, patience);
    } catch (error) {
      if (!(error instanceof EngineError && error.status === 409)) throw error;
      const id = await own();
      if (id !== undefined) return holdLock(engine, name, id, labels, patience);
      await breakStale(engine, name, `${purpose} the stack ${stack}`, patience, onWait);
    }
  }
}

async function breakStale(
  engine: Engine,
  name: string,
  doing: string,
  patience: Patience,
  onWait: (owner: string) => void,
): Promise<void> {
  const { clock, signal } = patience;
  const first = await retrying(patience, () => findConfig(engine, name));
  if (first === undefined) return;
  const owner = first.Spec.Labels?.[OWNER_LABEL] ?? "somebody";
  const until = clock.now() + STALE_MS;
  let told = false;
  while (clock.now() < until) {
    if (!told && clock.now() > until - STALE_MS + BEAT_MS) {
      onWait(owner);
      told = true;
    }
    await clock.sleep(1000, signal);
    if (signal?.aborted) throw new LockedError("Interrupted");
    const now = await retrying(patience, () => findConfig(engine, name));
    if (now === undefined || now.ID !== first.ID) return;
    if (now.Version.Index !== first.Version.Index) {
      throw new LockedError(
        `${owner} is ${doing}: wait until that has ended`,
      );
    }
  }
  await engine.removeConfig(first.ID).catch((error) => {
    if (!(error instanceof EngineError && error.status === 404)) throw error;
  });
}

function holdLock(
  engine: Engine,
  name: string,
  id: string,
  labels: Readonly<Record<string, string>>,
  { clock }: Patience,
): Lock {
  const ended = new AbortController();
  let lost = false;
  let beat = 0;
  const beating = (async () => {
    for (;;) {
      await clock.sleep(BEAT_MS, ended.signal);
      if (ended.signal.aborted) return;
      try {
        const config = await findConfig(engine, name);
        lost = config?.ID !== id;
        if (lost) return;
        await engine.updateConfigLabels(config!, { ...labels, [BEAT_LABEL]: `${++beat}` });
      } catch {
        // The engine is away for a moment; others cannot take the lock from it either.
      }
    }
  })();
  return {
    check() {
      if (lost) throw new LockedError("The lock of the stack was lost: run this again");
    },
    async release() {
      ended.abort();
      await beating;
      // Who finds it later waits a few seconds: no reason to fail a finished deployment.
      await engine.removeConfig(id).catch(() => {});
    },
  };
}

async function findConfig(engine: Engine, name: string): Promise<Config | undefined> {
  // The engine's filter takes every name that begins so.
  return (await engine.configs(name)).find(({ Spec }) => Spec.Name === name);
}
