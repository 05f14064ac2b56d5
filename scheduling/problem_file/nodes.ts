/**
 * The nodes of a problem file: classes, their slots, and the names of nodes.
 * @module
 */
import {
  type Cluster,
  countOf,
  type Demand,
  demandTotal,
  MAX_CAPACITY,
  mostThatFit,
  type NodeClass,
  parseAmount,
  type Resources,
} from "../../domain/mod.ts";
import type { Faults, Path } from "./faults.ts";
import type { NodeForm } from "./schema.ts";

/** Amounts of resources, in cores, bytes or whatever is counted. */
export function resourcesOf(
  given: Readonly<Record<string, number | string>> | undefined,
  path: Path,
  faults: Faults,
): Resources {
  const amounts = Object.entries(given ?? {}).map(([name, value]) => {
    if (name === "slots") {
      faults.add([...path, name], "is no resource: every container takes one slot of its node");
    }
    const amount = parseAmount(name, value);
    if (amount === null) {
      const remedy = name === "cpu"
        ? "cores such as 0.5 or 500m"
        : "a number, or a size such as 512MiB";
      faults.add([...path, name], `must be ${remedy}: got ${value}`);
    }
    return [name, amount ?? 0] as const;
  });
  return Object.fromEntries(amounts);
}

/** The cluster without surfaces, and what was filled in. */
export function clusterOf(
  forms: readonly NodeForm[],
  demand: Demand,
  needs: readonly Resources[],
  faults: Faults,
): { readonly cluster: Cluster; readonly notices: string[] } {
  const notices: string[] = [];
  const names = new Map<string, number>();
  const nodeClasses = forms.map((form, at): NodeClass => {
    const name = form.class ?? `class-${at}`;
    const earlier = names.get(name);
    if (earlier !== undefined) {
      faults.add(
        ["nodes", at, "class"],
        `the class ${name} is also nodes[${earlier}]: give each a name of its own`,
      );
    }
    names.set(name, at);
    const count = form.count ?? form.names?.length;
    if (count === undefined) {
      faults.add(["nodes", at], "say how many nodes there are: count, or names");
    } else if (form.names !== undefined && form.names.length !== count) {
      faults.add(
        ["nodes", at, "names"],
        `must be as many as count: got ${form.names.length} for ${countOf(count, "node")}`,
      );
    }
    const resources = resourcesOf(form.resources, ["nodes", at, "resources"], faults);
    let capacity = form.slots;
    if (capacity === undefined) {
      if (form.resources === undefined) {
        faults.add(["nodes", at], "say how much a node holds: slots, resources, or both");
      }
      capacity = slotsThatFit(resources, demand, needs);
      notices.push(`nodes[${at}] (${name}) says no slots: ${capacity} fit by the smallest needs`);
    }
    return {
      name,
      capacity,
      count: count ?? 1,
      labels: form.labels ?? {},
      failureDomain: form.domain ?? null,
      ...(form.resources === undefined ? {} : { resources }),
    };
  });
  return { cluster: { nodeClasses }, notices };
}

/**
 * Slots of a node that only its resources limit: the most containers of any kind that could be on it, at least 1, at
 * most the whole demand.
 */
function slotsThatFit(have: Resources, demand: Demand, needs: readonly Resources[]): number {
  const wanted = needs.filter((_, app) => demand[app]! > 0);
  const names = new Set(wanted.flatMap((need) => Object.keys(need)));
  let most = Math.min(MAX_CAPACITY, demandTotal(demand));
  for (const name of names) {
    const smallest = Math.min(...wanted.map((need) => need[name] ?? 0));
    most = Math.min(most, mostThatFit(smallest, have[name] ?? 0));
  }
  return Math.max(1, most);
}

/** Names of nodes: as the classes say, else n0, n1, ... by number. */
export class NodeNames {
  readonly #given = new Map<number, string>();
  readonly #indices = new Map<string, number>();

  /** Notes names that two nodes have. */
  constructor(
    forms: readonly Pick<NodeForm, "names" | "count">[],
    /** Number of nodes. */
    readonly count: number,
    faults?: Faults,
  ) {
    let first = 0;
    forms.forEach(({ names = [], ...form }, at) => {
      names.forEach((name, node) => {
        if (this.#indices.has(name)) {
          faults?.add(
            ["nodes", at, "names", node],
            `two nodes are called ${name}: give each a name of its own`,
          );
        }
        this.#given.set(first + node, name);
        this.#indices.set(name, first + node);
      });
      first += form.count ?? names.length;
    });
  }

  /** True if some node has a name that its class gives. */
  get hasNames(): boolean {
    return this.#given.size > 0;
  }

  /** Names of all nodes; undefined if none has a name that its class gives. */
  get all(): readonly string[] | undefined {
    return this.hasNames
      ? Array.from({ length: this.count }, (_, at) => this.nameOf(at))
      : undefined;
  }

  /** Name of a node. */
  readonly nameOf = (node: number): string => this.#given.get(node) ?? `n${node}`;

  /** The node of a name; undefined if there is none. */
  indexOf(name: string): number | undefined {
    const given = this.#indices.get(name);
    if (given !== undefined) return given;
    const numbered = /^n(0|[1-9]\d*)$/.exec(name);
    const node = Number(numbered?.[1]);
    return numbered !== null && node < this.count && !this.#given.has(node) ? node : undefined;
  }

  /** Nodes of a name, a number, or a range of numbers (5-7); null if one of them is not there. */
  find(word: string): number[] | null {
    const named = this.indexOf(word);
    if (named !== undefined) return [named];
    const range = /^(\d+)(?:-(\d+))?$/.exec(word);
    const [first, last] = [Number(range?.[1]), Number(range?.[2] ?? range?.[1])];
    if (range === null || first > last || last >= this.count) return null;
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  }

  /** What to say of a word that {@link find} does not know. */
  noNode(word: string): string {
    const last = this.count - 1;
    return `there is no node ${word}: nodes are called ${this.nameOf(0)} to ${
      this.nameOf(last)
    }, or by number 0 to ${last}`;
  }
}
