import assert from "node:assert/strict";
import fc from "fast-check";
import { inspectProblemFile } from "./read.ts";
import type { ProblemForm } from "./schema.ts";
import { problemForm, withoutEmpty } from "./write.ts";

const APPS = ["api", "cache", "a b"];
const app = fc.constantFrom(...APPS);
const perApp = <T>(value: fc.Arbitrary<T>) => fc.dictionary(app, value);
const amounts = fc.record({
  cpu: fc.oneof(fc.constantFrom("500m", "0.5", 2), fc.double({ min: 0, max: 64, noNaN: true })),
  memory: fc.constantFrom("512MiB", "512Mi", "4G", "1.5g", 1000, 0),
}, { requiredKeys: [] });
const labels = fc.dictionary(fc.constantFrom("disk", "zone"), fc.constantFrom("ssd", "x=y", ""));
const limit = fc.integer({ min: 1, max: 9 });
const pairs = fc.array(fc.constantFrom<[string, string]>(["api", "cache"], ["cache", "a b"]), {
  maxLength: 3,
});

const nodeClass = fc.record({
  count: limit,
  slots: limit,
  resources: fc.record({ cpu: fc.constant(64), memory: fc.constant("64GiB"), gpu: limit }),
  labels,
  domain: fc.constantFrom("z1", "z2"),
}, { requiredKeys: ["count", "slots", "resources"] });

const forms = fc.record({
  apps: fc.record(Object.fromEntries(APPS.map((name) => [
    name,
    fc.record({
      containers: fc.nat(20),
      resources: amounts,
      floor: fc.double({ min: 0, max: 2, noNaN: true }),
      weight: fc.double({ min: 0.1, max: 9, noNaN: true }),
    }, { requiredKeys: ["containers"] }),
  ]))),
  nodes: fc.array(nodeClass, { minLength: 1, maxLength: 3 }),
  rules: fc.record({
    maxPerNode: perApp(fc.nat(4)),
    apart: pairs,
    together: pairs,
    require: perApp(fc.dictionary(fc.constantFrom("disk"), fc.constant("ssd"), { minKeys: 1 })),
    spread: perApp(fc.record({ maxPerDomain: limit, minDomains: limit, maxSkew: limit })),
    fence: fc.uniqueArray(fc.constantFrom("n0"), { maxLength: 1 }),
  }, { requiredKeys: [] }),
  objective: fc.constantFrom("throughput", "fair", "worst"),
  floor: fc.double({ min: 0, max: 1, noNaN: true }),
}, { requiredKeys: ["apps", "nodes"] });

/** What a file says, without what only this reading of it has. */
function said(form: unknown, file: string): Record<string, unknown> {
  const { problem, faults } = inspectProblemFile(JSON.stringify(form), file);
  assert.deepEqual(faults, []);
  const { nodeNames: _, file: __, surfaces: ___, ...rest } = problem!;
  return withoutEmpty(rest);
}

Deno.test("a problem that is written as a file is read as the same problem", () => {
  fc.assert(fc.property(forms, (form) => {
    const { problem, faults } = inspectProblemFile(JSON.stringify(form), "p.json");
    assert.deepEqual(faults, []);
    const written = problemForm(problem!) as ProblemForm;
    assert.deepEqual(said(written, "p.json"), said(form, "p.json"));
    // Written once more, it is the same to the letter.
    assert.deepEqual(
      problemForm(inspectProblemFile(JSON.stringify(written), "p.json").problem!),
      written,
    );
  }));
});
