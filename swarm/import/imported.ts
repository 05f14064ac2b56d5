/**
 * What importers of problem files share: apps and nodes as they were found, and the problem file that they make.
 * @module
 */
import { InputError, reservedProblem, type Resources, type Spread } from "../../domain/mod.ts";
import { yamlText } from "../../domain/yaml.ts";
import { amountsForm, withoutEmpty } from "../../scheduling/problem_file/mod.ts";

/** An app as it was found. */
export interface ImportedApp {
  readonly name: string;
  readonly containers: number;
  /** What one container takes. */
  readonly resources: Resources;
  /** Labels that its nodes must have. */
  readonly require: Readonly<Record<string, string>>;
  readonly maxPerNode: number | null;
  readonly spread: Partial<{ readonly [Limit in keyof Spread]: number }>;
  /** Apps that may not be on its nodes. */
  readonly apart: readonly string[];
  /** Apps of which its nodes hold at least one container. */
  readonly together: readonly string[];
}

/** A node as it was found. */
export interface ImportedNode {
  readonly name: string;
  /** Slots, or null where its resources say what fits. */
  readonly slots: number | null;
  readonly resources: Resources;
  readonly labels: Readonly<Record<string, string>>;
  readonly domain: string | null;
  /** True if it takes no container. */
  readonly fenced: boolean;
}

/** A problem as it was found. */
export interface ImportedProblem {
  readonly apps: readonly ImportedApp[];
  readonly nodes: readonly ImportedNode[];
  /** What was left out, in words. */
  readonly leftOut: readonly string[];
}

/** The text of the problem file of what was found; what was left out stands before it. */
export function importedText({ apps, nodes, leftOut }: ImportedProblem, source: string): string {
  const comments = [`Imported from ${source}`, ...leftOut.map((text) => `Left out: ${text}`)]
    .map((text) => `# ${text.replaceAll(/[\r\n]+/g, " ")}\n`);
  const form = withoutEmpty({
    apps: Object.fromEntries(apps.map(({ name, containers, resources }) => [
      name,
      withoutEmpty({ containers, resources: amountsForm(resources) }),
    ])),
    nodes: nodeClasses(nodes, labelsInUse(apps)),
    rules: withoutEmpty({
      maxPerNode: byApp(apps, ({ maxPerNode }) => maxPerNode ?? undefined),
      apart: pairsOf(apps.flatMap(({ name, apart }) => apart.map((other) => [name, other].sort()))),
      together: pairsOf(
        apps.flatMap(({ name, together }) => together.map((other) => [name, other])),
      ),
      require: byApp(apps, ({ require }) => require),
      spread: byApp(apps, ({ spread }) => spread),
      fence: nodes.filter(({ fenced }) => fenced).map(({ name }) => name),
    }),
  });
  const surface = "# surface: { profile: profile.csv }    # say what predicts throughput\n";
  return comments.join("") + yamlText(form) + surface;
}

/** @throws {InputError} for names that cannot be keys, or without apps or nodes. */
export function checkImported({ apps, nodes }: ImportedProblem, source: string): void {
  if (apps.length === 0) throw new InputError(`${source}: has no app to place`);
  if (nodes.length === 0) throw new InputError(`${source}: has no node`);
  for (const { name } of apps) {
    const reserved = reservedProblem(name);
    if (reserved !== null) throw new InputError(`${source}: ${reserved}`);
  }
}

/** Labels that some app asks for: others would only split classes of nodes. */
function labelsInUse(apps: readonly ImportedApp[]): ReadonlySet<string> {
  return new Set(apps.flatMap(({ require }) => Object.keys(require)));
}

/** Classes of nodes that are alike, in the order of their first node. */
function nodeClasses(nodes: readonly ImportedNode[], used: ReadonlySet<string>): unknown[] {
  const classes = new Map<string, { readonly form: object; readonly names: string[] }>();
  for (const { name, slots, resources, labels, domain } of nodes) {
    const kept = Object.entries(labels).filter(([key]) => used.has(key)).sort();
    const form = withoutEmpty({
      slots: slots ?? undefined,
      resources: amountsForm(resources),
      labels: Object.fromEntries(kept),
      domain: domain ?? undefined,
    });
    const key = JSON.stringify(form);
    const known = classes.get(key);
    if (known === undefined) classes.set(key, { form, names: [name] });
    else known.names.push(name);
  }
  let first = 0;
  return [...classes.values()].map(({ form, names }, at) => {
    const isNumbered = names.every((name, node) => name === `n${first + node}`);
    first += names.length;
    const called = isNumbered ? {} : { names };
    return { class: `class-${at}`, count: names.length, ...called, ...form };
  });
}

function byApp(
  apps: readonly ImportedApp[],
  value: (app: ImportedApp) => unknown,
): Record<string, unknown> {
  return withoutEmpty(Object.fromEntries(apps.map((app) => [app.name, value(app)])));
}

/** Each pair once. */
function pairsOf(pairs: readonly string[][]): string[][] {
  return [...new Set(pairs.map((pair) => JSON.stringify(pair)))]
    .map((text) => JSON.parse(text) as string[]);
}

/** Amounts of both, summed. */
export function addResources(a: Resources, b: Resources): Resources {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...names].map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)]));
}

/** What is left of amounts, none below 0; of resources that are not there, nothing is taken. */
export function lessResources(have: Resources, taken: Resources): Resources {
  return Object.fromEntries(
    // Cores are counted in thousandths: what is left is not 3.9999999.
    Object.entries(have).map(([name, amount]) => {
      const left = amount - (taken[name] ?? 0);
      return [name, Math.max(0, Math.round(left * 1e6) / 1e6)];
    }),
  );
}
