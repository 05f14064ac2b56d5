import { strict as assert } from "node:assert";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { profiledCapacity, Random, UsageError } from "../domain/mod.ts";
import {
  npyOf,
  npyWithHeader,
  profileEntries,
  randomProfile,
  refuses,
  utf8,
  zipOf,
} from "./_testing.ts";
import { needsReference } from "../reference/_needs.ts";
import { REFERENCE_SIZES } from "../reference/data.ts";
import { readReference, referenceText } from "../reference/folder.ts";
import {
  PAPER_APPS,
  readDemands,
  readNpzArrays,
  readProfile,
  type ReadProfileOptions,
  writeProfileCsv,
} from "./mod.ts";

const nan = NaN;
const csv = (text: string, options?: ReadProfileOptions) =>
  readProfile(utf8(text), "file", options);
const npz = async (counts: number[][], rps: number[][], options?: ReadProfileOptions) =>
  await readProfile(await zipOf(...profileEntries(counts, rps)), "file", options);

Deno.test("readProfile() reads CSV, where empty, NaN and 0 all say that an app is absent", async () => {
  const { profile, notices } = await csv(
    "redis,mms,rps:redis,rps:mms\n1,0,1,\n0,2,NaN,0.9\n1,1,0.5,2.5\n0,0,0.000000,0\n",
  );
  assert.deepEqual(profile, {
    apps: ["redis", "mms"],
    rows: 4,
    counts: Uint8Array.of(1, 0, 0, 2, 1, 1, 0, 0),
    rps: Float64Array.of(1, nan, nan, 0.9, 0.5, 2.5, nan, nan),
  });
  assert.deepEqual(notices, []);
});

Deno.test("readProfile() reads latencies, which may be missing where the app is present", async () => {
  const { profile } = await csv("a,b,rps:a,rps:b,p99:a,p99:b\n1,1,1,1,12.5,\n");
  assert.deepEqual(profile.p99, Float64Array.of(12.5, nan));
  assert.equal(profile.p50, undefined);
});

Deno.test("readProfile() reads how many measurements a row is the mean of, and how they scatter", async () => {
  const { profile } = await csv(
    "a,b,rps:a,rps:b,sd:a,sd:b,measurements\n1,1,1,1,0.1,,3\n0,1,,1,,,1\n",
  );
  assert.deepEqual(profile.measurements, Uint32Array.of(3, 1));
  assert.deepEqual(profile.deviations, Float64Array.of(0.1, nan, nan, nan));
});

Deno.test("readProfile() reads the 2020 npz form and drops columns that are never used", async () => {
  const { profile, notices } = await npz(
    [[1, 0, 0], [2, 1, 0]],
    [[1, nan, nan], [0.5, 2.25, 0]],
  );
  assert.deepEqual(profile, {
    apps: ["app-1", "app-2"],
    rows: 2,
    counts: Uint8Array.of(1, 0, 2, 1),
    rps: Float64Array.of(1, nan, 0.5, 2.25),
  });
  assert.deepEqual(notices, [
    "file: names no apps: they are called app-1, app-2 (--apps gives them names)",
  ]);
});

