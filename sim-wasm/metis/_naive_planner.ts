/** Nodes that are alike. */
export interface NaiveKind {
  readonly slots: number;
  /** Throughput of a configuration, null if such a node may not hold it. */
  readonly throughput: (counts: readonly number[]) => number | null;
}

/** A choice and the numbers that the policy sees of it, by name. */
export interface NaiveChoice {
  readonly kind: NaiveKind;
  readonly counts: readonly number[];
  readonly features: readonly (readonly [string, number])[];
}

/** What a naive planner knows. */
export interface NaiveOptions {
  /** The kind of every node; nodes of one are one choice where they hold the same. */
  readonly nodes: readonly NaiveKind[];
  readonly demand: readonly number[];
  readonly temperatures: readonly number[];
  /** Per temperature, the price of each app. */
  readonly prices: readonly (readonly number[])[];
  readonly ordered: boolean;
  readonly informed: boolean;
}

/**
 * The policy's view of a cluster, as plainly as it can be said: every configuration is written out, every chance is a
 * sum over all of them, nothing is kept. The oracle of the planner in the core.
 */
export class NaivePlanner {
  /** What every node holds. */
  readonly held: number[][];
  readonly #options: NaiveOptions;
  readonly #apps: number;
  readonly #inverses: readonly (readonly number[][])[];

