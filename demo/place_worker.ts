/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />
/**
 * The worker that fits models, places and proves bounds: the same code as the command line's.
 * @module
 */
import {
  type AimFields,
  aimFields,
  BUNDLED,
  datasetUrl,
  DEFAULT_FIT,
  DEFAULT_PROFILE,
  defaultRegistry,
  forbidStarving,
  groundsOf,
  InputError,
  type Network,
  orderSteps,
  problemOn,
  profiledCapacity,
  readDemands,
  readProfile,
  replanFrontier,
  runScheduler,
  type ScheduleOptions,
  type Scheduler,
  type ScheduleRun,
  type SchedulingProblem,
  selectDemands,
  type Simulator,
  type Surface,
  surfaceData,
  surfaceFromProfile,
  upperBound,
} from "../mod.ts";
import type {
  NamedDemand,
  OpenedProfile,
  PlaceWorkerMethods,
  ProblemRequest,
  ProfileSource,
} from "./worker/protocol.ts";
import { serveCalls } from "./worker/rpc.ts";
import { askPageForWorkers } from "./worker/started_by_page.ts";

/** Most numbers of a surface that a page holds. */
const MOST_NUMBERS = 4_000_000;
/** Seconds that a frontier of moves may take: points come one by one, and a person can stop it. */
const FRONTIER_SECONDS = 300;

/** The profile in use. */
interface Opened {
  readonly surface: Surface;
  readonly simulator: Simulator;
  /** The policy that was trained in the page; null for the one that comes with Metis. */
  trained: readonly Network[] | null;
}

askPageForWorkers();

/** Fetched while the first profile is. */
const bundledDemands = Promise.all(
  BUNDLED.filter(({ kind }) => kind === "demands").map(async ({ name, file }) => ({
    name,
    table: readDemands(new TextDecoder().decode(await fetchBytes(datasetUrl(name))), file),
  })),
);
// Whoever asks for them is told; nobody may ask.
bundledDemands.catch(() => {});

let opened: Opened | null = null;

function current(): Opened {
  if (opened === null) throw new InputError("No profile is open");
  return opened;
}

const registry = defaultRegistry({
  networks: (_problem, _directory, kind) =>
    Promise.resolve(kind === "metis" ? current().trained : null),
});

/** The profile that the page begins with, opened before it asks; null once it was asked for. */
let ahead: Promise<OpenedProfile> | null = openProfile({
  kind: "bundled",
  name: DEFAULT_PROFILE,
});
ahead.catch(() => {});

serveCalls<PlaceWorkerMethods>(self, {
  async open(source, { give }) {
    const first = ahead;
    ahead = null;
    const isFirst = source.kind === "bundled" && source.name === DEFAULT_PROFILE;
    // What is being opened must not take the place of what was asked for later.
    const waited = await first?.catch(() => null);
    const reply = (isFirst ? waited : null) ?? await openProfile(source);
    give(reply.surface.rps.buffer);
    return reply;
  },

  async place(request, { signal }) {
    // Another profile may be opened before this ends.
    const { surface, simulator: whole } = current();
    const scheduler = registry.get(request.scheduler);
    const { seed, objective = "throughput", floor = 0, latencies = false } = request;
    using above = floor === 0 ? null : forbidStarving(whole, surface.apps.map(() => floor));
    const simulator = above ?? whole;
    const problem = { ...problemOf(request), simulator, objective };
    const options = { seed, signal };
    const run = await runScheduler(scheduler, problem, options);
    return {
      counts: run.placement.counts,
      seconds: run.seconds,
      steps: scheduler.tellsDecisions ? await decisionsOf(scheduler, problem, options) : null,
      boundTotal: run.boundTotal ?? null,
      details: run.details ?? {},
      grounds: groundsOf(surface, run.placement).grounds,
      p99: latencies ? latenciesOf(surface, run) : undefined,
    };
  },

  grounds: (placement) => groundsOf(current().surface, placement).grounds,

  async bound(request, { signal }) {
    const proven = await upperBound(problemOf(request), { effort: "optimal", signal });
    return { boundTotal: proven?.boundTotal ?? null };
  },

  async frontier({ current, ...request }, { signal, tell }) {
    const problem = { ...problemOf(request), current };
    const { complete } = await replanFrontier(problem, {
      signal,
      timeLimit: FRONTIER_SECONDS,
      onPoint: tell,
    });
    return { complete };
  },

  steps({ current, next, lost, ...request }) {
    return orderSteps(problemOf(request), current, next, {
      nodeName: (node) => `node ${node}`,
      lost,
    });
  },

  adopt(networks) {
    current().trained = networks;
  },
});

