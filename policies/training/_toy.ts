// A trainer for the tests of training: a softmax over four arms, learned by REINFORCE in plain arrays.
import { InputError, Owner, Random } from "../../domain/mod.ts";
import type { Network } from "../learning/network.ts";
import type { Trainer, TrainerState } from "../learning/trainer.ts";

/** Mean reward of each arm: the best is the third. */
const ARMS = [0.2, 0.5, 0.9, 0.4];
const EPISODES = 32;

/** What goes wrong, and at which update. */
export interface ToyFault {
  readonly update: number;
  readonly where: "weight" | "reward" | "extra";
}

/** A toy trainer whose optimum is 0.9; `seed` decides everything random. */
export class ToyTrainer extends Owner implements Trainer {
  readonly done = false;
  #updates = 0;
  readonly #seed: number;
  readonly #fault: ToyFault | null;
  readonly #kernel = new Float32Array(ARMS.length);

  constructor(seed: number, fault: ToyFault | null = null) {
    super("toy trainer");
    this.#seed = seed;
    this.#fault = fault;
  }

  update() {
    this.#updates++;
    const draws = new Random(Math.imul(this.#seed, 1000003) + this.#updates);
    const shares = softmax(this.#kernel);
    let sum = 0;
    const gradient = new Float64Array(ARMS.length);
    for (let episode = 0; episode < EPISODES; episode++) {
      const point = draws.uniform();
      let arm = 0;
      for (let below = shares[0]!; below < point && arm < ARMS.length - 1;) below += shares[++arm]!;
      const reward = ARMS[arm]! + 0.1 * draws.normal();
      sum += reward;
      shares.forEach((share, at) => {
        gradient[at]! += (reward - 0.5) * ((at === arm ? 1 : 0) - share) / EPISODES;
      });
    }
    gradient.forEach((slope, at) => this.#kernel[at]! += slope);
    const broken = (where: ToyFault["where"]): number =>
      this.#fault?.where === where && this.#fault.update === this.#updates ? NaN : 0;
    this.#kernel[1]! += broken("weight");
    const mean = sum / EPISODES;
    return {
      update: this.#updates,
      episodes: this.#updates * EPISODES,
      batchEpisodes: EPISODES,
      steps: EPISODES,
      meanReward: mean + broken("reward"),
      meanThroughput: mean,
      bestThroughput: mean,
      entropy: -shares.reduce((total, share) => total + share * Math.log(share), 0),
      gradientNorm: Math.hypot(...gradient),
      loss: -mean,
      extra: { kl: broken("extra") },
    };
  }

  state(): TrainerState {
    return {
      values: { seed: this.#seed, updates: this.#updates },
      arrays: { kernel: this.#kernel.slice() },
    };
  }

  restore({ values, arrays }: TrainerState): void {
    if (values["seed"] !== this.#seed) throw new InputError("A state of another seed");
    this.#updates = values["updates"] as number;
    this.#kernel.set(arrays["kernel"]!);
  }

  networks(): Network[] {
    return [{
      name: "arms",
      layers: [{
        inputs: 1,
        outputs: ARMS.length,
        activation: "linear",
        kernel: this.#kernel.slice(),
        bias: new Float32Array(ARMS.length),
      }],
    }];
  }

  /** Share of the best arm. */
  share(): number {
    return softmax(this.#kernel)[2]!;
  }

  protected override release(): void {}
}

function softmax(logits: Float32Array): number[] {
  const most = logits.reduce((a, b) => Math.max(a, b));
  const weights = Array.from(logits, (logit) => Math.exp(logit - most));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}
