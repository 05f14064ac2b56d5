import { MetisError } from "../../domain/mod.ts";

/** An action that the mask of an environment excludes, or that is outside its action space. */
export class MaskedActionError extends MetisError {
  /** Name of the class. */
  override readonly name = "MaskedActionError";
  /** Makes the error. @param environment Index of the environment. @param action What was chosen. */
  constructor(readonly environment: number, readonly action: number) {
    super(`Action ${action} of environment ${environment} is masked or does not exist`);
  }
}

/** An environment was stepped before its first reset, or after the end of an episode that nothing resets. */
export class ResetNeededError extends MetisError {
  /** Name of the class. */
  override readonly name = "ResetNeededError";
}
