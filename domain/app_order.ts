import { InputError } from "./errors.ts";
import type { Profile } from "./profile.ts";

/**
 * Where each wanted app stands among the found ones.
 * @param wanted Apps in the order to bring things into. @param found Apps of a file, in its order.
 * @param file Name of the file, for messages.
 * @returns Indices into `found`, length = wanted.
 * @throws {InputError} naming the apps that are missing or too many.
 */
export function appOrder(
  wanted: readonly string[],
  found: readonly string[],
  file: string,
): number[] {
  const missing = wanted.filter((app) => !found.includes(app));
  const extra = found.filter((app) => !wanted.includes(app));
  if (missing.length > 0 || extra.length > 0) {
    const problems = [
      ...(missing.length > 0 ? [`lacks ${missing.join(", ")}`] : []),
      ...(extra.length > 0 ? [`has unknown ${extra.join(", ")}`] : []),
    ];
    throw new InputError(
      `${file}: ${problems.join(" and ")}: its apps must be ${wanted.join(", ")}, in any order`,
    );
  }
  return wanted.map((app) => found.indexOf(app));
}

/** A profile with its apps in this order. @throws {InputError} if it has other apps. */
export function inAppOrder(profile: Profile, apps: readonly string[], file: string): Profile {
  const order = appOrder(apps, profile.apps, file);
  const width = apps.length;
  const reordered = <T extends Uint8Array | Float64Array>(source: T, target: T): T => {
    for (let row = 0; row < profile.rows; row++) {
      order.forEach((from, to) => target[row * width + to] = source[row * width + from]!);
    }
    return target;
  };
  const { counts, rps, p50, p99, deviations } = profile;
  const values = (source: Float64Array) => reordered(source, new Float64Array(source.length));
  return {
    ...profile,
    apps,
    counts: reordered(counts, new Uint8Array(counts.length)),
    rps: values(rps),
    ...(p50 ? { p50: values(p50) } : {}),
    ...(p99 ? { p99: values(p99) } : {}),
    ...(deviations ? { deviations: values(deviations) } : {}),
  };
}