  constructor(options: NaiveOptions) {
    this.#options = options;
    this.#apps = options.demand.length;
    this.held = options.nodes.map(() => new Array<number>(this.#apps).fill(0));
    this.#inverses = options.temperatures.map((_, table) => inverse(this.#curvature(table)));
  }

  /** Puts a container of the app on the first node of the kind that holds this. */
  place(app: number, { kind, counts }: Pick<NaiveChoice, "kind" | "counts">): void {
    const node = this.held.findIndex((own, at) =>
      this.#options.nodes[at] === kind && own.join() === counts.join()
    );
    this.held[node]![app]!++;
  }

  /** Every different node that may take a container of the app. */
  choices(app: number): NaiveChoice[] {
    const seen = new Map<string, NaiveChoice>();
    const { nodes } = this.#options;
    this.held.forEach((counts, node) => {
      const kind = nodes[node]!;
      const key = `${nodes.indexOf(kind)}:${counts.join()}`;
      if (seen.has(key) || this.#gain(counts, app, kind) === null) return;
      seen.set(key, { kind, counts: [...counts], features: this.#describe(app, kind, counts) });
    });
    return [...seen.values()];
  }

  #describe(app: number, kind: NaiveKind, counts: readonly number[]): [string, number][] {
    const { temperatures, demand, prices, informed, nodes } = this.#options;
    const tables = temperatures.map((_, table) => this.#tableView(app, kind, counts, table));
    const apps = demand.map((_, at) => at);
    const others = apps.filter((other) => other !== app && other >= this.#first(app + 1));
    const total = sum(counts);
    const now = kind.throughput(counts)!;
    const gain = this.#gain(counts, app, kind)!;
    const after = plus(counts, app);
    const atLeast = (change: number | null) => Math.max(-1, change ?? -1);
    const best = (from: readonly number[]) =>
      Math.max(-1, ...others.map((other) => atLeast(this.#gain(from, other, kind))));
    const left = demand.map((wanted, at) => wanted - sum(this.held.map((own) => own[at]!)));
    const placed = demand.map((wanted, at) => wanted - left[at]!);
    const used = sum(placed);
    const allSlots = sum(nodes.map(({ slots }) => slots));
    const groups = new Set(this.held.map((own, at) => `${nodes.indexOf(nodes[at]!)}:${own}`)).size;
    const same = this.#nodesWith(kind, (own) => own.join() === counts.join());
    const beyond = this.#beyond(app, kind, counts);
    const excess = tables.map((view) => view.excess);
    const otherExcess = others.map((other) => excess[0]![other]! / 4);
    return [
      ...tables.map(({ chance }) =>
        named("logChance", Math.max(-20, Math.log(chance + 1e-12)) / 4)
      ),
      ...tables.map(({ expected }) => named("expected", expected[app]! / 2)),
      named("gain", gain),
      named("netGain", gain - prices[0]![app]!),
      named("nextGain", atLeast(this.#gain(after, app, kind))),
      named("bestBefore", best(counts)),
      named("bestAfter", best(after)),
      named("meanThroughput", total > 0 ? now / total : 0),
      named("fill", total / kind.slots),
      named("isEmpty", total === 0 ? 1 : 0),
      named("freeSlots", (kind.slots - total) / 8),
      named("own", counts[app]! / 4),
      named("kinds", counts.filter((count) => count > 0).length / 4),
      ...tables.map(({ moved }) =>
        named("movedSurplus", within(4, (same + beyond) * moved - beyond) / 2)
      ),
      ...tables.map(({ chance }) =>
        named("surplus", within(4, (same + beyond) * chance - beyond) / 2)
      ),
      ...tables.map(({ movedLogOdds }) => named("movedLogOdds", movedLogOdds / 4)),
      named("movedGap", 2 * within(1, tables[0]!.moved - beyond / (same + beyond))),
      named("share", same / nodes.length),
      named("rarity", 1 / same),
      named("beyond", Math.min(8, beyond) / 8),
      named("left", informed ? left[app]! / nodes.length : used / nodes.length / 4),
      named("fewLeft", informed ? Math.min(16, left[app]!) / 16 : groups / nodes.length),
      named("relativeExcess", within(2, excess[0]![app]! / (1 + left[app]!))),
      ...excess.map((own) => named("excess", within(2, own[app]! / 4))),
      named("pressure", informed ? sum(left) / (allSlots - used) : used / allSlots),
      named("free", (allSlots - used) / allSlots),
      named("size", 1 / Math.sqrt(nodes.length)),
      named(
        "later",
        informed ? (sum(left) - left[app]!) / (allSlots - used) : placed[app]! / nodes.length,
      ),
      named("price", prices[0]![app]!),
      named(
        "otherPrice",
        others.length === 0 ? 0 : sum(others.map((at) => prices[0]![at]!)) / others.length,
      ),
      named("mostExcess", otherExcess.length === 0 ? 0 : within(2, Math.max(...otherExcess))),
      named("leastExcess", otherExcess.length === 0 ? 0 : within(2, Math.min(...otherExcess))),
      named("otherExcess", within(2, sum(otherExcess))),
    ];
  }

  /** What the prices of one temperature say of a choice. */
  #tableView(app: number, kind: NaiveKind, counts: readonly number[], table: number) {
    const { demand, temperatures, nodes } = this.#options;
    const first = this.#first(app);
    const expected = this.#expected(app, kind, counts, table);
    const chance = this.#chance(app, kind, counts, table);
    const later = this.#expected(app, kind, plus(counts, app), table);
    const leans = demand.map((_, at) =>
      at < first
        ? 0
        : (later[at]! + (at === app ? 1 : 0) - expected[at]!) / Math.max(0.02, 1 - chance)
    );
    const excess = demand.map((wanted, at) =>
      sum(this.held.map((own, node) => this.#expected(app, nodes[node]!, own, table)[at]!)) -
      (wanted - sum(this.held.map((own) => own[at]!)))
    );
    const shifts = demand.map((_, a) =>
      sum(demand.map((_, b) => b < first ? 0 : this.#inverses[table]![a]![b]! * excess[b]!)) /
      (nodes.length * temperatures[table]!)
    );
    const tilt = -sum(shifts.map((shift, at) => at < first ? 0 : shift * leans[at]!));
    const logOdds = within(24, Math.log((chance + 1e-12) / (1 - chance + 1e-12)));
    const movedLogOdds = logOdds + within(6, tilt);
    return { chance, expected, excess, movedLogOdds, moved: 1 / (1 + Math.exp(-movedLogOdds)) };
  }

  /** Final configurations of a node that holds `counts` now, with their weights. */
  #endings(app: number, kind: NaiveKind, counts: readonly number[], table: number) {
    const first = this.#first(app);
    return this.#weighed(kind, table).filter(({ counts: end }) =>
      end.every((count, at) => at < first ? count === counts[at] : count >= counts[at]!)
    );
  }

  /** The chance that such a node takes a further container of the app. */
  #chance(app: number, kind: NaiveKind, counts: readonly number[], table: number): number {
    const endings = this.#endings(app, kind, counts, table);
    const more = endings.filter(({ counts: end }) => end[app]! > counts[app]!);
    const all = sum(endings.map(({ weight }) => weight));
    return all > 0 ? sum(more.map(({ weight }) => weight)) / all : 0;
  }

  /** Containers of each app that such a node still expects; 0 of apps whose turn is over. */
  #expected(app: number, kind: NaiveKind, counts: readonly number[], table: number): number[] {
    const endings = this.#endings(app, kind, counts, table);
    const all = sum(endings.map(({ weight }) => weight));
    return counts.map((held, at) => {
      if (at < this.#first(app) || all === 0) return 0;
      const final = sum(endings.map(({ counts: end, weight }) => weight * end[at]!));
      return Math.max(0, final / all - held);
    });
  }

  /** Every allowed configuration, weighed by its throughput less the prices of its containers. */
  #weighed(kind: NaiveKind, table: number) {
    const { temperatures, prices } = this.#options;
    const all = configurations(this.#apps, kind.slots).flatMap((counts) => {
      const throughput = kind.throughput(counts);
      if (throughput === null) return [];
      const cost = sum(counts.map((count, app) => count * prices[table]![app]!));
      return [{ counts, score: (throughput - cost) / temperatures[table]! }];
    });
    const best = Math.max(...all.map(({ score }) => score));
    return all.map(({ counts, score }) => ({
      counts,
      weight: Math.exp(Math.max(-600, score - best)),
    }));
  }

  /** Second derivative of the price of a mixture: covariances of the counts over all nodes, by temperature. */
  #curvature(table: number): number[][] {
    const { nodes, temperatures } = this.#options;
    const apps = Array.from({ length: this.#apps }, (_, app) => app);
    const matrix = apps.map(() => apps.map(() => 0));
    for (const kind of nodes) {
      const weighed = this.#weighed(kind, table);
      const all = sum(weighed.map(({ weight }) => weight));
      const mean = (of: (counts: readonly number[]) => number) =>
        sum(weighed.map(({ counts, weight }) => weight * of(counts))) / all;
      for (const a of apps) {
        for (const b of apps) {
          const covariance = mean((counts) => counts[a]! * counts[b]!) -
            mean((counts) => counts[a]!) * mean((counts) => counts[b]!);
          matrix[a]![b]! += covariance / temperatures[table]! / nodes.length;
        }
      }
    }
    // The ridge that keeps the inverse finite.
    for (const a of apps) matrix[a]![a]! += 1e-4;
    return matrix;
  }

  #gain(counts: readonly number[], app: number, kind: NaiveKind): number | null {
    if (sum(counts) >= kind.slots) return null;
    const now = kind.throughput(counts);
    const then = kind.throughput(plus(counts, app));
    return now === null || then === null ? null : then - now;
  }

  /** Nodes that hold the same but more of the app. */
  #beyond(app: number, kind: NaiveKind, counts: readonly number[]): number {
    return this.#nodesWith(
      kind,
      (own) => own.every((count, at) => at === app ? count > counts[at]! : count === counts[at]),
    );
  }

  #nodesWith(kind: NaiveKind, holds: (counts: readonly number[]) => boolean): number {
    return this.held.filter((own, at) => this.#options.nodes[at] === kind && holds(own)).length;
  }

  /** The first app that may still come. */
  #first(app: number): number {
    return this.#options.ordered ? app : 0;
  }
}

function configurations(apps: number, slots: number): number[][] {
  if (apps === 0) return [[]];
  return Array.from({ length: slots + 1 }, (_, count) => count).flatMap((count) =>
    configurations(apps - 1, slots - count).map((rest) => [count, ...rest])
  );
}

function named(name: string, value: number): [string, number] {
  return [name, value];
}

function within(most: number, value: number): number {
  return Math.max(-most, Math.min(most, value));
}

function plus(counts: readonly number[], app: number): number[] {
  return counts.map((count, at) => at === app ? count + 1 : count);
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

/** By Gauss's elimination; the matrix is positive. */
function inverse(matrix: readonly (readonly number[])[]): number[][] {
  const size = matrix.length;
  const rows = matrix.map((row, at) => [...row, ...row.map((_, other) => other === at ? 1 : 0)]);
  for (let pivot = 0; pivot < size; pivot++) {
    const scale = rows[pivot]![pivot]!;
    rows[pivot] = rows[pivot]!.map((value) => value / scale);
    rows.forEach((row, at) => {
      if (at === pivot) return;
      const factor = row[pivot]!;
      rows[at] = row.map((value, column) => value - factor * rows[pivot]![column]!);
    });
  }
  return rows.map((row) => row.slice(size));
}
