/**
 * Several stack files as one, by Docker's rule: later files add to and replace what earlier ones say.
 * @module
 */
import type { LongService } from "./short_forms.ts";

/** Lists whose elements replace those of the same name, and what the name is. */
const NAMED: Readonly<Record<string, (element: Named) => unknown>> = {
  configs: ({ source }) => source,
  environment: (pair) => pair[0],
  networks: ({ key }) => key,
  ports: ({ published, target }) => published ?? `inside ${target}`,
  secrets: ({ source }) => source,
  volumes: ({ target }) => target,
};
/** Those of them that have no order, and so are sorted. */
const SORTED: readonly string[] = ["configs", "environment", "networks", "secrets"];
/** Lists that are replaced as a whole, unless they are empty. */
const WHOLE: readonly string[] = ["command", "entrypoint", "healthcheck.test"];

interface Named {
  readonly [field: string]: unknown;
}

/** A service of an earlier file with what a later one says of it. */
export function mergeServices(base: LongService, later: LongService): LongService {
  // Both have the same form, and merging keeps the form of every field.
  return merge(base, later, "") as LongService;
}

function merge(base: unknown, later: unknown, path: string): unknown {
  if (later === undefined || later === null) return base;
  if (base === undefined || base === null) return later;
  if (Array.isArray(base) && Array.isArray(later)) {
    const nameOf = NAMED[path];
    if (nameOf !== undefined) {
      const all = new Map<unknown, unknown>(base.map((one) => [nameOf(one), one]));
      for (const one of later) if (!isSilent(path, one, all)) all.set(nameOf(one), one);
      return SORTED.includes(path)
        ? [...all].sort(([a], [b]) => String(a) < String(b) ? -1 : 1).map(([, one]) => one)
        : [...all.values()];
    }
    if (WHOLE.includes(path)) return later.length > 0 ? later : base;
    return [...base, ...later];
  }
  if (isObject(base) && isObject(later)) {
    const inner = (key: string) => path === "" ? key : `${path}.${key}`;
    if (path === "logging" && base.driver && later.driver && base.driver !== later.driver) {
      return later;
    }
    const fields = Object.entries(later).map(([key, value]) => [
      key,
      merge(base[key], value, inner(key)),
    ]);
    return { ...base, ...Object.fromEntries(fields) };
  }
  // To Docker, a later value that is empty says nothing, but for a label's, and for most numbers.
  const isSilence = later === "" || later === false ||
    (later === 0 && /(max_failure_ratio|max_replicas_per_node|^oom_score_adj)$/.test(path));
  return isSilence && !/(^|\.)(labels|options|sysctls)\./.test(path) ? base : later;
}

/** True for a variable without a value, and for a network that is only named, where an earlier file says more. */
function isSilent(path: string, later: Named, all: ReadonlyMap<unknown, unknown>): boolean {
  if (path === "environment") return !later[1] && all.has(later[0]);
  return path === "networks" && all.has(later.key) &&
    Object.values(later).every((field) => field === later.key || isEmpty(field));
}

function isEmpty(field: unknown): boolean {
  return typeof field === "object" && field !== null && Object.keys(field).length === 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