async function openProfile(source: ProfileSource): Promise<OpenedProfile> {
  const bytes = await bytesOf(source);
  const dataset = source.kind === "bundled"
    ? BUNDLED.find(({ name }) => name === source.name)
    : undefined;
  const file = dataset?.file ?? source.name;
  const { profile, notices } = await readProfile(bytes, file);
  const capacity = profiledCapacity(profile);
  const started = performance.now();
  // As metis start.
  const fit = dataset === undefined ? {} : { fit: DEFAULT_FIT };
  const surface = surfaceFromProfile(profile, { source: file, ...fit });
  const fitSeconds = (performance.now() - started) / 1000;
  const simulator = surface.simulator(capacity, { cacheEntries: 2 ** 12 });
  if (!simulator.dense || simulator.configurations * profile.apps.length > MOST_NUMBERS) {
    simulator.dispose();
    throw new InputError(
      `${file}: ${profile.apps.length} apps on ${capacity} slots have too many configurations for a page: use the command line`,
    );
  }
  // The one before is not disposed of: calls may still run on it.
  opened = { surface, simulator, trained: null };
  return {
    file,
    rows: profile.rows,
    model: surface.kind,
    fitSeconds,
    notices,
    surface: surfaceData(simulator),
    schedulers: registry.ready().map(({ name, summary }) => ({ name, summary })),
    demands: await demandsOf(profile.apps),
  };
}

function problemOf({ cluster, demand, rules }: ProblemRequest): SchedulingProblem {
  return problemOn(current().simulator, { cluster, demand, rules });
}

function latenciesOf(
  surface: Surface,
  run: Pick<ScheduleRun, "placement" | "perApp">,
): AimFields["p99"] {
  const aim = { objective: "throughput", limits: [], latency: surface.latencies() } as const;
  return aimFields(aim, surface.apps, run).p99;
}

/** A second run that tells its decisions: the first one's seconds are the scheduler's alone. */
async function decisionsOf(
  scheduler: Scheduler,
  problem: SchedulingProblem,
  options: ScheduleOptions,
): Promise<Uint32Array | null> {
  const steps: number[] = [];
  const onPlaced = (node: number, app: number) => steps.push(node * problem.apps.length + app);
  await runScheduler(scheduler, problem, { ...options, onPlaced });
  return steps.length === 0 ? null : Uint32Array.from(steps);
}

async function bytesOf(source: ProfileSource): Promise<Uint8Array> {
  if (source.kind === "file") return source.bytes;
  return await fetchBytes(datasetUrl(source.name));
}

/** The bundled demands of these apps, in their order. */
async function demandsOf(apps: readonly string[]): Promise<NamedDemand[]> {
  const wanted = new Set(apps);
  const tables = (await bundledDemands).filter(({ table }) =>
    wanted.symmetricDifference(new Set(table.apps)).size === 0
  );
  return tables.flatMap(({ name, table }) =>
    selectDemands(table, undefined, apps, name).map((each) => ({ name, ...each }))
  );
}

async function fetchBytes(url: URL): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) throw new InputError(`Cannot load ${url.pathname}: HTTP ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
