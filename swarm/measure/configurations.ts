import {
  configurationCount,
  configurationKey,
  drawEvenDemand,
  Random,
  UsageError,
} from "../../domain/mod.ts";
import { readSlots } from "../deploy/launch.ts";

/** Most configurations that are listed one by one. */
const MOST_LISTED = 100_000;

/**
 * Reads a series as the 2020 system had it: `0-1-2-3 0-0-1-1`, one word a configuration, each number a slot:
 * 0 is idle, k the k-th app. The same containers in other slots are the same configuration, and listed once.
 * @returns Counts of each app, in the order of first mention.
 * @throws {UsageError} naming the word that is wrong.
 */
export function readSeries(
  text: string,
  apps: readonly string[],
  capacity: number,
): Uint8Array[] {
  const seen = new Map<string, Uint8Array>();
  for (const word of text.split(/[\s,;]+/).filter((part) => part !== "")) {
    if (!/^\d+(-\d+)*$/.test(word)) {
      throw new UsageError(`--series takes configurations such as 0-0-1-1-2: ${word}`);
    }
    const slots = readSlots(word.split("-"), apps).filter((app) => app !== null);
    if (slots.length === 0) throw new UsageError(`${word} runs nothing: 0 is an idle slot`);
    if (slots.length > capacity) {
      throw new UsageError(`${word} has ${slots.length} containers, a node ${capacity} slots`);
    }
    const counts = new Uint8Array(apps.length);
    for (const app of slots) counts[apps.indexOf(app)]!++;
    const key = configurationKey(counts, 0, apps.length);
    if (!seen.has(key)) seen.set(key, counts);
  }
  if (seen.size === 0) throw new UsageError("--series is empty");
  return [...seen.values()];
}

/**
 * Different configurations drawn at random: first how many containers, evenly from 2 to all slots, then an app for
 * each. Full nodes, which placements use most, are as frequent as almost empty ones.
 * @throws {UsageError} if there are not so many.
 */
export function randomConfigurations(
  count: number,
  apps: number,
  capacity: number,
  seed: number,
): Uint8Array[] {
  const least = Math.min(2, capacity);
  const available = configurationCount(apps, capacity) - (least === 2 ? 1 + apps : 1);
  if (count > available) {
    throw new UsageError(
      `There are ${available} configurations of ${least} to ${capacity} containers, not ${count}: --all`,
    );
  }
  const random = new Random(seed);
  const seen = new Map<string, Uint8Array>();
  while (seen.size < count) {
    const total = least + random.below(capacity - least + 1);
    const counts = Uint8Array.from(drawEvenDemand(apps, total, random));
    const key = configurationKey(counts, 0, apps);
    if (!seen.has(key)) seen.set(key, counts);
  }
  return [...seen.values()];
}

/**
 * Every configuration of 1 to `capacity` containers.
 * @throws {UsageError} if there are too many to measure.
 */
export function everyConfiguration(apps: number, capacity: number): Uint8Array[] {
  const size = configurationCount(apps, capacity) - 1;
  if (size > MOST_LISTED) {
    throw new UsageError(
      `--all would be ${size} configurations: --random or --active measure some`,
    );
  }
  const all: Uint8Array[] = [];
  const counts = new Uint8Array(apps);
  const fill = (app: number, left: number): void => {
    if (app === apps) {
      if (left < capacity) all.push(counts.slice());
      return;
    }
    for (let count = 0; count <= left; count++) {
      counts[app] = count;
      fill(app + 1, left - count);
    }
    counts[app] = 0;
  };
  fill(0, capacity);
  return all;
}

/**
 * Configurations in an order in which each differs little from the one before, so that a node changes few of its
 * containers: from each to the nearest that is left, in containers that must go or come.
 */
export function shortTour(configurations: readonly Uint8Array[]): Uint8Array[] {
  const left = [...configurations];
  const tour: Uint8Array[] = left.splice(0, 1);
  while (left.length > 0) {
    const last = tour.at(-1)!;
    let nearest = 0;
    let least = Infinity;
    left.forEach((counts, at) => {
      const distance = counts.reduce((sum, count, app) => sum + Math.abs(count - last[app]!), 0);
      if (distance < least) [nearest, least] = [at, distance];
    });
    tour.push(...left.splice(nearest, 1));
  }
  return tour;
}

/**
 * Gives containers their slots, moving none of those that run already. Slots that are idle come first: the
 * container before may hold a port for some seconds after it was told to end.
 * @param current App of each slot, null for an idle one. @returns Likewise.
 */
export function assignSlots(
  counts: ArrayLike<number>,
  apps: readonly string[],
  capacity: number,
  current: readonly (string | null)[],
): (string | null)[] {
  const left = Array.from(counts);
  const slots = Array.from({ length: capacity }, (_, slot) => {
    const app = current[slot] ?? null;
    const at = app === null ? -1 : apps.indexOf(app);
    if (at < 0 || left[at] === 0) return null;
    left[at]!--;
    return app;
  });
  const free = slots.flatMap((app, slot) => app === null ? [slot] : []);
  const wasIdle = (slot: number) => (current[slot] ?? null) === null;
  const order = [...free.filter(wasIdle), ...free.filter((slot) => !wasIdle(slot))];
  for (const [at, app] of apps.entries()) {
    for (; left[at]! > 0; left[at]!--) slots[order.shift()!] = app;
  }
  return slots;
}
