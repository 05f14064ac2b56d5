import { InputError } from "../../domain/mod.ts";

/** Keys and indices that lead to a value. */
export type Path = readonly (string | number)[];

/** What is wrong with a file, all of it, each in one line that names the place. */
export class Faults {
  readonly #messages: string[] = [];

  /** @param file Name of the file, for messages. */
  constructor(readonly file: string) {}

  /** Notes a fault. @param message What is wrong, and the remedy. */
  add(path: Path, message: string): void {
    const where = pathText(path);
    this.#messages.push(`${this.file}: ${where === "" ? "" : `${where}: `}${message}`);
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
    return this.#messages;
  }

  /** True if there is none. */
  get none(): boolean {
    return this.#messages.length === 0;
  }
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
