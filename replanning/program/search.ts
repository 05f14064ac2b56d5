/**
 * Best placements under a limit of starts: integer programs over the configurations that the relaxation leaves possible.
 * @module
 */
import { countOf, InfeasibleError, type Placement, SolverError } from "../../domain/mod.ts";
import { type LossColumn, spreadOverNodes } from "../../baselines/columns/mod.ts";
import type { MilpAnswer, MilpSolver } from "../../baselines/milp/mod.ts";
import { integerProgram, type Usage } from "../../baselines/optimal/mod.ts";
import { type Deadline, type ScheduleOptions, UndecidedError } from "../../scheduling/mod.ts";
import { Losses } from "./losses.ts";
import type { MoveProgram, MoveRelaxation } from "./relaxation.ts";

/** Columns of the first integer program beyond one for each group. */
const FIRST_COLUMNS = 60;
/** All columns that matter are taken at once where they are at most this many times as many. */
const DIRECT = 4;
/** Each program has this many times the columns of the one before, where it needs them. */
const GROWTH = 4;
/** Most columns of an integer program. */
const MOST_COLUMNS = 100_000;
/** Relative gap of the loss at which programs stop that cannot be the last. */
const STAGE_GAP = 0.05;
/** Relative gap that counts as none. */
const PROVEN = 1e-9;

/** How far numbers of nodes in the relaxation may be from whole ones to be taken for those. */
const WHOLE = 1e-4;

/** A placement within a limit of starts. */
export interface Known {
  readonly usage: readonly Usage[];
  /** Total throughput. */
  readonly total: number;
  /** Containers that start. */
  readonly starts: number;
  /** Total throughput less what the starts cost. */
  readonly worth: number;
}

/** The best placement found within a limit of starts, and what none exceeds. */
export interface MoveAnswer extends Known {
  /** Bound on the worth. */
  readonly bound: number;
  readonly proven: boolean;
}

/** What the search under a limit begins with. */
interface Prepared {
  readonly starts: number;
  readonly relaxation: MoveRelaxation;
  readonly losses: Losses;
  /** The loss up to which the first program has columns. */
  readonly first: number;
}

/** Solves one program of moves under one limit after another. */
export class MoveSearch {
  readonly #program: MoveProgram;
  readonly #solver: MilpSolver;
  readonly #options: ScheduleOptions;
  readonly #deadline: Deadline;
  /** The loss up to which the first program of the limit before had columns. */
  #first = 1e-3;
  #ahead: Prepared | undefined;

  constructor(
    program: MoveProgram,
    solver: MilpSolver,
    options: ScheduleOptions,
    deadline: Deadline,
  ) {
    this.#program = program;
    this.#solver = solver;
    this.#options = options;
    this.#deadline = deadline;
  }

  /** What no placement with at most so many starts is worth more than, by the relaxation; -Infinity if there is none. */
  async bound(starts: number): Promise<number> {
    const { infeasible, bound } = await this.#program.relax(starts, this.#deadline);
    return infeasible ? -Infinity : bound;
  }

