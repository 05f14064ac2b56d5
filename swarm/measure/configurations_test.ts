import assert from "node:assert/strict";
import { UsageError } from "../../domain/mod.ts";
import {
  assignSlots,
  everyConfiguration,
  randomConfigurations,
  readSeries,
  shortTour,
} from "./configurations.ts";

const APPS = ["a", "b", "c"];
const lists = (all: readonly Uint8Array[]) => all.map((counts) => [...counts].join(""));

Deno.test("readSeries counts the apps of the slots, 0 being idle, and lists each configuration once", () => {
  const read = readSeries("0-1-2-3 0-0-1-1\n3-2-1,2", APPS, 4);
  // The third is the first in other slots.
  assert.deepEqual(lists(read), ["111", "200", "010"]);
});

Deno.test("readSeries refuses what it cannot run, naming the word", () => {
  const refused = (text: string, message: RegExp) =>
    assert.throws(
      () => readSeries(text, APPS, 2),
      (error) => error instanceof UsageError && message.test(error.message),
    );
  refused("1-4", /4 is not a workload.*a, b, c/);
  refused("0-0", /0-0 runs nothing/);
  refused("1-1-1", /3 containers, a node 2 slots/);
  refused("1--2", /1--2/);
  refused("a-b", /a-b/);
  refused("  ", /empty/);
});

Deno.test("randomConfigurations draws different ones of 2 containers to full, the same for the same seed", () => {
  const drawn = randomConfigurations(25, 3, 4, 7);
  assert.equal(new Set(lists(drawn)).size, 25);
  assert.deepEqual(lists(drawn), lists(randomConfigurations(25, 3, 4, 7)));
  assert.notDeepEqual(lists(drawn), lists(randomConfigurations(25, 3, 4, 8)));
  // C(7, 3) = 35 of at most 4, less the empty one and 3 single ones.
  assert.equal(lists(randomConfigurations(31, 3, 4, 7)).length, 31);
  assert.throws(() => randomConfigurations(32, 3, 4, 7), /There are 31 configurations/);
});

Deno.test("everyConfiguration has each of 1 to all slots once", () => {
  const all = lists(everyConfiguration(3, 4));
  assert.equal(all.length, 34);
  assert.equal(new Set(all).size, 34);
  assert.ok(!all.includes("000") && all.includes("004"));
  assert.throws(() => everyConfiguration(10, 20), /--random or --active/);
});

Deno.test("shortTour keeps all configurations, and goes to the nearest each time", () => {
  const tour = shortTour([[4, 0], [0, 4], [3, 1], [1, 3]].map((counts) => Uint8Array.from(counts)));
  assert.deepEqual(lists(tour), ["40", "31", "13", "04"]);
  assert.deepEqual(shortTour([]), []);
});

Deno.test("assignSlots moves nothing that runs, and fills idle slots before those that become free", () => {
  const slots = (counts: number[], current: (string | null)[]) =>
    assignSlots(counts, APPS, 4, current).map((app) => app ?? "-").join("");
  assert.equal(slots([1, 2, 0], []), "abb-");
  assert.equal(slots([1, 2, 0], ["b", "a", "b", null]), "bab-");
  // One b goes; the c takes the slot that was idle, not the one that b leaves.
  assert.equal(slots([1, 1, 1], ["b", "a", "b", null]), "ba-c");
  // Nothing was idle.
  assert.equal(slots([0, 0, 4], ["a", "a", "b", "b"]), "cccc");
  assert.equal(slots([0, 0, 0], ["a", "a", "b", "b"]), "----");
});
