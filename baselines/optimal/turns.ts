/** Milliseconds of work after which others have their turn. */
const TURN = 30;

/** Lets timers and signals through during long work on one thread. */
export class Turns {
  #since = performance.now();

  /** Waits for the event loop where the last turn is a while ago, else goes on at once. */
  async yield(): Promise<void> {
    if (performance.now() - this.#since < TURN) return;
    await new Promise((resolve) => setTimeout(resolve));
    this.#since = performance.now();
  }
}
