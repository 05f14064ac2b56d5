import { countOf, nodeCapacities } from "../../domain/mod.ts";
import type { Step } from "./step.ts";
import { Underway } from "./underway.ts";
import type { Act, Passage } from "./work.ts";
import type { NodeWorth } from "./worth.ts";

/** Gains below this are none. */
const NONE = 5e-7;

/** How steps are told. */
interface Telling {
  readonly nodeName: (node: number) => string;
  readonly lost?: readonly number[] | undefined;
}

/** Acts as steps, each with what it brings and why it is there; a start and a stop of one app in a row are one step. */
export function stepsOfActs(
  passage: Passage,
  acts: readonly Act[],
  worth: NodeWorth,
  telling: Telling,
): Step[] {
  const { problem, current, next } = passage;
  const underway = new Underway(problem, current);
  const reasons = new Reasons(passage, underway, telling);
  let running = underway.running.reduce((sum, count) => sum + count, 0);
  let total = 0;
  for (let node = 0; node < next.nodes; node++) total += worth.of(underway.counts, node);
  const mean = (): number => running === 0 ? 0 : total / running;
  const steps: Step[] = [];
  for (let at = 0; at < acts.length; at++) {
    const act = acts[at]!;
    const after = acts[at + 1];
    const joins = act.kind === "start" && after?.kind === "stop" && after.app === act.app &&
      !after.first && after.node !== act.node;
    const done = joins ? [act, after] : [act];
    const before = mean();
    const why = reasons.before(done);
    for (const { kind, node, app } of done) {
      total -= worth.of(underway.counts, node);
      underway[kind](node, app);
      total += worth.of(underway.counts, node);
      running += kind === "start" ? 1 : -1;
    }
    if (joins) at++;
    const gain = mean() - before;
    steps.push({
      app: act.app,
      from: done.find(({ kind }) => kind === "stop")?.node ?? null,
      to: done.find(({ kind }) => kind === "start")?.node ?? null,
      why: why ?? reasons.ofGain(done, acts.slice(at + 1), gain),
      gain,
    });
  }
  return steps;
}

/** Why steps are there, one after the other. */
class Reasons {
  readonly #lost: number[];
  readonly #capacities: Uint8Array;
  /** Per app: containers that wait elsewhere, and that were stopped first. */
  readonly #parked: Map<number, Set<number>> = new Map();
  readonly #stopped: number[];

  constructor(
    readonly passage: Passage,
    readonly underway: Underway,
    readonly telling: Telling,
  ) {
    this.#lost = [...telling.lost ?? []];
    this.#capacities = nodeCapacities(passage.problem.cluster, passage.problem.rules);
    this.#stopped = passage.problem.apps.map(() => 0);
  }

  /** Why it has to be, whatever it brings; null where it is there for what it brings. To be asked before the step. */
  before(acts: readonly Act[]): string | null {
    const start = acts.find(({ kind }) => kind === "start");
    const stop = acts.find(({ kind }) => kind === "stop");
    const app = acts[0]!.app;
    const waiting = this.#parked.get(app) ?? new Set();
    this.#parked.set(app, waiting);
    if (stop?.first) {
      this.#stopped[app]!++;
      return "stops before its new one starts: no room was found for both";
    }
    if (start?.extra) {
      waiting.add(start.node);
      return stop === undefined
        ? "waits here until there is room where it belongs"
        : `waits on ${this.telling.nodeName(start.node)} to make room on ${
          this.telling.nodeName(stop.node)
        }`;
    }
    if (stop !== undefined && waiting.delete(stop.node)) {
      return start === undefined
        ? "has waited here: enough of its app run now"
        : "comes from where it waited";
    }
    if (stop === undefined) return this.#whyStart(app);
    return start === undefined ? this.#whyStop(app, stop) : this.#whyLeave(stop);
  }

  #whyStart(app: number): string | null {
    const { problem, least } = this.passage;
    if (this.#stopped[app]! > 0) {
      this.#stopped[app]!--;
      return "starts again after it stopped first";
    }
    if ((this.#lost[app] ?? 0) > 0) {
      this.#lost[app]!--;
      return "its node left";
    }
    const more = problem.demand[app]! - least[app]!;
    return more > 0
      ? `the demand asks for ${countOf(more, "container")} more`
      : "starts before one stops elsewhere, which others need until then";
  }

  #whyStop(app: number, stop: Act): string {
    const { problem, current, least } = this.passage;
    const ran = current.counts.reduce(
      (sum, count, at) => at % current.apps === app ? sum + count : sum,
      0,
    );
    if (stop.extra) return "leaves for a moment, to make room";
    const fewer = ran - problem.demand[app]!;
    return fewer > 0 && this.underway.running[app]! > least[app]!
      ? `the demand asks for ${countOf(fewer, "container")} fewer`
      : "its new one runs elsewhere";
  }

  #whyLeave({ node }: Act): string | null {
    if (this.#capacities[node] === 0) return `${this.telling.nodeName(node)} is fenced`;
    return this.underway.isSound(node)
      ? null
      : `${this.telling.nodeName(node)} holds what it may not`;
  }

  /** What a step is there for that need not be. @param later The acts after it. */
  ofGain(acts: readonly Act[], later: readonly Act[], gain: number): string {
    if (gain > NONE) return `brings ${signed(gain)} in the mean`;
    const { node } = acts.find(({ kind }) => kind === "stop")!;
    const next = later.find((act) => act.kind === "start" && act.node === node);
    const cost = gain < -NONE ? ` (${signed(gain)} in the mean)` : "";
    return next === undefined
      ? `makes what comes after better${cost}`
      : `makes room for ${this.passage.problem.apps[next.app]} on ${
        this.telling.nodeName(node)
      }${cost}`;
  }
}

function signed(gain: number): string {
  return `${gain < 0 ? "-" : "+"}${Math.abs(gain).toFixed(6)}`;
}
