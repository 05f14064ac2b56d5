import { InfeasibleError, InputError } from "../../domain/mod.ts";
import { addressIn, addressOf, CoreObject, coreOf, functionsOf } from "../core/core_object.ts";
import type { ClusterState } from "../space/cluster_state.ts";
import type { Planner } from "./planner.ts";
import type { Simulator } from "../space/simulator.ts";

/** How a container is placed. */
export interface ArrivalOptions {
  /** 0 takes the best choice, 1 samples from the policy. */
  readonly temperature: number;
  /** Adds the decisions to the planner's record. @default false */
  readonly recording?: boolean;
}

/** Containers that come one by one and may leave: a planner chooses the node of each. */
export class Arrivals extends CoreObject {
  readonly #state: ClusterState;
  readonly #planner: Planner;
  readonly #apps: readonly string[];
  #lastTurn = 0;

  /**
   * Prepares the placing of containers that come one by one.
   * @param planner It must outlive this object, and be priced before containers come. Where it has an order of apps,
   * containers come in that order, and each goes where {@link Planner.plan} would put it.
   * @param state The planner's state.
   */
  constructor(simulator: Simulator, planner: Planner, state: ClusterState) {
    const core = coreOf(simulator);
    const address = core.functions.createArrivals(addressIn(core, planner), addressIn(core, state));
    super("object of arrivals", core, address, () => core.functions.destroyArrivals(address));
    this.#planner = planner;
    this.#apps = simulator.apps;
    this.#state = state;
  }

  /**
   * All nodes empty.
   * @param target A state whose placement is followed as long as there is a way.
   * @throws {InputError} if the planner has no network.
   */
  begin(target?: ClusterState): void {
    this.#needNetwork();
    this.#lastTurn = 0;
    const core = coreOf(this);
    core.functions.beginArrivals(
      addressOf(this),
      target === undefined ? 0 : addressIn(core, target),
    );
  }

  /**
   * Every node holds what it holds in a state of the same problem.
   * @throws {InputError} if the planner has no network.
   */
  load(state: ClusterState): void {
    this.begin();
    const core = coreOf(this);
    core.functions.loadArrivals(addressOf(this), addressIn(core, state));
  }

  /**
   * Places a container of the app and returns its node.
   * @throws {InfeasibleError} if none may take it. @throws {InputError} for an app out of the planner's order.
   */
  arrive(app: number, options: ArrivalOptions): number {
    this.#needNetwork();
    this.#needOrder([app]);
    const { temperature, recording = false } = options;
    const node = functionsOf(this).arrive(addressOf(this), app, temperature, recording);
    if (node < 0) {
      throw new InfeasibleError(
        `No node may take another container of ${
          this.#apps[app]
        }, as those that came before stay: ` +
          "a scheduler that knows all at once may (optimal)",
      );
    }
    return node;
  }

  /**
   * Places containers in this order.
   * @returns Total throughput after each; a container that found no place adds nothing.
   */
  arriveAll(order: Uint8Array, options: ArrivalOptions): Float64Array {
    this.#needNetwork();
    this.#needOrder(order);
    const lengths = [["u8", order.length], ["f64", order.length]] as const;
    const { temperature, recording = false } = options;
    const core = coreOf(this);
    return core.lend(lengths, (apps, totals) => {
      core.write("u8", apps, order, order.length);
      core.functions.arriveAll(
        addressOf(this),
        apps,
        order.length,
        temperature,
        recording,
        totals,
      );
      return core.read("f64", totals, order.length);
    });
  }

  /** A container of the app leaves the node, which must hold one. */
  depart(node: number, app: number): void {
    this.#needNetwork();
    functionsOf(this).depart(addressOf(this), node, app);
  }

  /** Writes what every node holds to the planner's state. */
  write(): void {
    functionsOf(this).writeArrivals(addressOf(this), addressOf(this.#state));
  }

  #needOrder(apps: Iterable<number>): void {
    if (!this.#planner.ordered) return;
    for (const app of apps) {
      const turn = this.#planner.order.indexOf(app);
      if (turn < this.#lastTurn) {
        throw new InputError(
          `This planner places app by app: ${app} comes after ${
            this.#planner.order[this.#lastTurn]
          }`,
        );
      }
      this.#lastTurn = turn;
    }
  }

  #needNetwork(): void {
    if (!this.#planner.ready) throw new InputError("The planner has no network: call setNetwork");
  }
}
