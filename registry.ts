/**
 * The composition root: which schedulers there are. Adding one means one file and one line here.
 * @module
 */
import { annealing } from "./baselines/heuristics/annealing.ts";
import { binpack } from "./baselines/heuristics/binpack.ts";
import { greedy } from "./baselines/heuristics/greedy.ts";
import { localSearch } from "./baselines/heuristics/local_search.ts";
import { medea } from "./baselines/medea/mod.ts";
import { optimalScheduler } from "./baselines/optimal/mod.ts";
import { paragon } from "./baselines/paragon/mod.ts";
import { random } from "./baselines/heuristics/random.ts";
import { roundRobin } from "./baselines/heuristics/round_robin.ts";
import { spread } from "./baselines/heuristics/spread.ts";
import { dcScheduler } from "./policies/paper/dc.ts";
import { metisScheduler } from "./policies/metis/scheduler.ts";
import { metisPaperScheduler } from "./policies/paper/scheduler.ts";
import { metisOnlineScheduler } from "./policies/online/scheduler.ts";
import type { PolicySource } from "./policies/checkpoint/source.ts";
import { loaderOf } from "./policies/universal/shipped.ts";
import { vanillaScheduler } from "./policies/paper/vanilla.ts";
import { SchedulerRegistry } from "./scheduling/mod.ts";

/**
 * A new registry of all schedulers, simplest first.
 * @param policies Where learned schedulers get policies from besides those that come with Metis.
 */
export function defaultRegistry(policies?: PolicySource): SchedulerRegistry {
  return new SchedulerRegistry()
    .register(roundRobin)
    .register(random)
    .register(spread)
    .register(binpack)
    .register(greedy)
    .register(localSearch)
    .register(annealing)
    .register(paragon)
    .register(medea)
    .register(metisOnlineScheduler(loaderOf("online", policies)))
    .register(metisScheduler(loaderOf("metis", policies)))
    .register(metisPaperScheduler(policies === undefined ? {} : { policies }))
    .register(vanillaScheduler())
    .register(dcScheduler())
    .register(optimalScheduler);
}
