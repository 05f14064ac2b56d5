/** Sets of small whole numbers, one for each owner, from which a member can be drawn: all steps take constant time. */
export class Lists {
  readonly #members: Uint32Array;
  readonly #places: Uint32Array;
  readonly #sizes: Uint32Array;

  /** Empty sets. @param owners Number of sets. @param limit Members are below it. */
  constructor(owners: number, readonly limit: number) {
    this.#members = new Uint32Array(owners * limit);
    this.#places = new Uint32Array(owners * limit);
    this.#sizes = new Uint32Array(owners);
  }

  /** Number of members. */
  size(owner: number): number {
    return this.#sizes[owner]!;
  }

  /** A member. @param at 0 to size - 1; steps change the order. */
  at(owner: number, at: number): number {
    return this.#members[owner * this.limit + at]!;
  }

  /** Adds what is no member yet. */
  add(owner: number, member: number): void {
    const first = owner * this.limit;
    const at = this.#sizes[owner]!++;
    this.#members[first + at] = member;
    this.#places[first + member] = at;
  }

  /** Takes out a member. */
  remove(owner: number, member: number): void {
    const first = owner * this.limit;
    const last = this.#members[first + --this.#sizes[owner]!]!;
    const at = this.#places[first + member]!;
    this.#members[first + at] = last;
    this.#places[first + last] = at;
  }
}
