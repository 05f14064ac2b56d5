/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />
/**
 * The worker that fits models, places and proves bounds: the same code as the command line's.
 * @module
 */
import {
  BUNDLED,
  datasetUrl,
  DEFAULT_FIT,
  defaultRegistry,
  fitModel,
  InfeasibleError,
  InputError,
  type Network,
  profiledCapacity,
  proveBound,
  readDemands,
  readProfile,
  runScheduler,
  type SchedulingProblem,
  sha256,
  shippedNetworks,
  Simulator,
  surfaceData,
  UnsupportedError,
} from "../mod.ts";
import type {
  EngineMethods,
  NamedDemand,
  ProblemRequest,
  ProfileSource,
} from "./engine/protocol.ts";
import { serveCalls } from "./engine/rpc.ts";

/** Most numbers of a surface that a page holds. */
const MOST_NUMBERS = 4_000_000;
/** Seconds that the proof of a bound may take: as the command line's default. */
const BOUND_SECONDS = 10;
/** Kinds of policies that schedulers of the page place by. */
const POLICY_KINDS = ["metis", "online"];
/** Seed of the fit: as the command line's default. */
const FIT_SEED = 1;

/** The profile in use. */
interface Opened {
  readonly simulator: Simulator;
  /** Networks by kind of policy: those that come with Metis, or were trained in the page. */
  readonly networks: Map<string, readonly Network[]>;
}

let opened: Opened | null = null;

function current(): Opened {
  if (opened === null) throw new InputError("No profile is open");
  return opened;
}

const registry = defaultRegistry({
  networks: (_problem, _directory, kind) => Promise.resolve(current().networks.get(kind) ?? null),
});

serveCalls<EngineMethods>(self, {
  async open(source, { give }) {
    const bytes = await bytesOf(source);
    const dataset = source.kind === "bundled"
      ? BUNDLED.find(({ name }) => name === source.name)
      : undefined;
    const file = dataset?.file ?? source.name;
    const { profile, notices } = await readProfile(bytes, file);
    const capacity = profiledCapacity(profile);
    const started = performance.now();
    const model = fitModel(DEFAULT_FIT, profile, { seed: FIT_SEED });
    const fitSeconds = (performance.now() - started) / 1000;
    const simulator = Simulator.create({ model, capacity, cacheEntries: 2 ** 12 });
    if (!simulator.dense || simulator.configurations * profile.apps.length > MOST_NUMBERS) {
      simulator.dispose();
      throw new InputError(
        `${file}: ${profile.apps.length} apps on ${capacity} slots have too many configurations for a page: use the command line`,
      );
    }
    opened?.simulator.dispose();
    opened = { simulator, networks: await policiesFor(simulator, bytes) };
    const surface = surfaceData(simulator);
    give(surface.rps.buffer);
    return {
      file,
      summary: dataset?.summary ?? `Your profile: ${profile.rows} measured configurations`,
      rows: profile.rows,
      model: model.kind,
      fitSeconds,
      notices,
      surface,
      schedulers: registry.ready().map(({ name, summary }) => ({ name, summary })),
      demands: await demandsOf(profile.apps),
    };
  },

  async place(request, { signal, tell }) {
    const steps: number[] = [];
    const { length } = request.demand;
    const run = await runScheduler(registry.get(request.scheduler), problemOf(request), {
      seed: request.seed,
      signal,
      onProgress: tell,
      onPlaced: (node, app) => steps.push(node * length + app),
    });
    return {
      counts: run.placement.counts,
      seconds: run.seconds,
      steps: steps.length === 0 ? null : Uint32Array.from(steps),
      boundTotal: run.boundTotal ?? null,
      details: run.details ?? {},
    };
  },

  async bound(request, { signal }) {
    const problem = problemOf(request);
    const started = performance.now();
    const options = { timeLimit: BOUND_SECONDS, signal };
    const answer = (boundTotal: number | null) => ({
      boundTotal,
      seconds: (performance.now() - started) / 1000,
    });
    try {
      return answer((await proveBound(problem, { effort: "optimal", ...options })).boundTotal);
    } catch (error) {
      if (error instanceof UnsupportedError) return answer(null);
      if (!(error instanceof InfeasibleError)) throw error;
      return answer((await proveBound(problem, { effort: "lp", ...options })).boundTotal);
    }
  },

  adopt(networks) {
    current().networks.set("metis", networks);
  },
});

function problemOf({ cluster, demand, rules }: ProblemRequest): SchedulingProblem {
  const { simulator } = current();
  return { apps: simulator.apps, cluster, demand, rules, simulator };
}

/** The policies that come with Metis for this file: loaded ahead, so that no scheduler's seconds hold a download. */
async function policiesFor(
  simulator: Simulator,
  file: Uint8Array,
): Promise<Map<string, readonly Network[]>> {
  const data = await sha256(file);
  const found = await Promise.all(POLICY_KINDS.map(async (kind) => {
    const networks = await shippedNetworks(simulator, kind, data);
    return networks === null ? [] : [[kind, networks] as const];
  }));
  return new Map(found.flat());
}

async function bytesOf(source: ProfileSource): Promise<Uint8Array> {
  if (source.kind === "file") return source.bytes;
  return await fetchBytes(datasetUrl(source.name));
}

/** The bundled demands of these apps, in their order. */
async function demandsOf(apps: readonly string[]): Promise<NamedDemand[]> {
  const found: NamedDemand[] = [];
  for (const { name, file } of BUNDLED.filter(({ kind }) => kind === "demands")) {
    const table = readDemands(new TextDecoder().decode(await fetchBytes(datasetUrl(name))), file);
    const order = apps.map((app) => table.apps.indexOf(app));
    if (order.includes(-1) || table.apps.length !== apps.length) continue;
    table.demands.forEach((demand, row) =>
      found.push({ name, row, demand: order.map((at) => demand[at]!) })
    );
  }
  return found;
}

async function fetchBytes(url: URL): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) throw new InputError(`Cannot load ${url.pathname}: HTTP ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
