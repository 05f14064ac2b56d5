import { InputError } from "../domain/mod.ts";
import type { ReferenceName } from "./files.ts";

/** What makes the folder, for messages. */
export const REMEDY =
  "make it with `deno task metis datasets import CHECKOUT`, or name it by METIS_DATA (docs/data.md)";

/**
 * The folder of the reference data: METIS_DATA, else ../shared/data beside the project, else .metis/data in it.
 * @returns Its address, ending in a slash; null if there is none.
 */
export function findReferenceFolder(): URL | null {
  const root = new URL("../", import.meta.url);
  const named = Deno.env.get("METIS_DATA");
  const places = named
    ? [new URL(named.replace(/\/*$/, "/"), `file://${Deno.cwd()}/`)]
    : [new URL("../shared/data/", root), new URL(".metis/data/", root)];
  return places.find(holdsData) ?? null;
}

/** The file that is made last: where it is, all are. */
const LAST: ReferenceName = "rf20-table.csv";

function holdsData(folder: URL): boolean {
  try {
    return Deno.statSync(new URL(LAST, folder)).isFile;
  } catch {
    return false;
  }
}

/**
 * The path of a file of the reference data, there or not.
 * @throws {InputError} if the folder is missing, with what makes it.
 */
export function referencePath(name: string): string {
  const folder = findReferenceFolder();
  if (folder === null) throw new InputError(`${name}: the 2020 data are missing: ${REMEDY}`);
  return decodeURIComponent(new URL(name, folder).pathname);
}

/**
 * The bytes of a file of the reference data.
 * @throws {InputError} if the folder is missing, with what makes it.
 */
export function readReference(name: ReferenceName): Uint8Array {
  return Deno.readFileSync(referencePath(name));
}

/**
 * The text of a file of the reference data.
 * @throws {InputError} if it is missing.
 */
export function referenceText(name: ReferenceName): string {
  return new TextDecoder().decode(readReference(name));
}
