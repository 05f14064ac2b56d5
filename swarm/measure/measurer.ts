import {
  configurationKey,
  InterruptedError,
  MetisError,
  refuseIfAborted,
} from "../../domain/mod.ts";
import type { Measurement, Measurer } from "../../profiling/measurer.ts";
import { MeasureError } from "../errors.ts";
import type { NodeRunner } from "./node_runner.ts";
import { type Row, rowOf, rowsOf, type SoloRates, soloRates, usableRuns } from "./evaluate.ts";
import type { Journal } from "./journal.ts";
import type { Entry, Run } from "./records.ts";
import { judge, type Tolerance } from "./verdict.ts";

/** A node that gave up so many configurations in a row is left out. */
const MOST_IN_A_ROW = 3;
/** Change of a solo rate that is told. */
const DRIFT = 0.1;

/** How to measure on a cluster. */
export interface SwarmMeasurerOptions {
  readonly apps: readonly string[];
  readonly capacity: number;
  readonly runners: readonly NodeRunner[];
  /** One configuration at a time on all nodes together, for nodes that share a machine. */
  readonly oneAtATime: boolean;
  readonly journal: Journal;
  /** What the journal holds already. */
  readonly entries: readonly Entry[];
  readonly tolerance: Tolerance;
  /** Most tries at a configuration. */
  readonly attempts: number;
  /** Configurations on a node after which its apps are measured alone again. */
  readonly soloEvery: number;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly note: (text: string) => void;
  /** Told after each configuration that is measured or given up. */
  readonly onDone?: (done: Progress) => void | Promise<void>;
}

/** How far one call of {@link SwarmMeasurer.measure} is. */
export interface Progress {
  readonly node: string;
  /** What was measured; null if it was given up. */
  readonly row: Row | null;
  /** Configurations that are done, and that were asked for. */
  readonly done: number;
  readonly all: number;
}

/** Measures configurations on the nodes of a cluster; everything that was measured is in the journal at once. */
export class SwarmMeasurer implements Measurer {
  readonly apps: readonly string[];
  readonly capacity: number;
  readonly parallel: number;
  readonly scatters = true;
  readonly available = null;
  readonly #options: SwarmMeasurerOptions;
  readonly #entries: Entry[];
  /** Configurations on each node since its apps were measured alone. */
  readonly #sinceSolo = new Map<string, number>();
  readonly #failedNodes = new Set<string>();
  #turn: Promise<void> = Promise.resolve();

  constructor(options: SwarmMeasurerOptions) {
    this.#options = options;
    this.apps = options.apps;
    this.capacity = options.capacity;
    this.parallel = options.oneAtATime ? 1 : options.runners.length;
    this.#entries = [...options.entries];
    for (const { node } of options.runners) {
      this.#sinceSolo.set(node, configurationsSinceSolo(this.#entries, node));
    }
  }