Deno.test("readProfile() takes the apps of an npz from the caller, from its text, or from the layout of 2020", async () => {
  const counts = [[1, 1, 1, 1, 1, 1, 1, 0, 0]];
  const rps = [[1, 1, 1, 1, 1, 1, 1, nan, nan]];
  const latencies = ["rt_50", "rt_99"].map((name) => ({
    name: `${name}.npy`,
    bytes: npyOf("|O", [1, 9], utf8("pickle")),
  }));
  const of2020 = await zipOf(...profileEntries(counts, rps), ...latencies);
  assert.deepEqual((await readProfile(of2020, "file")).profile.apps, PAPER_APPS);
  // Seven columns of somebody else are not the paper's apps.
  assert.equal((await npz(counts, rps)).profile.apps[6], "app-7");
  const letters = Uint32Array.from("ab\0\0web\0", (letter) => letter.codePointAt(0)!);
  const named2 = await zipOf(
    ...profileEntries([[1, 1]], [[1, 1]]),
    { name: "apps.npy", bytes: npyOf("<U4", [2], letters) },
    { name: "notes.npy", bytes: npyOf("<U1", [1], Uint32Array.of(120)) },
    { name: "when.npy", bytes: npyOf("<M8[s]", [1], Float64Array.of(1)) },
  );
  const text = await readProfile(named2, "file");
  assert.deepEqual(text.profile.apps, ["ab", "web"]);
  assert.deepEqual(text.notices.map((line) => line.split(":")[1]), [
    ' "when.npy" is ignored',
    ' "notes.npy" is ignored',
  ]);
  const apps = ["a", "b", "c", "d", "e", "f", "g", "h"];
  const named = (await npz(counts, rps, { apps })).profile;
  assert.deepEqual(named.apps, apps);
  assert.equal(named.counts.length, 8);
  await refuses(
    () => npz(counts, rps, { apps: ["a"] }),
    /column 1: is 1, but there is only 1 app/,
  );
  await refuses(
    () => npz([[1, NaN]], [[1, NaN]], { apps: ["a"] }),
    /"alloc.npy" row 0, column 1: is NaN, but there is only 1 app/,
  );
  const ten = [...apps, "i", "j"];
  await refuses(
    () => npz(counts, rps, { apps: ten }),
    /has 9 columns, too few for the 10 app names/,
  );
});

Deno.test("readProfile() leaves objects and strangers out, with a notice each", async () => {
  const bytes = await zipOf(
    ...profileEntries([[1]], [[1]]),
    { name: "rt_50.npy", bytes: npyOf("|O", [1, 1], utf8("cos\nsystem\n")) },
    { name: "rt_99.npy", bytes: npyOf("<f4", [1, 1], Float32Array.of(12.5)), deflate: true },
    { name: "extra.npy", bytes: npyOf("|u1", [1], Uint8Array.of(1)) },
    { name: "readme.txt", bytes: utf8("hello") },
  );
  const { profile, notices } = await readProfile(bytes, "file");
  assert.deepEqual(profile.p99, Float64Array.of(12.5));
  assert.equal(profile.p50, undefined);
  assert.deepEqual(notices, [
    'file: "rt_50.npy" is ignored: it holds pickled objects, which are never executed',
    'file: "readme.txt" is ignored: it is not a numpy array (.npy)',
    "file: names no apps: they are called app-1 (--apps gives them names)",
    'file: "extra.npy" is ignored: a profile has no such array',
  ]);
});

Deno.test("readProfile() keeps rows that repeat: copies where they agree, else further measurements", async () => {
  const { profile, notices } = await csv("a,rps:a\n1,1\n2,0.9\n1,1.0\n1,1.02\n1,0.97\n");
  assert.equal(profile.rows, 5);
  assert.deepEqual(notices, [
    "file: 1 of 5 rows repeats an earlier configuration with the same values (2 differ): copies count once",
    "file: 2 of 5 rows repeat an earlier configuration with other values: these are further measurements",
  ]);
});

Deno.test("readProfile() divides raw requests per second by those of a container alone, where asked", async () => {
  const raw = "a,b,rps:a,rps:b\n1,0,5000,\n0,1,,410\n0,1,,390\n1,2,4000,200\n";
  const { profile } = await csv(raw, { units: "raw" });
  // b alone: (410 + 390) / 2 = 400.
  assert.deepEqual([...profile.rps].filter(Number.isFinite), [1, 1.025, 0.975, 0.8, 0.5]);
  await refuses(
    () => csv(raw),
    /row 0 \(line 2\), column rps:a: one a alone has RPS 5000, .*--normalise/,
  );
  await refuses(
    () => csv("a,b,rps:a,rps:b\n1,0,5000,\n1,1,4000,3\n", { units: "raw" }),
    /no row holds one b alone/,
  );
  // A measured container alone may be off by some noise, and may have failed.
  await csv("a,rps:a\n1,1.1\n1,0\n2,0.7\n");
});

Deno.test("readProfile() refuses values that cannot be, unless it is asked to believe them", async () => {
  const text = "a,b,rps:a,rps:b\n1,1,0.93,1e300\n";
  await refuses(
    () => csv(text),
    /row 0 \(line 2\), column rps:b: RPS 1e\+300 is above 100 .*--max-rps/,
  );
  assert.equal((await csv(text, { maxRps: Infinity })).profile.rps[1], 1e300);
  await assert.rejects(csv(text, { maxRps: 0 }), UsageError);
});

