import { ShapeError } from "../../domain/mod.ts";
import { CORE_WASM_BASE64 } from "../build/core_wasm.ts";

/** Functions of the compiled core that take and return numbers; offsets are bytes in its memory. */
export type CoreFunction = (...numbers: number[]) => number;

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
    const text = atob(CORE_WASM_BASE64.replaceAll("\n", ""));
    compiled = new WebAssembly.Module(Uint8Array.from(text, (letter) => letter.charCodeAt(0)));
  }
  return compiled;
}

/**
 * One instance of the simulator core with a memory of its own. It is the only place that knows
 * pointers: views are made anew for every use, so none outlives a growth of the memory.
 */
export class Core {
  readonly #memory: WebAssembly.Memory;
  readonly #exports: WebAssembly.Exports;

  /** Makes an instance. @param evaluate Called with the offset of a configuration's counts where a hashed space needs its value. */
  constructor(evaluate: (counts: number) => number = () => 0) {
    const instance = new WebAssembly.Instance(coreModule(), { env: { evaluate } });
    this.#exports = instance.exports;
    this.#memory = instance.exports["memory"] as WebAssembly.Memory;
  }

  /** Bytes of linear memory, used or not. */
  get memoryBytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /** The exported function of this name. Fetch it once: the lookup costs more than a small call. */
  function(name: string): CoreFunction {
    const exported = this.#exports[name];
    if (typeof exported !== "function") throw new Error(`The core exports no function ${name}`);
    return exported as CoreFunction;
  }

  /** A zeroed block for `length` elements, to be given back by free. Returns its offset. */
  allocate(type: ElementType, length: number): number {
    const bytes = length * ELEMENTS[type].BYTES_PER_ELEMENT;
    if (!Number.isSafeInteger(bytes) || bytes < 0 || bytes > 0x7fffffff) {
      throw new RangeError(`The core cannot hold ${length} elements of ${type}`);
    }
    return this.function("alloc")(Math.max(bytes, 16)) >>> 0;
  }

  /** Gives a block back. */
  free(offset: number): void {
    this.function("free")(offset);
  }

  /** A view for immediate use: it is not valid after the next call into the core. */
  view<T extends ElementType>(type: T, offset: number, length: number): ElementArray<T> {
    const buffer = this.#memory.buffer as ArrayBuffer;
    return new ELEMENTS[type](buffer, offset >>> 0, length) as ElementArray<T>;
  }

  /** Copies values into the core. @throws {ShapeError} where there are not `length` of them. */
  write<T extends ElementType>(
    type: T,
    offset: number,
    values: ArrayLike<number>,
    length: number,
  ): void {
    if (values.length !== length) throw new ShapeError(`${type} array`, length, values.length);
    this.view(type, offset, length).set(values);
  }

  /** A copy of values in the core. */
  read<T extends ElementType>(type: T, offset: number, length: number): ElementArray<T> {
    return this.view(type, offset, length).slice() as ElementArray<T>;
  }

  /**
   * Lends blocks to a function and frees them when it ends, however it ends.
   * @param lengths Element type and length of each block.
   */
  lend<R>(
    lengths: readonly (readonly [ElementType, number])[],
    use: (...offsets: number[]) => R,
  ): R {
    const offsets: number[] = [];
    try {
      for (const [type, length] of lengths) offsets.push(this.allocate(type, length));
      return use(...offsets);
    } finally {
      for (const offset of offsets) this.free(offset);
    }
  }
}
