/**
 * Names that help texts, errors and shell completions list, from where the things themselves are listed.
 * @module
 */
import { fitNames } from "../../models/mod.ts";
import { strategies } from "../../profiling/mod.ts";
import { defaultRegistry } from "../../registry.ts";

/** Names of the schedulers of the default registry, in its order. */
export const SCHEDULER_NAMES: readonly string[] = defaultRegistry().names();

/** Names of the kinds of model that `--fit` takes. */
export const FIT_NAMES: readonly string[] = fitNames();

/** Names of the strategies of `metis profile --active`. */
export const STRATEGY_NAMES: readonly string[] = strategies().map(({ name }) => name);
