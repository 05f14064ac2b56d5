import {
  demandTotal,
  type Grounds,
  type InterferenceModel,
  type Placement,
  type PlanValue,
  planValue,
  type Problem,
  valuePlacement,
} from "../../mod.ts";
import type { NamedFile } from "./packing.ts";
import { countsAfter, effectOf, type Move, type MoveEffect } from "./moves.ts";
import { Replay, showingOrder } from "./replay.ts";

/** Where a panel's placement stands. */
export type PanelStatus = "waiting" | "placing" | "placed" | "failed";

/** Whose decisions a replay shows: those of the scheduler, in its order, or a finished placement in ours. */
export type StepOrder = "decisions" | "shown";

/** A placement with all that the page shows of it. */
export interface Placed {
  readonly problem: Problem;
  /** Seconds that the scheduler took; null for a plan from a file. */
  readonly seconds: number | null;
  readonly order: StepOrder;
  readonly details: Readonly<Record<string, number | string | boolean>>;
}

/** One side of the comparison: a scheduler, or a plan from a file, and what it placed. */
export class Panel {
  /** Name of the scheduler. */
  scheduler: string;
  /** The file, where the placement came from a plan. */
  planFile: NamedFile | null = null;
  status: PanelStatus = "waiting";
  /** One line on what went wrong. */
  error: string | null = null;
  /** When the scheduler was started, in milliseconds of performance.now(). */
  startedAt = 0;
  placed: Placed | null = null;
  replay: Replay | null = null;
  /** What the value of the placement rests on; null until that is known. */
  grounds: Grounds | null = null;
  /** What a person moved since, oldest first. */
  moves: readonly Move[] = [];
  #model: InterferenceModel | null = null;
  #value: { readonly bound: number | null; readonly value: PlanValue } | null = null;

  constructor(scheduler: string) {
    this.scheduler = scheduler;
  }

  /** Name of what placed: the scheduler, or the file of the plan. */
  get name(): string {
    return this.planFile?.name ?? this.scheduler;
  }

  /** The same, with what a person moved since. */
  get title(): string {
    const { length } = this.moves;
    return length === 0
      ? this.name
      : `${this.name} with ${length} ${length === 1 ? "move" : "moves"} by hand`;
  }

  /** Forgets the placement, while another one is made. */
  begin(): void {
    this.status = "placing";
    this.error = null;
    this.startedAt = performance.now();
  }

  /** Says what went wrong; the last placement is gone, since it answers another question. */
  fail(message: string): void {
    this.clear();
    this.status = "failed";
    this.error = message;
  }

  /** Shows nothing any more. */
  clear(): void {
    this.status = "waiting";
    this.error = null;
    this.planFile = null;
    this.placed = null;
    this.replay = null;
    this.grounds = null;
    this.moves = [];
    this.#value = null;
  }

  /** Takes over a placement. @param steps See PlacedReply.steps. */
  show(
    model: InterferenceModel,
    placed: Omit<Placed, "order">,
    placement: Placement,
    steps: Uint32Array | null,
  ): void {
    this.#model = model;
    this.status = "placed";
    this.error = null;
    this.placed = { ...placed, order: steps === null ? "shown" : "decisions" };
    this.moves = [];
    this.#replace(placement.nodes, placement.apps, steps ?? showingOrder(placement));
  }

  /** The whole placement, moves included, whatever the replay shows now. */
  placement(): Placement {
    const { nodes, apps, steps } = this.replay!;
    const counts = new Uint8Array(nodes * apps);
    for (const step of steps) counts[step]!++;
    return { nodes, apps, counts };
  }

  /** What the whole placement is worth against an upper bound on the total. */
  value(bound: number | null): PlanValue {
    if (this.#value === null || this.#value.bound !== bound) {
      const value = valuePlacement({ model: this.#model! }, this.placement());
      this.#value = { bound, value: planValue(this.placed!.problem, value, bound) };
    }
    return this.#value.value;
  }

  /** True if the replay shows all containers. */
  get complete(): boolean {
    return this.replay !== null && this.replay.at === demandTotal(this.placed!.problem.demand);
  }

  /** What a move would do. */
  effect(move: Move): MoveEffect {
    return effectOf(this.replay!, move, (counts, rows) => this.#model!.predict(counts, rows));
  }

  /** Counts of the nodes `from` and `to` after a move. */
  after(move: Move): Uint8Array {
    return countsAfter(this.replay!, move);
  }

  /** Moves a container of the whole placement. */
  move(move: Move): void {
    this.#edit(move);
    this.moves = [...this.moves, move];
  }

  /** Takes the last move back. */
  undo(): void {
    const last = this.moves.at(-1);
    if (last === undefined) return;
    this.#edit({ ...last, from: last.to, to: last.from });
    this.moves = this.moves.slice(0, -1);
  }

  /** The container is placed on its new node from the start: the replay stays one of placing only. */
  #edit({ from, to, app, back }: Move): void {
    const { nodes, apps, steps } = this.replay!;
    const edited = steps.slice();
    const first = edited.lastIndexOf(from * apps + app);
    const second = back === null ? -1 : edited.lastIndexOf(to * apps + back);
    edited[first] = to * apps + app;
    if (second >= 0) edited[second] = from * apps + back!;
    this.#replace(nodes, apps, edited);
  }

  #replace(nodes: number, apps: number, steps: Uint32Array): void {
    const at = this.replay?.steps.length === steps.length ? this.replay.at : steps.length;
    this.replay = new Replay(this.#model!, nodes, apps, steps);
    this.replay.seek(at);
    this.grounds = null;
    this.#value = null;
  }
}
