/**
 * Names that help texts and shell completions list without loading what they name: names_test.ts
 * keeps them equal to the registry and the models.
 * @module
 */

/** Names of the schedulers of the default registry, in its order. */
export const SCHEDULER_NAMES: readonly string[] = [
  "round-robin",
  "random",
  "spread",
  "binpack",
  "greedy",
  "local-search",
  "annealing",
  "paragon",
  "medea",
  "metis-online",
  "metis",
  "metis-paper",
  "vanilla",
  "dc",
  "optimal",
];

/** Names of the kinds of model that `--fit` takes. */
export const FIT_NAMES: readonly string[] = [
  "forest",
  "extra-trees",
  "pooled",
  "boosting",
  "gaussian",
  "auto",
  "table",
];

/** Names of the strategies of `metis profile --active`. */
export const STRATEGY_NAMES: readonly string[] = [
  "mixture",
  "optimistic",
  "uncertainty",
  "cover",
  "random",
];
