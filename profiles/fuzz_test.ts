import { strict as assert } from "node:assert";
import { type Profile, Random } from "../domain/mod.ts";
import { runs } from "../tools/_full.ts";
import {
  assertCleanRefusal,
  concat,
  profileEntries,
  randomProfile,
  utf8,
  zipOf,
} from "./_testing.ts";
import { readProfile, writeProfileCsv } from "./mod.ts";

/** Files of each kind that are mutated. */
const FILES = runs(1000, 10_000);

/** A sound file, and the profile that it holds. */
interface Seedling {
  readonly bytes: Uint8Array;
  readonly profile: Profile;
}

const APPS = ["redis", "mms", "=ycsb", "scene, detect"];

function entriesOf(profile: Profile) {
  const width = profile.apps.length;
  const rowsOf = (values: ArrayLike<number>) =>
    Array.from(
      { length: profile.rows },
      (_, row) => [...Array.from(values).slice(row * width, (row + 1) * width), 0, 0],
    );
  return { counts: rowsOf(profile.counts), rps: rowsOf(profile.rps) };
}

async function npzSeedlings(random: Random): Promise<Seedling[]> {
  const forms = [{}, { deflate: true }, { zip64: true }, {
    deflate: true,
    descriptor: true,
    zip64: true,
  }];
  const seedlings: Seedling[] = [];
  for (const form of forms) {
    const { apps, rows, counts, rps } = randomProfile(random, ["a", "b", "c"], 12);
    const entries = entriesOf({ apps, rows, counts, rps });
    const bytes = await zipOf(...profileEntries(entries.counts, entries.rps, form));
    seedlings.push({ bytes, profile: (await readProfile(bytes, "fuzz", UNITS)).profile });
  }
  return seedlings;
}

/** Random values are of every magnitude. */
const UNITS = { units: "unchecked" } as const;

/** Flips, truncations, splices and edits of length fields: one to three of them. */
function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  let mutated: Uint8Array = bytes.slice();
  for (let times = 1 + random.below(3); times > 0 && mutated.length > 0; times--) {
    const at = random.below(mutated.length);
    const length = Math.min(mutated.length - at, 1 + random.below(40));
    switch (random.below(7)) {
      case 0: // one bit
        mutated[at]! ^= 1 << random.below(8);
        break;
      case 1: // one byte
        mutated[at] = random.below(256);
        break;
      case 2: // the end is missing
        mutated = mutated.slice(0, at);
        break;
      case 3: // a piece is missing
        mutated = concat(mutated.subarray(0, at), mutated.subarray(at + length));
        break;
      case 4: { // a piece is there once more, elsewhere
        const to = random.below(mutated.length);
        const piece = mutated.slice(at, at + length);
        mutated = concat(mutated.subarray(0, to), piece, mutated.subarray(to));
        break;
      }
      case 5: { // a piece lies over another
        const to = random.below(mutated.length - length + 1);
        mutated.copyWithin(to, at, at + length);
        break;
      }
      case 6: // what may be a length: zero, small, huge
        for (let byte = 0; byte < 4 && at + byte < mutated.length; byte++) {
          mutated[at + byte] = [0, 1, 127, 255][random.below(4)]!;
        }
    }
  }
  return mutated;
}

/** Fails unless this is what every reader of a profile may rely on. */
function assertSound(
  { apps, rows, counts, rps, p50, p99, deviations, measurements }: Profile,
): void {
  assert.ok(rows > 0 && apps.length > 0 && new Set(apps).size === apps.length);
  assert.ok(measurements === undefined || measurements.length === rows);
  assert.ok(measurements === undefined || measurements.every((count) => count >= 1));
  for (const values of [counts, rps, p50, p99, deviations]) {
    assert.ok(values === undefined || values.length === rows * apps.length);
  }
  counts.forEach((count, at) => {
    assert.equal(Number.isNaN(rps[at]!), count === 0);
    assert.ok(count === 0 || (rps[at]! >= 0 && rps[at]! < Infinity));
  });
}

/** The profile in the bytes, or null if they are refused cleanly; fails in every other case. */
async function readOrRefuse(bytes: Uint8Array): Promise<Profile | null> {
  try {
    return (await readProfile(bytes, "fuzz", { ...UNITS, maxBytes: 1_000_000 })).profile;
  } catch (error) {
    assertCleanRefusal(error, "fuzz");
    return null;
  }
}

Deno.test(`readProfile() survives ${FILES} mutated npz files and never accepts wrong numbers`, async () => {
  const random = new Random(20_20);
  const seedlings = await npzSeedlings(random);
  let accepted = 0;
  for (let round = 0; round < FILES; round++) {
    const { bytes, profile } = seedlings[round % seedlings.length]!;
    const read = await readOrRefuse(mutate(bytes, random));
    if (read === null) continue;
    accepted++;
    // Every number is under a CRC-32: what is still accepted must be what was written.
    assert.deepEqual(read, profile, `round ${round}`);
  }
  assert.ok(accepted > 0 && accepted < FILES / 2, `${accepted} accepted`);
});

Deno.test(`readProfile() survives ${FILES / 2} npz files that were mutated before their CRC-32 was taken`, async () => {
  const random = new Random(2008);
  const { counts, rps } = entriesOf(randomProfile(random, ["a", "b", "c"], 3));
  const entries = profileEntries(counts, rps);
  let accepted = 0;
  for (let round = 0; round < FILES / 2; round++) {
    const target = random.below(entries.length);
    const mutated = entries.map((entry, at) =>
      at === target ? { ...entry, bytes: mutate(entry.bytes, random) } : entry
    );
    const read = await readOrRefuse(await zipOf(...mutated));
    if (read === null) continue;
    accepted++;
    assertSound(read);
  }
  assert.ok(accepted > 0 && accepted < FILES / 2, `${accepted} accepted`);
});

Deno.test(`readProfile() survives ${FILES} mutated CSV files; what it accepts, it writes and reads again`, async () => {
  const random = new Random(322);
  const texts = [1, 2, 3, 4].map(() => {
    const text = writeProfileCsv(randomProfile(random, APPS, 6));
    return utf8(random.below(2) === 0 ? text : `\ufeff${text.replaceAll("\n", "\r\n")}`);
  });
  let accepted = 0;
  for (let round = 0; round < FILES; round++) {
    const read = await readOrRefuse(mutate(texts[round % texts.length]!, random));
    if (read === null) continue;
    accepted++;
    assertSound(read);
    const again = await readOrRefuse(utf8(writeProfileCsv(read)));
    assert.deepEqual(again, read, `round ${round}`);
  }
  assert.ok(accepted > 0 && accepted < FILES, `${accepted} accepted`);
});
