import { Owner, ShapeError } from "../../domain/mod.ts";
import { type Address, bindCore, type CoreFunctions } from "../build/core_exports.ts";
import type { RawCoreFunctions } from "../build/core_exports.ts";
import { CORE_WASM_HEX } from "../build/core_wasm.ts";

/** Typed arrays by the element types that the host reads and writes in the core's memory. */
export interface ElementArrays {
  /** Unsigned bytes. */
  u8: Uint8Array<ArrayBuffer>;
  /** Unsigned words. */
  u32: Uint32Array<ArrayBuffer>;
  /** Signed words. */
  i32: Int32Array<ArrayBuffer>;
  /** Single precision. */
  f32: Float32Array<ArrayBuffer>;
  /** Double precision. */
  f64: Float64Array<ArrayBuffer>;
}

const ELEMENTS = {
  u8: Uint8Array,
  u32: Uint32Array,
  i32: Int32Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;

/** Name of an element type in the core's memory. */
export type ElementType = keyof ElementArrays;

/** Typed array of an element type. */
export type ElementArray<T extends ElementType> = ElementArrays[T];

let compiled: WebAssembly.Module | undefined;

/** The compiled core: compiled once, since a module holds no state. */
function coreModule(): WebAssembly.Module {
  if (compiled === undefined) {
    compiled = new WebAssembly.Module(bytesOf(CORE_WASM_HEX));
  }
  return compiled;
}

/** The bytes of hexadecimal digits in lines. Node 22 and older browsers have no `fromHex`. */
function bytesOf(lines: string): Uint8Array<ArrayBuffer> {
  const hex = lines.replaceAll("\n", "");
  return Uint8Array.fromHex?.(hex) ??
    Uint8Array.from(
      { length: hex.length / 2 },
      (_, at) => parseInt(hex.slice(2 * at, 2 * at + 2), 16),
    );
}

/** What an instance exports, as `deno task build` read it from the same module. */
interface CoreExports extends RawCoreFunctions {
  readonly memory: WebAssembly.Memory;
}

/**
 * One instance of the simulator core with a memory of its own. It is the only place that knows memory: views are
 * made for every use, so none outlives a growth of the memory.
 */
export class Core extends Owner {
  /** The memory and the functions, null once disposed of, so that they can be collected. */
  #live: { readonly memory: WebAssembly.Memory; readonly functions: CoreFunctions } | null;

  /**
   * Makes an instance.
   * @param what Name of what it holds, in messages: `simulator`.
   * @param evaluate Called with the address of a configuration's counts and a surface where a hashed space needs its value.
   */
  constructor(what: string, evaluate: (counts: Address, surface: number) => number = () => 0) {
    super(what);
    const instance = new WebAssembly.Instance(coreModule(), { env: { evaluate } });
    const exports = instance.exports as unknown as CoreExports;
    this.#live = { memory: exports.memory, functions: bindCore(exports) };
  }

  /** The functions of the core. @throws {DisposedError} after dispose. */
  get functions(): CoreFunctions {
    if (this.#live === null) this.needLive();
    return this.#live!.functions;
  }

  /** Bytes of linear memory, used or not. */
  get memoryBytes(): number {
    return this.#buffer.byteLength;
  }

  /** A zeroed block for `length` elements, to be given back by free. Returns its address. */
  allocate(type: ElementType, length: number): Address {
    const bytes = length * ELEMENTS[type].BYTES_PER_ELEMENT;
    if (!Number.isSafeInteger(bytes) || bytes < 0 || bytes > 0x7fffffff) {
      throw new RangeError(`The core cannot hold ${length} elements of ${type}`);
    }
    return this.functions.alloc(Math.max(bytes, 16));
  }

  /** A block that holds these values, to be given back by free. Returns its address. */
  place(type: ElementType, values: ArrayLike<number>): Address {
    const address = this.allocate(type, values.length);
    this.write(type, address, values, values.length);
    return address;
  }

  /** Gives a block back. */
  free(address: Address): void {
    this.functions.free(address);
  }

  /** A view for immediate use: it is not valid after the next call into the core. */
  view<T extends ElementType>(type: T, address: Address, length: number): ElementArray<T> {
    return new ELEMENTS[type](this.#buffer, address, length) as ElementArray<T>;
  }

  /** Copies values into the core. @throws {ShapeError} if there are not `length` of them. */
  write<T extends ElementType>(
    type: T,
    address: Address,
    values: ArrayLike<number>,
    length: number,
  ): void {
    if (values.length !== length) throw new ShapeError(`${type} array`, length, values.length);
    this.view(type, address, length).set(values);
  }

  /** A copy of values in the core. */
  read<T extends ElementType>(type: T, address: Address, length: number): ElementArray<T> {
    return this.view(type, address, length).slice() as ElementArray<T>;
  }

  /** Uses an owner of the core, and frees it with its blocks. */
  owning<R>(owner: Address, use: (owner: Address) => R): R {
    try {
      return use(owner);
    } finally {
      this.functions.freeOwner(owner);
    }
  }

  /**
   * Lends blocks to a function and frees them when it ends, however it ends.
   * @param lengths Element type and length of each block.
   */
  lend<const L extends readonly (readonly [ElementType, number])[], R>(
    lengths: L,
    use: (...addresses: { readonly [at in keyof L]: Address }) => R,
  ): R {
    const addresses: Address[] = [];
    try {
      for (const [type, length] of lengths) addresses.push(this.allocate(type, length));
      return use(...addresses as { readonly [at in keyof L]: Address });
    } finally {
      for (const address of addresses) this.free(address);
    }
  }

  /** Lets the memory go. */
  protected override release(): void {
    this.#live = null;
  }

  get #buffer(): ArrayBuffer {
    if (this.#live === null) this.needLive();
    return this.#live!.memory.buffer as ArrayBuffer;
  }
}

let stateless: CoreFunctions | undefined;

/** The functions of an instance without a space, for those that only compute. */
export function statelessCore(): CoreFunctions {
  return stateless ??= new Core("core").functions;
}
