import { InputError } from "../../domain/mod.ts";

/** Keys and indices that lead to a value. */
export type Path = readonly (string | number)[];

/** What is wrong with a file, all of it, each in one line that names the place. */
export class Faults {
  readonly #all: { readonly path: Path; readonly message: string }[] = [];

  /** @param file Name of the file, for messages. */
  constructor(readonly file: string) {}

  /** Notes a fault. @param message What is wrong, and the remedy. */
  add(path: Path, message: string): void {
    const where = pathText(path);
    const text = `${this.file}: ${where === "" ? "" : `${where}: `}${message}`;
    this.#all.push({ path, message: text });
  }

  /** Adds the faults of others that are not about places, or parts of places, that have a fault already. */
  addElsewhere(others: Faults): void {
    const known = this.#all.map(({ path }) => path);
    const isNews = others.#all.filter(({ path }) =>
      !known.some((one) => startsWith(one, path) || startsWith(path, one))
    );
    this.#all.push(...isNews);
  }

  /** True if there is a fault at a place itself. */
  has(place: Path): boolean {
    return this.#all.some(({ path }) => path.length === place.length && startsWith(path, place));
  }

  /** True if there is a fault at a place, or at some part of it. */
  isAt(place: Path): boolean {
    return this.#all.some(({ path }) => startsWith(path, place));
  }

  /** Notes what work throws about the file; undefined where it throws. */
  catch<T>(path: Path, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.add(path, error.message);
      return undefined;
    }
  }

  /** The messages, in order. */
  get messages(): readonly string[] {
    return this.#all.map(({ message }) => message);
  }

  /** True if there is none. */
  get none(): boolean {
    return this.#all.length === 0;
  }
}

function startsWith(path: Path, start: Path): boolean {
  return start.every((key, at) => path[at] === key);
}

/** A path as people write it: `nodes[0].resources.memory`. */
export function pathText(path: Path): string {
  return path.map((key, at) =>
    typeof key === "number"
      ? `[${key}]`
      : /^[\w-]+$/.test(key)
      ? `${at === 0 ? "" : "."}${key}`
      : `[${JSON.stringify(key)}]`
  ).join("");
}