const header = "a,b,rps:a,rps:b\n";
const refusedText: [string, string, RegExp][] = [
  ["a header alone", header, /has no rows/],
  ["no app column", "rps:a\n1\n", /line 1 is not the header of a profile/],
  ["a demand file", "a,b\n1,2\n", /expected app,...,rps:app,..., found "a,b"/],
  ["a missing rps column", "a,b,rps:a\n1,1,1\n", /column 4: expected "rps:b", found the end/],
  [
    "rps columns in another order",
    "a,b,rps:b,rps:a\n1,1,1,1\n",
    /column 3: expected "rps:a", found/,
  ],
  ["an unknown column", "a,rps:a,rate:a\n1,1,1\n", /column 3: unknown column "rate:a"/],
  ["a negative count", `${header}1,-1,1,\n`, /row 0 \(line 2\), column b: count -1 is negative/],
  ["a fractional count", `${header}1,0,1,\n1.5,1,1,1\n`, /row 1 \(line 3\), column a: count 1.5/],
  ["a missing count", `${header}1,,1,\n`, /row 0 \(line 2\), column b: the count is missing/],
  ["a count above 255", `${header}256,0,1,\n`, /column a: count 256 is above 255/],
  ["a word as a count", `${header}one,0,1,\n`, /row 0 \(line 2\), column a: "one" is not a number/],
  [
    "NaN for a present app",
    `${header}1,2,1,NaN\n`,
    /column rps:b: RPS is missing \(NaN\), but .* 2 of b/,
  ],
  ["a negative rps", `${header}1,0,-0.5,\n`, /column rps:a: RPS -0.5 is negative/],
  ["an infinite rps", `${header}1,0,inf,\n`, /column rps:a: RPS is infinite/],
  ["an overflowing rps", `${header}1,0,1e999,\n`, /column rps:a: RPS is infinite/],
  [
    "a value of an absent app",
    `${header}1,0,1,2\n`,
    /column rps:b: RPS is 2, but the row holds no b/,
  ],
  [
    "a column without a name",
    ",a,rps:a\n0,1,1\n",
    /line 1: column 1 has no name: .*index=False/,
  ],
  [
    "no measurement at all",
    "a,rps:a,measurements\n1,1,0\n",
    /row 0 \(line 2\), column measurements: .* got 0/,
  ],
  ["a part of a measurement", "a,rps:a,measurements\n1,1,1.5\n", /column measurements: .* got 1.5/],
  [
    "a negative deviation",
    "a,rps:a,sd:a\n1,1,-1\n",
    /column sd:a: standard deviation -1 is negative/,
  ],
  ["an app named twice", "a,a,rps:a,rps:a\n1,1,1,1\n", /column 2: app "a" is named twice/],
  ["a hostile app name", '"a\u202eb","rps:a\u202eb"\n1,1\n', /field 1 holds a control character/],
];
for (const [what, text, message] of refusedText) {
  Deno.test(`readProfile() refuses CSV with ${what}`, () => refuses(() => csv(text), message));
}

Deno.test("readProfile() keeps configurations above the capacity, and says so", async () => {
  const text = `${header}4,4,1,1\n4,5,1,1\n`;
  const { profile, notices } = await csv(text, { capacity: 8 });
  assert.equal(profiledCapacity(profile), 9);
  assert.match(notices[0]!, /1 of 2 rows hold more than the 8 containers of a node: models learn/);
  await refuses(() => csv(`${header}200,100,1,1\n`), /holds 300 containers, above 255/);
  await assert.rejects(csv(text, { capacity: 0 }), UsageError);
});

