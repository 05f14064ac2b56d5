import { MetisError } from "../../domain/mod.ts";

/** A number in training that is no longer finite. The last good weights are still in place. */
export class DivergenceError extends MetisError {
  override readonly name = "DivergenceError";
  /** @param update Number of the update that failed, from 1. @param tensor Name of what went wrong. */
  constructor(readonly update: number, readonly tensor: string) {
    super(
      `Training diverged at update ${update}: ${tensor} is not finite, lower the learning rate or clip the gradient`,
    );
  }
}
