/// <reference lib="dom" />
import {
  DEFAULT_PROFILE,
  NO_RULES,
  type Placement,
  SurfaceTable,
  uniformCluster,
} from "../../mod.ts";
import { placementOf, Puzzle, resultText } from "../session/puzzle.ts";
import { percentText } from "../session/words.ts";
import type { PlaceWorkerMethods } from "../worker/protocol.ts";
import type { WorkerClient } from "../worker/rpc.ts";
import { ClusterCanvas, marksOf } from "./cluster_canvas.ts";
import { followKeys } from "./cluster_keys.ts";
import { followPointer } from "./cluster_pointer.ts";
import { onThemeChange } from "./colors.ts";
import { byId, find, make, setText } from "./dom.ts";
import { speedItem } from "./inspector_view.ts";
import { legendItems } from "./legend_view.ts";

/** Two nodes: a pair that does not get along, and one that would like company. */
const PAIR = [["mms", "ycsb-b"], ["redis"]] as const;
/** Slots of a node of the pair: few, so that they are large. */
const PAIR_SLOTS = 4;
/** Nine nodes, and what to place on them: containers of each app of the profile. */
const NINE = { nodes: 9, demand: [3, 3, 2, 3, 3, 2, 2] } as const;
/** Who placed the nine nodes at first, and who is compared with. */
const RIVALS = [{ scheduler: "spread", name: "Docker Swarm" }, {
  scheduler: "metis",
  name: "Metis",
}] as const;
/** Share below the best that counts as the best. */
const REACHED = 5e-4;

/** What placements are worth that others made. */
type Rival = { readonly name: string; readonly total: number };

/** What it is about, to try by hand: two containers on a node, then nine nodes against the proven best. */
export async function showStory(worker: WorkerClient<PlaceWorkerMethods>): Promise<void> {
  const { surface } = await worker.call("open", { kind: "bundled", name: DEFAULT_PROFILE });
  const model = new SurfaceTable(surface);
  const pair = new Puzzle(model, uniformCluster(PAIR.length, PAIR_SLOTS), placementOf(model, PAIR));
  showBoard(pair, "pair");
  showPair(pair);

  const cluster = uniformCluster(NINE.nodes, surface.capacity);
  const problem = { cluster, demand: NINE.demand, rules: NO_RULES };
  const place = async (
    scheduler: string,
  ): Promise<{ placement: Placement; bound: number | null }> => {
    const { counts, boundTotal } = await worker.call("place", { ...problem, scheduler, seed: 1 });
    return {
      placement: { nodes: NINE.nodes, apps: surface.apps.length, counts },
      bound: boundTotal,
    };
  };
  const start = (await place(RIVALS[0].scheduler)).placement;
  const nine = new Puzzle(model, cluster, start);
  byId("nine-legend").replaceChildren(...legendItems(surface.apps));
  const rivals: Rival[] = [{ name: RIVALS[0].name, total: nine.total }];
  showBoard(nine, "nine");
  showNine(nine, rivals);
  const worth = (placement: Placement): number => new Puzzle(model, cluster, placement).total;
  rivals.push({ name: RIVALS[1].name, total: worth((await place(RIVALS[1].scheduler)).placement) });
  const optimal = await place("optimal");
  nine.best = optimal.bound ?? worth(optimal.placement);
  nine.changes.tell("panels");
  byId("nine-best").addEventListener("click", () => nine.show(optimal.placement));
}

/** The nodes, to drag containers on. */
function showBoard(puzzle: Puzzle, id: string): void {
  const place = byId(id);
  const cluster = new ClusterCanvas(find<HTMLCanvasElement>(place, "canvas"));
  cluster.apps = puzzle.problem.apps;
  followPointer(puzzle, 0, cluster);
  followKeys(puzzle, 0, cluster);
  const draw = (): void =>
    cluster.draw(puzzle.capacities, puzzle.panels[0].replay, marksOf(puzzle.focus, 0));
  puzzle.changes.follow(["panels", "focus"], draw);
  new ResizeObserver(draw).observe(place);
  onThemeChange(draw);
}