const refusedArrays: [string, number[][], number[][], RegExp][] = [
  ["a negative count", [[1, -1]], [[1, 1]], /"alloc.npy" row 0, column 1 \(app-2\): count -1/],
  [
    "a fractional count",
    [[1], [0.5]],
    [[1], [1]],
    /"alloc.npy" row 1, column 0 \(app-1\): count 0.5/,
  ],
  ["a count that is NaN", [[1, nan]], [[1, 1]], /column 1 \(app-2\): the count is missing/],
  ["NaN for a present app", [[1, 2]], [[1, nan]], /"rps.npy" row 0, column 1 .*: RPS is missing/],
  ["an infinite rps", [[1]], [[Infinity]], /"rps.npy" row 0, column 0 .*: RPS is infinite/],
  ["a negative rps", [[1]], [[-1]], /RPS -1 is negative/],
  [
    "a value in a column without app",
    [[1, 0]],
    [[1, 3]],
    /row 0, column 1: is 3, but there is only 1 app/,
  ],
  [
    "another shape of rps",
    [[1, 1]],
    [[1], [1]],
    /"rps.npy": has shape \(2, 1\), but alloc has \(1, 2\)/,
  ],
  ["no app at all", [[0, 0]], [[nan, nan]], /has no apps/],
  ["no rows", [], [], /has no rows/],
];
for (const [what, counts, rps, message] of refusedArrays) {
  Deno.test(`readProfile() refuses an npz with ${what}`, () =>
    refuses(() => npz(counts, rps), message));
}

const [alloc, rpsEntry] = profileEntries([[1]], [[1]]) as [
  { name: string; bytes: Uint8Array },
  { name: string; bytes: Uint8Array },
];
const refusedFiles: [string, () => Promise<Uint8Array> | Uint8Array, RegExp][] = [
  ["an empty file", () => new Uint8Array(), /is empty/],
  [
    "bytes of no kind",
    () => Uint8Array.of(1, 2, 0xff, 0xfe),
    /is neither an .npz file nor UTF-8 text/,
  ],
  ["a single npy file", () => alloc.bytes, /is a single numpy array: save alloc and rps together/],
  ["an npz without alloc", () => zipOf(rpsEntry), /has no array alloc: .* found "rps"/],
  ["an npz without rps", () => zipOf(alloc), /has no array rps/],
  ["an empty npz", () => zipOf(), /has no array alloc: .* found no numbers/],
  [
    "a truncated npz",
    async () => (await zipOf(alloc, rpsEntry)).subarray(0, -40),
    /is truncated/,
  ],
  [
    "an npz of objects",
    () => zipOf({ name: "alloc.npy", bytes: npyOf("|O", [1, 1], utf8("N.")) }, rpsEntry),
    /"alloc.npy": it holds pickled objects/,
  ],
  [
    "an npz of another type",
    () => zipOf({ name: "alloc.npy", bytes: npyOf(">i8", [1, 1], new Uint8Array(8)) }, rpsEntry),
    /"alloc.npy": elements are big-endian/,
  ],
  [
    "an npz of booleans",
    () => zipOf({ name: "alloc.npy", bytes: npyOf("|b1", [1, 1], Uint8Array.of(1)) }, rpsEntry),
    /"alloc.npy": holds booleans/,
  ],
  [
    "an npz with a vector in place of a table",
    () => zipOf({ name: "alloc.npy", bytes: npyOf("|u1", [1], Uint8Array.of(1)) }, rpsEntry),
    /"alloc.npy": has shape \(1\): it must be rows x apps/,
  ],
  [
    "an npz with a header that claims 4 GB",
    () => {
      const bytes = npyWithHeader("{}\n", new Uint8Array(8), 2);
      bytes.set([255, 255, 255, 255], 8);
      return zipOf({ name: "alloc.npy", bytes }, rpsEntry);
    },
    /"alloc.npy": declares a header of 4294967295 bytes, above the limit of 65536/,
  ],
  [
    "an npz with an entry that claims 10 GB",
    () => zipOf({ ...alloc, deflate: true, size: 0xffffffff }, rpsEntry),
    /"alloc.npy": is 4 GiB or more \(zip64\)/,
  ],
];
for (const [what, make, message] of refusedFiles) {
  Deno.test(`readProfile() refuses ${what}`, async () => {
    const bytes = await make();
    await refuses(() => readProfile(bytes, "file"), message);
  });
}

Deno.test("readProfile() keeps to the limit of bytes, compressed and decompressed", async () => {
  const zeros = Array.from({ length: 2000 }, () => [1]);
  const bytes = await zipOf(...profileEntries(zeros, zeros, { deflate: true }));
  assert.ok(bytes.length < 1000);
  await refuses(() => readProfile(bytes, "file", { maxBytes: 20_000 }), /above the limit of 20000/);
  await refuses(() => readProfile(bytes, "file", { maxBytes: 100 }), /above the limit of 100/);
  assert.equal((await readProfile(bytes, "file")).profile.rows, 2000);
});

