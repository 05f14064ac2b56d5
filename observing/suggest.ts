import { type Observed, pairsIn } from "./observe.ts";

/** A container that would teach something elsewhere. */
export interface SuggestedMove {
  readonly app: string;
  readonly from: string;
  readonly to: string;
  /** What is seen then that was seen seldom or never, in words. */
  readonly teaches: readonly string[];
}

/** What a node can teach: two apps that share it, or one that is alone. */
interface Lesson {
  readonly key: string;
  readonly text: string;
}

/**
 * The few moves that would teach most: greedily, each the one after which nodes show most of what was seen least. A lesson
 * that was seen in n intervals is worth 1 / (1 + n).
 * @param capacity Containers that a node takes. @param moves Most moves.
 */
export function suggestMoves(observed: Observed, capacity: number, moves: number): SuggestedMove[] {
  const { apps, last, seen } = observed;
  const times = new Map<string, number>();
  for (const [key, intervals] of seen) {
    for (const { key: lesson } of lessonsOf(Uint8Array.from(key.split(","), Number), apps)) {
      times.set(lesson, (times.get(lesson) ?? 0) + intervals);
    }
  }
  const nodes = new Map([...last].map(([node, counts]) => [node, counts.slice()]));
  const suggested: SuggestedMove[] = [];
  const shown = (): Set<string> =>
    new Set([...nodes.values()].flatMap((counts) => lessonsOf(counts, apps).map(({ key }) => key)));
  const worth = (): number =>
    [...shown()].reduce((sum, key) => sum + 1 / (1 + (times.get(key) ?? 0)), 0);
  while (suggested.length < moves) {
    const before = worth();
    let best: { gain: number; app: number; from: string; to: string } | null = null;
    for (const [from, held] of nodes) {
      for (const [to, others] of nodes) {
        if (from === to || others.reduce((sum, count) => sum + count, 0) >= capacity) continue;
        for (let app = 0; app < apps.length; app++) {
          if (held[app] === 0) continue;
          held[app]!--;
          others[app]!++;
          const gain = worth() - before;
          held[app]!++;
          others[app]!--;
          if (gain > 1e-9 && (best === null || gain > best.gain + 1e-12)) {
            best = { gain, app, from, to };
          }
        }
      }
    }
    if (best === null) break;
    const { app, from, to } = best;
    const known = shown();
    nodes.get(from)![app]!--;
    nodes.get(to)![app]!++;
    const teaches = [from, to].flatMap((node) => lessonsOf(nodes.get(node)!, apps))
      .filter(({ key }) => !known.has(key))
      .map(({ key, text }) => `${text} (seen in ${times.get(key) ?? 0} intervals)`);
    suggested.push({ app: apps[app]!, from, to, teaches: [...new Set(teaches)] });
    // What a move shows will have been seen: the next one should show something else.
    for (const key of shown()) times.set(key, (times.get(key) ?? 0) + 1);
  }
  return suggested;
}

function lessonsOf(counts: Uint8Array, apps: readonly string[]): Lesson[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 1) {
    const app = apps[counts.indexOf(1)]!;
    return [{ key: `alone ${app}`, text: `${app} alone` }];
  }
  return pairsIn(counts).map(([a, b]) => ({
    key: JSON.stringify([apps[a], apps[b]]),
    text: a === b ? `two of ${apps[a]}` : `${apps[a]} beside ${apps[b]}`,
  }));
}
