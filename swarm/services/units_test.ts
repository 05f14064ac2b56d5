import assert from "node:assert/strict";
import { bytesOf, nanoCpus, nanoseconds } from "./units.ts";

Deno.test("bytesOf reads sizes as Compose writes them", () => {
  const sizes = { "512": 512, "1b": 1, "2k": 2048, "1.5kb": 1536, "64M": 2 ** 26, "8g": 2 ** 33 };
  for (const [text, bytes] of Object.entries(sizes)) assert.equal(bytesOf(text, "memory"), bytes);
  assert.equal(bytesOf("1GiB", "memory"), 2 ** 30);
  assert.equal(bytesOf(".5t", "memory"), 2 ** 39);
  // 1.2345 · 2^30 = 1325534281.7...: Docker cuts, as it does with bytes of any size.
  assert.equal(bytesOf("1.2345g", "memory"), 1_325_534_281);
  for (const text of ["", "0", "-1m", "1x", "1e9", "99999999999999g", "NaN"]) {
    assert.throws(() => bytesOf(text, "memory"), /memory: must be a size such as 512M/);
  }
});

Deno.test("nanoCpus reads a share of CPUs", () => {
  assert.equal(nanoCpus("0.50", "cpus"), 5e8);
  assert.equal(nanoCpus(2, "cpus"), 2e9);
  assert.equal(nanoCpus(".5", "cpus"), 5e8);
  for (const text of ["0", "-1", "", "1e2", "5000", "half"]) {
    assert.throws(() => nanoCpus(text, "cpus"), /cpus: must be a number such as 0.5/);
  }
});

Deno.test("nanoseconds adds the parts of a duration", () => {
  // 1 h + 1.5 min + 2 s + 3 ms + 4 us
  assert.equal(nanoseconds(".5s5µs"), 5e8 + 5e3);
  assert.equal(nanoseconds("0"), 0);
  assert.equal(nanoseconds("1h1.5m2s3ms4us"), (3600 + 90 + 2) * 1e9 + 3e6 + 4e3);
});
