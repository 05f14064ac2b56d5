import { type Cluster, suggest } from "../../domain/mod.ts";
import type { Faults, Path } from "./faults.ts";
import type { ProblemForm, SurfaceForm } from "./schema.ts";
import type { ClassSurface, SurfaceSource } from "./types.ts";

/** Where files named by another file are: beside it, unless their paths are absolute. */
export function besideFile(file: string, path: string): string {
  if (/^(?:[/\\]|[A-Za-z]:[/\\])/.test(path)) return path;
  const folder = /^.*[/\\]/.exec(file)?.[0] ?? "";
  return `${folder}${path}`;
}

/** The different surfaces of a file, and the cluster with the index of each class. */
export function surfacesOf(
  form: ProblemForm,
  cluster: Cluster,
  faults: Faults,
): {
  readonly surfaces: readonly ClassSurface[];
  readonly cluster: Cluster;
  readonly notices: readonly string[];
} {
  const shared = form.surface === undefined ? null : sourceOf(form.surface, ["surface"], faults);
  const surfaces: ClassSurface[] = [];
  const indexOf = new Map<string, number>();
  let isOpen = false;
  const nodeClasses = cluster.nodeClasses.map((nodeClass, at) => {
    const own = form.nodes[at]!.surface;
    const path: Path = own === undefined ? ["surface"] : ["nodes", at, "surface"];
    const source = own === undefined || saysNoSource(own) ? shared : sourceOf(own, path, faults);
    const speed = own?.speed ?? {};
    for (const app of Object.keys(speed)) {
      if (Object.hasOwn(form.apps, app)) continue;
      const known = suggest(app, Object.keys(form.apps).slice(0, 20));
      faults.add([...path, "speed", app], `there is no app ${app}${known}`);
    }
    if (source?.kind === "traffic" && own?.speed !== undefined) {
      faults.add([...path, "speed"], "is of surfaces that predict throughput, not of traffic");
    }
    if (source === null) {
      isOpen ||= form.surface === undefined && own === undefined;
      if (own !== undefined && saysNoSource(own) && form.surface === undefined) {
        faults.add(
          path,
          "says how fast apps are beside the surface of all nodes, but there is none: add a key surface",
        );
      }
      return nodeClass;
    }
    const factors = Object.entries(speed).filter(([, factor]) => factor !== 1).sort();
    const key = JSON.stringify([source, factors]);
    const index = indexOf.get(key) ?? surfaces.length;
    if (index === surfaces.length) {
      indexOf.set(key, index);
      surfaces.push({ source, speed: Object.fromEntries(factors), path });
    }
    return index === 0 ? nodeClass : { ...nodeClass, surface: index };
  });
  if (isOpen && surfaces.length > 0) {
    faults.add([], "some classes of nodes have a surface, others none: add a key surface for all");
  }
  const isUnused = shared !== null && surfaces.every(({ source }) => source !== shared);
  const notices = isUnused
    ? ["surface values no node: all classes of nodes have one of their own"]
    : [];
  return { surfaces, cluster: { nodeClasses }, notices };
}

const KINDS = ["profile", "table", "model", "traffic"] as const;

function saysNoSource(form: SurfaceForm): boolean {
  return Object.keys(form).every((key) => key === "speed");
}

function sourceOf(form: SurfaceForm, path: Path, faults: Faults): SurfaceSource | null {
  const kinds = KINDS.filter((kind) => form[kind] !== undefined);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    faults.add(
      path,
      kind === undefined
        ? `say what values a placement: one of ${KINDS.join(", ")}`
        : `give only one of ${kinds.join(" and ")}`,
    );
    return null;
  }
  const goesWith = { fit: "profile", fallback: "table" } as const;
  for (const [key, wanted] of Object.entries(goesWith)) {
    if (form[key as keyof typeof goesWith] !== undefined && kind !== wanted) {
      faults.add([...path, key], `goes with ${wanted} only, not with ${kind}`);
    }
  }
  const { fit, fallback, normalise, maxRps, apps } = form;
  const isMeasured = kind === "profile" || kind === "table";
  if (!isMeasured && (normalise || maxRps !== undefined || apps !== undefined)) {
    faults.add(path, `normalise, maxRps and apps are of measured files, not of ${kind}`);
  }
  return {
    kind,
    file: besideFile(faults.file, form[kind]!),
    ...(fit === undefined ? {} : { fit }),
    ...(fallback === undefined ? {} : { fallback }),
    ...(normalise === true ? { normalise } : {}),
    ...(maxRps === undefined ? {} : { maxRps }),
    ...(apps === undefined ? {} : { apps }),
  };
}
