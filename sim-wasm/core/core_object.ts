import { InputError, Owner } from "../../domain/mod.ts";
import type { Address, CoreFunctions } from "../build/core_exports.ts";
import type { Core } from "./core.ts";

/** Where an object is in its core. @throws {DisposedError} if it, or its core, was disposed of. */
export let addressOf: (object: CoreObject) => Address;

/**
 * Where an object is that is used together with others of one core.
 * @throws {InputError} if it is in another core. @throws {DisposedError} as {@link addressOf}.
 */
export let addressIn: (core: Core, object: CoreObject) => Address;

/** The core that an object is in. @throws {DisposedError} if it, or its core, was disposed of. */
export let coreOf: (object: CoreObject) => Core;

/** The functions of the core that an object is in. @throws {DisposedError} as {@link coreOf}. */
export let functionsOf: (object: CoreObject) => CoreFunctions;

/**
 * Base of everything that owns memory of a core: the address is behind a gate, and given back once. Addresses
 * and cores do not leave the folder sim-wasm: its modules ask {@link addressOf} and {@link coreOf}.
 * @internal
 */
export abstract class CoreObject extends Owner {
  readonly #what: string;
  readonly #core: Core;
  readonly #address: Address;
  readonly #destroy: (core: Core, address: Address) => void;

  static {
    addressOf = (object) => object.#live() ?? object.#address;
    addressIn = (core, object) => object.#addressIn(core);
    coreOf = (object) => object.#live() ?? object.#core;
    functionsOf = (object) => object.#live() ?? object.#core.functions;
  }

  /**
   * Takes memory over.
   * @param what Name of the object in messages: `planner`.
   * @param core Where it lives.
   * @param address Where it begins, 0 if the object is its whole core.
   * @param destroy Gives the memory back; not called where the core is gone already.
   */
  constructor(
    what: string,
    core: Core,
    address: Address,
    destroy: (core: Core, address: Address) => void,
  ) {
    super(what);
    this.#what = what;
    this.#core = core;
    this.#address = address;
    this.#destroy = destroy;
  }

  /** Gives the memory back. */
  protected override release(): void {
    if (!this.#core.disposed) this.#destroy(this.#core, this.#address);
  }

  #addressIn(core: Core): Address {
    this.#live();
    if (this.#core !== core) {
      throw new InputError(
        `This ${this.#what} belongs to another simulator: make it in the same one`,
      );
    }
    return this.#address;
  }

  /** Throws where the object, or the core around it, is gone. */
  #live(): void {
    this.needLive();
    if (this.#core.disposed) void this.#core.functions;
  }
}
