import { Random } from "../../domain/mod.ts";
import type { EndInfos, EnvironmentStep, VectorEnvironment } from "./contract.ts";

/** Plays an environment by random actions among those that are not masked; the same seed plays the same. */
export class RandomPlayer<Infos extends EndInfos = EndInfos> {
  /** What is played. */
  readonly environment: VectorEnvironment<Infos>;
  /** Length = environments; 1 where the last step ended an episode. */
  readonly ended: Uint8Array;
  readonly #draws: Random;

  /** @param seed Of the actions. */
  constructor(environment: VectorEnvironment<Infos>, seed: number) {
    this.environment = environment;
    this.ended = new Uint8Array(environment.environments);
    this.#draws = new Random(seed);
  }

  /** Starts all episodes. */
  reset(seed?: number): void {
    this.environment.reset({ seed });
    this.ended.fill(0);
  }

  /** An action for each environment. */
  actions(): number[] {
    const { environments, masks, actionSpace: { n } } = this.environment;
    return Array.from({ length: environments }, (_, at) => {
      let open = 0;
      for (let action = 0; action < n; action++) open += masks[at * n + action]!;
      let chosen = this.#draws.below(Math.max(1, open));
      for (let action = 0; action < n; action++) {
        if (masks[at * n + action] === 1 && chosen-- === 0) return action;
      }
      return 0;
    });
  }

  /** Resets what has ended where nothing else does, then takes these actions, or random ones. */
  step(actions?: ArrayLike<number>): EnvironmentStep<Infos> {
    const { environment, ended } = this;
    if (environment.autoreset === "disabled" && ended.includes(1)) {
      environment.reset({ only: ended });
    }
    const step = environment.step(actions ?? this.actions());
    step.terminated.forEach((flag, at) => ended[at] = flag | step.truncated[at]!);
    return step;
  }
}
