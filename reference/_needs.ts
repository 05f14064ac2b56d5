import { findReferenceFolder, REMEDY } from "./folder.ts";

/** True if the reference data are available. */
export const HAS_REFERENCE: boolean = findReferenceFolder() !== null;

/** Makes a test need the reference data: where they are missing it is ignored, and its name says why and what helps. */
export function needsReference<T extends { readonly name: string; readonly ignore?: boolean }>(
  test: T,
): T {
  return HAS_REFERENCE ? test : {
    ...test,
    name: `${test.name} (skipped: the 2020 data are missing: ${REMEDY})`,
    ignore: true,
  };
}
