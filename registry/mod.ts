/**
 * The composition root: which schedulers there are. Adding one means one file and one line here.
 * @module
 */
import { annealing } from "../baselines/annealing.ts";
import { binpack } from "../baselines/binpack.ts";
import { greedy } from "../baselines/greedy.ts";
import { localSearch } from "../baselines/local_search.ts";
import { optimalScheduler } from "../baselines/optimal/mod.ts";
import { random } from "../baselines/random.ts";
import { roundRobin } from "../baselines/round_robin.ts";
import { spread } from "../baselines/spread.ts";
import { SchedulerRegistry } from "../scheduling/mod.ts";

/** A new registry of all schedulers, simplest first. */
export function defaultRegistry(): SchedulerRegistry {
  return new SchedulerRegistry()
    .register(roundRobin)
    .register(random)
    .register(spread)
    .register(binpack)
    .register(greedy)
    .register(localSearch)
    .register(annealing)
    .register(optimalScheduler);
}