function showPair(puzzle: Puzzle): void {
  const { apps } = puzzle.problem;
  const show = (): void => {
    const { counts, speeds, nodes } = puzzle.panels[0].replay!;
    const items = apps.flatMap((name, app) => {
      const at = Array.from({ length: nodes }, (_, node) => node * apps.length + app)
        .find((cell) => counts[cell]! > 0);
      return at === undefined ? [] : [{ name, app, speed: speeds[at]! }];
    });
    const speed = (name: string): string =>
      percentText(items.find((item) => item.name === name)?.speed ?? 0);
    byId("pair-speeds").replaceChildren(
      ...items.map(({ app, speed }) => speedItem(apps, app, 1, speed)),
    );
    setText(
      byId("pair-said"),
      puzzle.moves === 0
        ? `Beside mms, ycsb-b runs at ${speed("ycsb-b")} of its speed alone. ${
          isTouched() ? "Tap mms, then the other node." : "Drag mms to the other node."
        }`
        : `ycsb-b now runs at ${speed("ycsb-b")}, mms at ${speed("mms")}, redis at ${
          speed("redis")
        }.`,
    );
  };
  puzzle.changes.follow(["panels"], show);
  onThemeChange(show);
}

function showNine(puzzle: Puzzle, rivals: readonly Rival[]): void {
  const button = (id: string): HTMLButtonElement => byId<HTMLButtonElement>(`nine-${id}`);
  const [undo, again, best, share] = ["undo", "again", "best", "share"].map(button);
  undo!.addEventListener("click", () => puzzle.undo());
  again!.addEventListener("click", () => puzzle.restart());
  share!.addEventListener("click", async () => {
    const text = resultText(puzzle, rivals, new URL("#story", location.href).href);
    const copied = await navigator.clipboard.writeText(text).then(() => true, () => false);
    setText(byId("nine-note"), copied ? `Copied: ${text}` : text);
  });
  puzzle.changes.follow(["panels"], () => {
    const { moves, said } = puzzle;
    const below = puzzle.below();
    undo!.disabled = moves === 0;
    again!.disabled = moves === 0;
    best!.disabled = below === null;
    share!.disabled = below === null || moves === 0;
    setText(byId("nine-said"), scoreText(puzzle, below));
    setText(byId("nine-note"), said ?? "");
    byId("track").replaceChildren(...trackMarks(puzzle, rivals));
  });
}

function scoreText(puzzle: Puzzle, below: number | null): string {
  if (below === null) {
    return `They run at ${
      percentText(puzzle.mean)
    } of their speed alone. Proving the best possible…`;
  }
  if (below < REACHED) return "This is the best possible: that is proven under the model.";
  const share = `${(100 * below).toFixed(1)} % below the best possible`;
  return puzzle.moves === 0
    ? `As Docker Swarm spreads them, they are ${share}. ${
      isTouched() ? "Tap a container, then another node" : "Drag containers"
    }, and do better.`
    : `You are ${share}.`;
}

/** Where you and the others stand, from the worst of them to the best possible. */
function trackMarks(puzzle: Puzzle, rivals: readonly Rival[]): HTMLElement[] {
  if (puzzle.best === null) return [];
  const all = [...rivals, { name: "You", total: puzzle.total }];
  const lowest = Math.max(...all.map(({ total }) => puzzle.below(total)!), 0.2);
  return all.map(({ name, total }) => {
    const below = puzzle.below(total)!;
    const at = 1 - below / lowest;
    const classes = [...(name === "You" ? ["you"] : []), ...(at > 0.5 ? ["near"] : [])];
    const mark = make("span", { className: classes.join(" ") }, name);
    mark.style.setProperty("--at", String(at));
    return mark;
  });
}

/** A finger that swipes scrolls the page: it taps where a mouse drags. */
function isTouched(): boolean {
  return matchMedia("(pointer: coarse)").matches;
}