  /** The placement of an answer. */
  placementOf({ usage }: Known): Placement {
    return spreadOverNodes(this.#program.formulation, usage);
  }

  /**
   * The best placement with at most so many starts.
   * @param options `known`: a placement within the limit. `enough`: told the worth of the best known and the bound, true ends
   * the work. `next`: the limit of the next call, which is prepared while the solver works.
   * @throws {InfeasibleError} if it is proven that there is none.
   * @throws {InterruptedError | UndecidedError} if limits ended the work before there was one.
   */
  async solve(
    starts: number,
    { known, next, enough = () => false }: {
      readonly known?: Known | undefined;
      readonly next?: number;
      readonly enough?: (worth: number, bound: number) => boolean;
    } = {},
  ): Promise<MoveAnswer> {
    const prepared = this.#ahead?.starts === starts ? this.#ahead : await this.#prepare(starts);
    const { relaxation, losses } = prepared;
    if (relaxation.infeasible) throw tooFewStarts(starts);
    let best = better(known, this.#whole(relaxation, starts));
    let { bound } = relaxation;
    const needed = (): number =>
      best === undefined ? Infinity : (relaxation.bound - best.worth) * (1 + 1e-9) + 1e-9;
    const closed = (): boolean => {
      const gap = Math.max(this.#options.gap ?? 0, PROVEN / 100);
      if (enough(best?.worth ?? -Infinity, bound)) return true;
      return best !== undefined && bound - best.worth <= gap * Math.max(1, Math.abs(bound));
    };
    const { largest } = losses;
    let size = FIRST_COLUMNS;
    let most = prepared.first;
    // One program over all columns is better than two, where they are few.
    if (needed() < losses.near(DIRECT * size, most)) most = needed();
    while (!closed() && !this.#deadline.passed()) {
      const cutoff = needed();
      // All columns that something better could use.
      const all = Math.min(cutoff, largest) <= most;
      const within = Math.min(cutoff, most);
      const columns = losses.columns(within, MOST_COLUMNS);
      if (columns.length > MOST_COLUMNS) {
        if (best === undefined) {
          throw new UndecidedError(
            `No placement found: its program would have more than ${MOST_COLUMNS} columns`,
          );
        }
        break;
      }
      const precise = all || size === FIRST_COLUMNS;
      const { status, least, found } = await this.#integers(relaxation, columns, {
        starts,
        cutoff,
        relativeGap: precise ? 0 : STAGE_GAP,
        known: best,
        next,
      });
      best = better(best, found);
      // Nobody loses less than all three: other columns lose more than `within`, whatever beats the best known loses less
      // than the cutoff, and what this program allows loses at least `least`.
      bound = Math.min(bound, relaxation.bound - Math.max(0, Math.min(within, least, cutoff)));
      if (status === "interrupted" || status === "limit") break;
      if (all) {
        if (best === undefined) throw tooFewStarts(starts);
        break;
      }
      if (needed() > most) {
        size *= GROWTH;
        most = Math.min(needed(), losses.near(size, 2 * most));
      } else if (precise) break;
    }
    if (best === undefined) {
      throw enough(-Infinity, bound) ? tooFewStarts(starts) : this.#deadline.withoutPlacement();
    }
    bound = Math.max(bound, best.worth);
    const proven = bound - best.worth <= PROVEN * Math.max(1, Math.abs(bound));
    return { ...best, bound, proven };
  }

  async #prepare(starts: number): Promise<Prepared> {
    const relaxation = await this.#program.relax(starts, this.#deadline);
    const losses = new Losses(this.#program, relaxation);
    this.#first = losses.near(FIRST_COLUMNS, this.#first);
    return { starts, relaxation, losses, first: this.#first };
  }

  /** Solves the integer program over these columns. `least`: what all its placements lose at least. */
  async #integers(
    relaxation: MoveRelaxation,
    columns: readonly LossColumn[],
    { starts, cutoff, relativeGap, known, next }: {
      readonly starts: number;
      readonly cutoff: number;
      readonly relativeGap: number;
      readonly known: Known | undefined;
      readonly next: number | undefined;
    },
  ): Promise<{
    readonly status: MilpAnswer["status"];
    readonly least: number;
    readonly found?: Known;
  }> {
    const { formulation } = this.#program;
    const { signal, gap = 0, seed = 1 } = this.#options;
    const program = integerProgram({ formulation, relaxation }, columns, {
      base: columns.map(() => 0),
      cutoff,
      limits: [{
        most: starts,
        price: relaxation.startPrice,
        of: ({ group, counts }) => this.#program.starts(group, counts),
      }],
    });
    const solving = this.#solver.solve(program.model, {
      start: known === undefined ? undefined : program.write(known.usage),
      relativeGap,
      absoluteGap: Math.max(1e-9, gap * Math.abs(relaxation.bound) * program.scale),
      timeLimit: this.#deadline.secondsLeft(),
      seed,
      signal,
    });
    const ahead = next === undefined || this.#ahead?.starts === next
      ? this.#ahead
      : this.#prepare(next);
    const [answer, prepared] = await Promise.all([solving, ahead]);
    this.#ahead = prepared;
    const { status } = answer;
    const found = answer.solution === undefined
      ? undefined
      : this.#known(program.read(answer.solution), starts);
    if (status === "infeasible") return { status, least: Infinity };
    // Covers the solver's tolerances, which are relative to the scaled objective.
    const least = answer.bound / program.scale + program.fixedLoss - 1e-11;
    return {
      status,
      least: Number.isFinite(least) ? least : 0,
      ...(found === undefined ? {} : { found }),
    };
  }

  /** The relaxation's own answer where it has no fractions: then nothing is better. */
  #whole({ used }: MoveRelaxation, most: number): Known | undefined {
    const { demand, domainRows, fewestDomains } = this.#program.formulation;
    // The relaxation leaves rules about failure domains to the program.
    if (domainRows.length + fewestDomains.length > 0) return undefined;
    const left = [...demand];
    const usage = new Map<string, { column: LossColumn; nodes: number }>();
    for (const { column: { group, rank }, nodes } of used) {
      const whole = Math.round(nodes);
      if (Math.abs(whole - nodes) > WHOLE) return undefined;
      if (rank === 0 || whole <= 0) continue;
      const counts = this.#program.counts(group, rank);
      counts.forEach((count, app) => left[app]! -= count * whole);
      const key = `${rank}/${group}`;
      const known = usage.get(key);
      if (known) known.nodes += whole;
      else usage.set(key, { column: { group, rank, loss: 0, counts }, nodes: whole });
    }
    if (left.some((missing) => missing !== 0)) return undefined;
    const found = this.#valued([...usage.values()]);
    return found.starts > most ? undefined : found;
  }

  /** @throws {SolverError} if an answer starts more than it may. */
  #known(usage: readonly Usage[], most: number): Known {
    const known = this.#valued(usage);
    if (known.starts > most) {
      throw new SolverError(`HiGHS started ${known.starts} containers of ${most}`);
    }
    return known;
  }

  #valued(usage: readonly Usage[]): Known {
    let total = 0;
    let starts = 0;
    for (const { column: { group, rank, counts }, nodes } of usage) {
      total += nodes * this.#program.pricing(group).value(rank);
      starts += nodes * this.#program.starts(group, counts);
    }
    return { usage, total, starts, worth: total - this.#program.startCost * starts };
  }
}

/** The one that is worth more; the first where none is. */
function better(known: Known | undefined, other: Known | undefined): Known | undefined {
  if (known === undefined || other === undefined) return known ?? other;
  return other.worth > known.worth ? other : known;
}

/** The error where the rules cannot be kept with so few starts. */
export class TooFewStartsError extends InfeasibleError {}

function tooFewStarts(starts: number): TooFewStartsError {
  return new TooFewStartsError(`No placement keeps the rules with ${countOf(starts, "start")}`);
}
