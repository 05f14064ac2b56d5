import { DisposedError } from "./errors.ts";

/**
 * Base of everything that holds memory, tensors or other owners until it is disposed of. `using` works on it, and
 * disposing twice does nothing.
 */
export abstract class Owner implements Disposable {
  readonly #what: string;
  #disposed = false;

  /** Names what is owned. @param what Its name in messages: `planner`. */
  constructor(what: string) {
    this.#what = what;
  }

  /** True once it was disposed of. */
  get disposed(): boolean {
    return this.#disposed;
  }

  /** Gives back what it holds; calling it again does nothing. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.release();
  }

  /** Lets `using` declarations dispose of it. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Stands before every use. @throws {DisposedError} if it was disposed of. */
  protected needLive(): void {
    if (this.#disposed) throw new DisposedError(this.#what);
  }

  /** Gives back what it holds; called once. */
  protected abstract release(): void;
}
