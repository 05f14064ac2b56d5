import assert from "node:assert/strict";
import fc from "fast-check";
import { amountText, parseAmount, roughAmount } from "./amounts.ts";

const MI = 2 ** 20;
const GI = 2 ** 30;

Deno.test("sizes and cores are read as Docker and Kubernetes write them", () => {
  const table: readonly (readonly [string, number | string, number | null, number | null])[] = [
    // resource, text, as Docker reads it, as Kubernetes reads it
    ["memory", "512MiB", 512 * MI, 512 * MI],
    ["memory", "512Mi", 512 * MI, 512 * MI],
    ["memory", "4GiB", 4 * GI, 4 * GI],
    ["memory", "16Ki", 16384, 16384],
    ["memory", "4G", 4 * GI, 4e9],
    ["memory", "512M", 512 * MI, 512e6],
    ["memory", "512m", 512 * MI, 0.512],
    ["memory", "1.5g", 1.5 * GI, null],
    ["memory", "64MB", 64 * MI, null],
    ["memory", "64mb", 64 * MI, null],
    ["memory", "100k", 102400, 100000],
    ["memory", "0.1g", 107374182, null], // whole bytes
    ["memory", "1e3", 1000, 1000],
    ["memory", "128974848", 128974848, 128974848],
    ["memory", 1048576, 1048576, 1048576],
    ["cpu", "500m", 0.5, 0.5],
    ["cpu", "0.5", 0.5, 0.5],
    ["cpu", 2, 2, 2],
    ["cpu", ".25", 0.25, 0.25],
    ["cpu", "2k", null, 2000],
    ["nvidia.com/gpu", "1", 1, 1],
    ["memory", "512 MiB", 512 * MI, 512 * MI],
    ["memory", "-1", null, null],
    ["memory", "4X", null, null],
    ["memory", "", null, null],
    ["memory", "many", null, null],
    ["cpu", Infinity, null, null],
    ["cpu", NaN, null, null],
  ];
  for (const [resource, text, docker, kubernetes] of table) {
    assert.equal(parseAmount(resource, text), docker, `${text} by Docker`);
    assert.equal(parseAmount(resource, text, "kubernetes"), kubernetes, `${text} by Kubernetes`);
  }
});

Deno.test("what is written of an amount is read as the same number", () => {
  const amount = fc.oneof(
    fc.integer({ min: 0, max: 2 ** 45 }),
    fc.integer({ min: 0, max: 100_000 }).map((n) => n * MI),
    fc.double({ min: 0, max: 1e9, noNaN: true }),
  );
  fc.assert(
    fc.property(fc.constantFrom("cpu", "memory", "disk", "gpu"), amount, (resource, value) => {
      assert.equal(parseAmount(resource, amountText(resource, value)), value);
    }),
  );
});

Deno.test("amounts of bytes are told in the units of Docker", () => {
  assert.equal(amountText("memory", 512 * MI), "512MiB");
  assert.equal(amountText("memory", 1.5 * GI), "1.5GiB");
  assert.equal(amountText("cpu", 0.5), "0.5");
  assert.equal(amountText("connections", 1024), "1024");
  assert.equal(roughAmount("memory", 1e9), "954MiB");
  assert.equal(roughAmount("cpu", 1 / 3), "0.333");
});