Deno.test("writeProfileCsv() and readProfile() are inverse, bit for bit", async () => {
  const names = fc.uniqueArray(
    fc.constantFrom("redis", "a,b", 'say "x"', "=cmd()", "'-1", "é", "toString", "two words"),
    { minLength: 1, maxLength: 6 },
  );
  await fc.assert(fc.asyncProperty(names, fc.nat(), async (apps, seed) => {
    const profile = randomProfile(new Random(seed), apps, 1 + seed % 20);
    const text = writeProfileCsv(profile);
    const read = await readProfile(utf8(text), "file", { units: "unchecked" });
    assert.deepEqual(read.profile, profile);
    assert.ok(text.split("\n").every((line) => !/^[=+@]/.test(line)));
  }));
});

Deno.test("writeProfileCsv() refuses a profile that could not be read back", () =>
  refuses(
    () =>
      writeProfileCsv({
        apps: ["a"],
        rows: 1,
        counts: Uint8Array.of(1),
        rps: Float64Array.of(NaN),
      }),
    /row 0, rps of a: RPS is missing/,
    "Profile to write",
  ));

for (
  const [file, rows, repeats] of [["metis-2008.npz", 2008, 684], ["metis-322.npz", 322, 6]] as const
) {
  Deno.test(needsReference({
    name: `readProfile() reads all ${rows} rows of the 2020 file ${file}`,
    async fn() {
      const bytes = readReference(file);
      const { profile, notices } = await readProfile(bytes, file, { capacity: 8 });
      assert.equal(profile.rows, rows);
      assert.deepEqual(profile.apps, PAPER_APPS);
      assert.equal(profiledCapacity(profile), 8);
      assert.equal(notices.length, 3);
      assert.match(notices[0]!, /"rt_50.npy" is ignored: it holds pickled objects/);
      assert.match(notices[2]!, new RegExp(`: ${repeats} of ${rows} rows repeat`));
      const again = await readProfile(utf8(writeProfileCsv(profile)), "again.csv");
      assert.deepEqual(again.profile, profile);
    },
  }));
}

Deno.test(needsReference({
  name: "readProfile() reads the complete surface rf20-table.csv",
  async fn() {
    const { profile, notices } = await readProfile(readReference("rf20-table.csv"), "rf20");
    assert.equal(profile.rows, 6435);
    assert.deepEqual(profile.apps, PAPER_APPS);
    assert.deepEqual(notices, []);
    assert.ok(Number.isNaN(profile.rps[0]!));
    assert.equal(profile.rps[13], 1.001111);
  },
}));

Deno.test(needsReference({
  name: "readNpzArrays() reads the 240 float32 arrays of the published networks",
  async fn() {
    const arrays = await readNpzArrays(readReference("metis-subschedulers-2020.npz"));
    assert.equal(arrays.size, 240);
    const kernel = arrays.get("class190_level3_fc1_kernel")!;
    assert.deepEqual([kernel.type, kernel.shape], ["<f4", [29, 128]]);
    assert.ok(kernel.data instanceof Float32Array && kernel.data.length === 29 * 128);
  },
}));

Deno.test(needsReference({
  name: "readDemands() reads the demands of 2020",
  fn() {
    for (const total of REFERENCE_SIZES) {
      const text = referenceText(`batch-${total}.csv`);
      const { apps, demands } = readDemands(text, "file");
      assert.deepEqual(apps, PAPER_APPS);
      assert.ok(demands.every((demand) => demand.reduce((sum, n) => sum + n, 0) === total));
    }
  },
}));

Deno.test("an npz in a Node Buffer, whose slice() does not copy, is read as from plain bytes", async () => {
  const bytes = await zipOf(...profileEntries([[1, 0], [1, 1]], [[1, NaN], [0.5, 0.75]]));
  const padded = Buffer.concat([Buffer.from("abc"), bytes]).subarray(3);
  const { profile } = await readProfile(padded, "file");
  assert.deepEqual(profile, (await readProfile(bytes, "file")).profile);
});
