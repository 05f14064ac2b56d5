import assert from "node:assert/strict";
import { Histogram, metricsText } from "./metrics.ts";

Deno.test("metrics are written in the text format of Prometheus, with what is special escaped", () => {
  const text = metricsText([{
    name: "metis_things_total",
    help: "Things\nof all \\ kinds",
    type: "counter",
    samples: [{ labels: { kind: 'a "b"\\c\n' }, value: 2 }, { value: Infinity }, { value: NaN }],
  }]);
  assert.equal(
    text,
    "# HELP metis_things_total Things\\nof all \\\\ kinds\n" +
      "# TYPE metis_things_total counter\n" +
      'metis_things_total{kind="a \\"b\\"\\\\c\\n"} 2\n' +
      "metis_things_total +Inf\n" +
      "metis_things_total NaN\n",
  );
});

Deno.test("the buckets of a histogram count what is below them, a bound included", () => {
  const histogram = new Histogram([0.1, 1]);
  for (const seconds of [0.05, 0.1, 0.5, 3]) histogram.observe(seconds);
  assert.deepEqual(histogram.samples({ app: "x" }), [
    { suffix: "_bucket", labels: { app: "x", le: "0.1" }, value: 2 },
    { suffix: "_bucket", labels: { app: "x", le: "1" }, value: 3 },
    { suffix: "_bucket", labels: { app: "x", le: "+Inf" }, value: 4 },
    { suffix: "_sum", labels: { app: "x" }, value: 3.65 },
    { suffix: "_count", labels: { app: "x" }, value: 4 },
  ]);
});
