import { suggest, UsageError } from "../domain/mod.ts";
import type { Scheduler } from "./contract.ts";

/** Schedulers by name, in the order in which they were registered. */
export class SchedulerRegistry {
  readonly #schedulers = new Map<string, Scheduler>();

  /** Adds a scheduler. @throws {UsageError} if the name is taken: nothing is ever overwritten in silence. */
  register(scheduler: Scheduler): this {
    if (this.#schedulers.has(scheduler.name)) {
      throw new UsageError(`Scheduler ${scheduler.name} is registered twice`);
    }
    this.#schedulers.set(scheduler.name, scheduler);
    return this;
  }

  /** The scheduler of this name. @throws {UsageError} for an unknown name, with the nearest known one. */
  get(name: string): Scheduler {
    const scheduler = this.#schedulers.get(name);
    if (scheduler === undefined) {
      throw new UsageError(`Unknown scheduler ${name}${suggest(name, this.names())}`);
    }
    return scheduler;
  }

  /** All names, in order of registration. */
  names(): string[] {
    return [...this.#schedulers.keys()];
  }

  /** The schedulers that answer at once: all but those that train again for every demand. */
  ready(): Scheduler[] {
    return this.all().filter((scheduler) => !scheduler.learnsEachDemand);
  }

  /** All schedulers, in order of registration. */
  all(): Scheduler[] {
    return [...this.#schedulers.values()];
  }
}