  /** Everything in the journal so far. */
  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** What is known so far. */
  rows(): Row[] {
    return rowsOf(this.apps, this.#entries);
  }

  /** How far apps alone moved from what they were at first, see {@link SoloRates.drifts}. */
  drifts(): ReturnType<SoloRates["drifts"]> {
    return soloRates(this.#entries).drifts();
  }

  /**
   * As {@link Measurer.measure}: each is measured, whether it was before or not.
   * @throws {MeasureError} if no node is left, or an app cannot be measured alone.
   * @throws {InterruptedError} if the signal fires.
   */
  async measure(configurations: readonly Uint8Array[]): Promise<(Measurement | null)[]> {
    const results: (Measurement | null)[] = configurations.map(() => null);
    const queue = configurations.map((counts, at) => ({ counts, at }));
    const first = this.#entries.length;
    const left: MeasureError[] = [];
    let done = 0;
    const work = async (runner: NodeRunner): Promise<void> => {
      for (let inARow = 0; queue.length > 0;) {
        const { counts, at } = queue.shift()!;
        let row: Row | null;
        try {
          row = await this.#configuration(runner, counts, configurations, first);
        } catch (error) {
          // Others may have more luck with it.
          queue.unshift({ counts, at });
          throw error;
        }
        if (row !== null) results[at] = { counts, rps: row.rps, p50: row.p50, p99: row.p99 };
        const progress = { node: runner.node, row, done: ++done, all: configurations.length };
        await this.#options.onDone?.(progress);
        inARow = row === null ? inARow + 1 : 0;
        if (inARow === MOST_IN_A_ROW) {
          throw new MeasureError(`${runner.node} failed at ${inARow} configurations in a row`);
        }
      }
    };
    const runners = this.#options.runners.filter(({ node }) => !this.#failedNodes.has(node));
    // One node's failure leaves its work to the others; anything else ends them all, once each has ended.
    let fault: unknown = null;
    await Promise.all(runners.map((runner) =>
      work(runner).catch((error) => {
        if (error instanceof MeasureError) {
          this.#failedNodes.add(runner.node);
          this.#options.note(`${error.message}: it is left out`);
          left.push(error);
          return;
        }
        fault ??= error;
        queue.length = 0;
      })
    ));
    if (fault !== null) throw fault;
    if (queue.length > 0) throw left[0] ?? new MeasureError("No node is left to measure on");
    return results;
  }

  /** Measures every app alone once more where configurations were measured since, so that a drift shows. */
  async close(): Promise<void> {
    for (const runner of this.#options.runners) {
      if (this.#failedNodes.has(runner.node) || this.#sinceSolo.get(runner.node) === 0) continue;
      await this.#solos(runner, this.#appsOn(runner.node));
    }
  }

  /** Apps that were measured on a node. */
  #appsOn(node: string): number[] {
    return this.apps.flatMap((_, app) =>
      this.#entries.some((entry) => entry.node === node && entry.counts[app]! > 0) ? [app] : []
    );
  }

  async #configuration(
    runner: NodeRunner,
    counts: Uint8Array,
    configurations: readonly Uint8Array[],
    first: number,
  ): Promise<Row | null> {
    const { soloEvery } = this.#options;
    const since = this.#sinceSolo.get(runner.node) ?? 0;
    const wanted = this.apps.flatMap((_, app) =>
      configurations.some((one) => one[app]! > 0) ? [app] : []
    );
    const solos = soloRates(this.#entries);
    const lacking = wanted.filter((app) => !solos.has(runner.node, this.apps[app]!));
    if (since >= soloEvery) await this.#solos(runner, wanted);
    else if (lacking.length > 0) await this.#solos(runner, lacking);
    // A container alone may have been measured by that, or before in the same call.
    const isAlone = counts.reduce((sum, count) => sum + count, 0) === 1;
    const fresh = isAlone ? usableRuns(this.#entries.slice(first)).get(keyOf(counts)) : undefined;
    if (fresh !== undefined) return rowOf(this.apps, fresh, soloRates(this.#entries));
    const runs = await this.#attempts(runner, counts);
    this.#sinceSolo.set(runner.node, (this.#sinceSolo.get(runner.node) ?? 0) + 1);
    if (runs.length === 0) return null;
    return rowOf(this.apps, runs, soloRates(this.#entries));
  }

  /** Measures apps alone. @throws {MeasureError} if one fails: nothing could be normalised. */
  async #solos(runner: NodeRunner, apps: readonly number[]): Promise<void> {
    for (const app of apps) {
      const counts = new Uint8Array(this.apps.length);
      counts[app] = 1;
      const before = soloRates(this.#entries).drifts();
      const runs = await this.#attempts(runner, counts);
      const name = this.apps[app]!;
      if (runs.length === 0) {
        const last = this.#entries.findLast(({ kind }) => kind === "missing");
        throw new MeasureError(
          `${name} alone on ${runner.node} cannot be measured: ${last?.reason ?? "unknown"}`,
        );
      }
      const same = (drift: { node: string; app: string }) =>
        drift.node === runner.node && drift.app === name;
      const drift = soloRates(this.#entries).drifts().find(same)?.ratio ?? 1;
      if (Math.abs(drift - 1) > DRIFT && Math.abs((before.find(same)?.ratio ?? 1) - drift) > 0.02) {
        this.#options.note(
          `${runner.node}: ${name} alone is at ${
            (100 * drift).toFixed(0)
          } % of what it was at first`,
        );
      }
    }
    this.#sinceSolo.set(runner.node, 0);
  }

  /** Tries until a run is good. @returns Runs that can be used; of several unsteady ones, all. */
  async #attempts(runner: NodeRunner, counts: Uint8Array): Promise<Run[]> {
    const { attempts, note } = this.#options;
    const runs: Run[] = [];
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const run = await this.#inTurn(() => this.#attempt(runner, counts, attempt));
      this.#write(run);
      if (run.verdict === "good") return [run];
      if (run.verdict === "unsteady") runs.push(run);
      const again = attempt < attempts ? ", measured again" : "";
      note(`${this.#describe(counts)} on ${runner.node}: ${run.verdict}: ${run.reason}${again}`);
    }
    if (runs.length === 0) {
      const last = this.#entries.at(-1) as Run;
      this.#write({
        kind: "missing",
        at: this.#time(),
        node: runner.node,
        counts: [...counts],
        reason: last.reason ?? "unknown",
      });
    }
    return runs;
  }

  async #attempt(runner: NodeRunner, counts: Uint8Array, attempt: number): Promise<Run> {
    const { signal, tolerance, now } = this.#options;
    refuseIfAborted(signal);
    const began = now();
    const run = (fields: Pick<Run, "containers" | "verdict" | "reason" | "outliers">): Run => ({
      kind: "run",
      at: this.#time(),
      node: runner.node,
      counts: [...counts],
      attempt,
      seconds: Math.max(0, (now() - began) / 1000),
      ...fields,
    });
    try {
      const { containers, void: excuse } = await runner.run(counts, signal);
      const judged = judge(containers, tolerance);
      return run({
        containers: [...containers],
        ...judged,
        ...(excuse === null ? {} : { verdict: "void", reason: excuse }),
      });
    } catch (error) {
      refuseIfAborted(signal);
      if (!(error instanceof MetisError) || error instanceof InterruptedError) throw error;
      return run({ containers: [], verdict: "void", reason: error.message, outliers: [] });
    }
  }

  #write(entry: Entry): void {
    this.#options.journal.append(entry);
    this.#entries.push(entry);
  }

  #time(): string {
    return new Date(this.#options.now()).toISOString();
  }

  /** Lets one after another through where nodes share a machine. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#options.oneAtATime) return await work();
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    await before;
    try {
      return await work();
    } finally {
      resolve();
    }
  }

  #describe(counts: Uint8Array): string {
    return this.apps.flatMap((app, at) => counts[at]! > 0 ? [`${counts[at]} ${app}`] : [])
      .join(" + ");
  }
}

/** Configurations of several containers since the last solo run of a node. */
function configurationsSinceSolo(entries: readonly Entry[], node: string): number {
  const own = entries.filter((entry): entry is Run => entry.kind === "run" && entry.node === node);
  const lastSolo = own.findLastIndex(({ containers, verdict }) =>
    containers.length === 1 && verdict !== "void"
  );
  return new Set(
    own.slice(lastSolo + 1).filter(({ verdict }) => verdict !== "void")
      .map(({ counts }) => keyOf(counts)),
  ).size;
}

function keyOf(counts: ArrayLike<number>): string {
  return configurationKey(counts, 0, counts.length);
}
