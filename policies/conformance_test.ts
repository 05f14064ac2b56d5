import { Random } from "../domain/mod.ts";
import { testScheduler } from "../scheduling/_conformance.ts";
import { dcScheduler } from "./paper/dc.ts";
import { createMetisNetworks } from "./metis/policy.ts";
import { metisScheduler } from "./metis/scheduler.ts";
import { metisPaperScheduler } from "./paper/scheduler.ts";
import { createOnlineNetworks } from "./online/policy.ts";
import { metisOnlineScheduler } from "./online/scheduler.ts";
import { vanillaScheduler } from "./paper/vanilla.ts";

// Untrained policies: whatever the weights are, placements must be sound.
const networks = createMetisNetworks(16, false, new Random(1));
const online = createOnlineNetworks(16, new Random(2));

testScheduler(metisScheduler(() => Promise.resolve(networks)));
testScheduler(metisOnlineScheduler(() => Promise.resolve(online)));

const few = { parameters: { episodes: 20 } };
testScheduler(vanillaScheduler(), { options: few, runs: 4 });
testScheduler(dcScheduler(), { options: few, runs: 4 });
testScheduler(metisPaperScheduler(), {
  options: { parameters: { episodes: 20, subEpisodes: 200 } },
  runs: 4,
});
