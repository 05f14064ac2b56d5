import { join } from "node:path";

/**
 * Where a path of a stack file is, as Docker has it: absolute ones stay as they are written, others begin at the folder of
 * the first file.
 * @param folder Absolute.
 * @param home Folder that `~` stands for.
 */
export function pathOf(path: string, folder: string, home: string): string {
  const expanded = path.startsWith("~") ? `${home}${path.slice(1)}` : path;
  if (expanded.startsWith("/")) return expanded;
  const joined = join(folder, expanded);
  return joined.length > 1 && joined.endsWith("/") ? joined.slice(0, -1) : joined;
}
