import assert from "node:assert/strict";
import fc from "fast-check";
import { printable } from "../../domain/mod.ts";
import { type Column, renderPairs, renderTable, wrapText } from "./table.ts";

interface Row {
  readonly name: string;
  readonly mean: string;
  readonly gap: string;
}

const COLUMNS: Column<Row>[] = [
  { title: "Scheduler", align: "left", cell: ({ name }) => name },
  { title: "Mean normalised throughput", align: "right", cell: ({ mean }) => mean },
  { title: "Gap to the optimum", align: "right", cell: ({ gap }) => gap },
];
const ROWS: Row[] = [
  { name: "round-robin", mean: "0.9467", gap: "21.398 %" },
  { name: "optimal", mean: "1.2044", gap: "0 (proven)" },
];

Deno.test("renderTable() puts words left and numbers right under one line of titles", () => {
  assert.equal(
    renderTable(COLUMNS, ROWS, { width: 80 }),
    `\
Scheduler    Mean normalised throughput  Gap to the optimum
-----------  --------------------------  ------------------
round-robin                      0.9467            21.398 %
optimal                          1.2044          0 (proven)
`,
  );
});

Deno.test("renderTable() breaks titles at spaces where the terminal is narrower", () => {
  assert.equal(
    renderTable(COLUMNS, ROWS, { width: 40 }),
    `\
                   Mean
             normalised  Gap to the
Scheduler    throughput     optimum
-----------  ----------  ----------
round-robin      0.9467    21.398 %
optimal          1.2044  0 (proven)
`,
  );
});

Deno.test("renderTable() turns rows into blocks where even broken titles are too wide", () => {
  assert.equal(
    renderTable(COLUMNS, ROWS.slice(0, 1), { width: 30 }),
    `\
round-robin
  Mean normalised throughput  0.9467
  Gap to the optimum          21.398
                              %
`,
  );
});

Deno.test("renderTable() breaks a last column that may be broken before anything else", () => {
  const columns = [COLUMNS[0]!, {
    ...COLUMNS[2]!,
    title: "What",
    align: "left",
    wraps: true,
  }] as const;
  assert.equal(
    renderTable(columns, [{ name: "a", mean: "", gap: "one two three four five six seven" }], {
      width: 40,
    }),
    `\
Scheduler  What
---------  -----------------------------
a          one two three four five six
           seven
`,
  );
});

Deno.test("renderTable() makes titles bold only where colour is wanted", () => {
  const plain = renderTable(COLUMNS, ROWS, { width: 80 });
  const color = renderTable(COLUMNS, ROWS, { width: 80, color: true });
  assert.ok(!plain.includes("\x1b"));
  assert.ok(color.startsWith("\x1b[1mScheduler"));
  // deno-lint-ignore no-control-regex
  assert.equal(color.replace(/\x1b\[\d+m/g, ""), plain);
});

Deno.test("renderTable() keeps every cell at every width", () => {
  const word = fc.stringMatching(/^[a-z0-9]{1,12}$/);
  const row = fc.record({ name: word, mean: word, gap: word });
  fc.assert(fc.property(fc.array(row, { maxLength: 5 }), fc.integer({ min: 20, max: 120 }), (
    rows,
    width,
  ) => {
    const text = renderTable(COLUMNS, rows, { width });
    for (const { name, mean, gap } of rows) {
      for (const cell of [name, mean, gap]) assert.ok(text.includes(cell));
    }
    // From 60 columns on, titles of these lengths always leave room for the grid.
    if (width >= 60) assert.ok(text.split("\n").every((line) => line.length <= width));
  }));
});

Deno.test("renderTable() aligns wide letters and drops control characters", () => {
  const text = renderTable(
    COLUMNS,
    [{ name: "編成", mean: "1", gap: "2" }, { name: "a\x1b[31mb", mean: "3", gap: "4" }],
    { width: 80 },
  );
  assert.ok(!text.includes("\x1b"));
  const [, , wide, odd] = text.split("\n");
  // Two wide letters take four columns in two characters of text.
  assert.equal(wide!.length + 2, odd!.length);
});

Deno.test("renderPairs() pads labels to one width", () => {
  assert.equal(renderPairs([["gap", "0"], ["seconds", "1"]]), "gap      0\nseconds  1\n");
});

Deno.test("renderPairs() breaks long values and indents what follows", () => {
  assert.equal(renderPairs([["apps", "redis, isr, mms"]], 16), "apps  redis,\n      isr, mms\n");
});

Deno.test("wrapText() breaks at spaces only", () => {
  assert.equal(wrapText("one two three", 7), "one two\nthree");
  assert.equal(wrapText("incomprehensible", 7), "incomprehensible");
});

Deno.test("printable() replaces what could steer a terminal", () => {
  assert.equal(printable("a\nb\x07"), "a\\x0ab\\x07");
  assert.equal(printable("\x1b[31mweb\u202e"), "\\x1b[31mweb\\u{202e}");
  assert.equal(printable("é 東 👍"), "é 東 👍");
});
