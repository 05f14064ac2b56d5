import assert from "node:assert/strict";
import { curvesSvg } from "./curves.ts";
import { csvLine, jsonLine, type MetricRow, METRICS, MetricWindow, readRows } from "./metrics.ts";
import { crc32c, eventFileHeader, eventRecord } from "./tensorboard.ts";

const STATS = {
  update: 3,
  episodes: 30,
  batchEpisodes: 12,
  steps: 200,
  meanReward: 0.5,
  meanThroughput: 1.1,
  bestThroughput: 1.2,
  entropy: 0.7,
  gradientNorm: 2,
  loss: -0.1,
  extra: { clip: 0.25 },
};

Deno.test("A row of metrics averages its updates and counts per second since the row before", () => {
  const window = new MetricWindow(10, 10, 100);
  window.add({ ...STATS, update: 2, episodes: 20, meanReward: 0.3 });
  window.add(STATS);
  const row = window.close(12, { "eval/gap": 0.01 });
  assert.deepEqual(Object.keys(row), [...Object.keys(METRICS), "train/clip"]);
  // (30 - 10) episodes and 2 x 200 containers in 12 - 10 seconds.
  assert.equal(row["time/episodes_per_second"], 10);
  assert.equal(row["time/fps"], 200);
  assert.equal(row["time/total_timesteps"], 500);
  assert.equal(row["rollout/ep_len_mean"], 20);
  assert.equal(row["rollout/ep_rew_mean"], 0.4);
  assert.equal(row["train/entropy_loss"], -0.7);
  assert.equal(row["train/clip"], 0.25);
  assert.equal(row["eval/gap"], 0.01);
  window.add({ ...STATS, update: 4, episodes: 30 });
  assert.equal(window.close(13)["rollout/ep_len_mean"], null);
});

Deno.test("Numbers that are not finite become null in JSON and nothing in CSV", () => {
  const window = new MetricWindow(0, 0, 0);
  window.add({ ...STATS, extra: { clip: NaN }, loss: Infinity });
  const row = window.close(1);
  assert.equal(row["train/clip"], null);
  assert.equal((JSON.parse(jsonLine(row)) as MetricRow)["train/loss"], null);
  assert.equal(csvLine(row, ["train/loss", "time/iterations", "train/clip"]), ",3,\n");
});

const read = (text: string, updates: number) =>
  readRows(new TextEncoder().encode(text), "f", updates);

Deno.test("Rows after the checkpoint and half a line of a killed run are dropped", () => {
  const line = (updates: number) => jsonLine({ "time/iterations": updates, "train/loss": null });
  const text = line(1) + line(2) + line(3);
  const updates = (rows: MetricRow[]) => rows.map((row) => row["time/iterations"]);
  assert.deepEqual(updates(read(text, 2)), [1, 2]);
  assert.deepEqual(updates(read(text.slice(0, -5), 9)), [1, 2]);
  assert.deepEqual(read("", 9), []);
});

Deno.test("A whole line that is no row of metrics is refused by its number", () => {
  const row = '{"time/iterations":1,"train/loss":null}\n';
  for (const line of ["{", "null", "[]", '{"train/loss":1}', '{"time/iterations":1,"x":"1"}']) {
    assert.throws(() => read(`${row}${line}\n${row}`, 9), /^InputError: f: line 2/, line);
  }
  assert.throws(() => readRows(Uint8Array.of(0xff, 10), "f", 9), /f: is not text in UTF-8/);
});

Deno.test("CRC-32C gives the check value of its standard", () => {
  // RFC 3720, B.4: 32 bytes of zeros; and the usual check word.
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
});

/** Reads one protobuf message: field number to its values, as bytes or numbers. */
function readMessage(bytes: Uint8Array): Map<number, (Uint8Array | number)[]> {
  const fields = new Map<number, (Uint8Array | number)[]>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = (): number => {
    for (let value = 0, scale = 1;; scale *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    let value: Uint8Array | number;
    if ((key & 7) === 0) value = varint();
    else if ((key & 7) === 1) value = view.getFloat64((at += 8) - 8, true);
    else if ((key & 7) === 5) value = view.getFloat32((at += 4) - 4, true);
    else {
      const length = varint();
      value = bytes.subarray(at, at += length);
    }
    fields.set(key >> 3, [...fields.get(key >> 3) ?? [], value]);
  }
  return fields;
}

function readRecords(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const unmask = (masked: number): number => {
    const rotated = (masked - 0xa282ead8) >>> 0;
    return ((rotated << 15) | (rotated >>> 17)) >>> 0;
  };
  const records: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(view.getBigUint64(at, true));
    assert.equal(unmask(view.getUint32(at + 8, true)), crc32c(bytes.subarray(at, at + 8)));
    const data = bytes.subarray(at + 12, at + 12 + length);
    assert.equal(unmask(view.getUint32(at + 12 + length, true)), crc32c(data));
    records.push(data);
    at += 16 + length;
  }
  return records;
}

Deno.test("TensorBoard files hold framed events with a version, steps, tags and values", () => {
  const row = { "eval/gap": 0.125, "train/loss": null, "time/fps": 1234.5 };
  const header = eventFileHeader(1700000000.5);
  const record = eventRecord(row, 70000, 1700000001);
  const file = new Uint8Array([...header, ...record]);
  const [first, second] = readRecords(file).map(readMessage);
  assert.equal(new TextDecoder().decode(first!.get(3)![0] as Uint8Array), "brain.Event:2");
  assert.equal(first!.get(1)![0], 1700000000.5);
  assert.equal(second!.get(2)![0], 70000);
  const summary = readMessage(second!.get(5)![0] as Uint8Array);
  const values = summary.get(1)!.map((bytes) => {
    const value = readMessage(bytes as Uint8Array);
    return [new TextDecoder().decode(value.get(1)![0] as Uint8Array), value.get(2)![0]];
  });
  assert.deepEqual(values, [["eval/gap", 0.125], ["time/fps", 1234.5]]);
});

Deno.test("Curves draw a panel for each figure that was measured, and only finite coordinates", () => {
  const rows = Array.from({ length: 1000 }, (_, at): MetricRow => ({
    "time/iterations": at + 1,
    "rollout/ep_rew_mean": Math.sin(at / 100),
    "train/entropy": 1,
    "eval/gap": at % 100 === 0 ? 1 / (at + 1) : null,
  }));
  const svg = curvesSvg(rows, `A <title> & "more"`);
  assert.equal([...svg.matchAll(/class="curve"/g)].length, 3);
  assert.ok(!/NaN|Infinity|undefined/.test(svg));
  assert.ok(svg.includes("A &lt;title> &amp; &quot;more&quot;"));
  assert.equal(svg, curvesSvg(rows, `A <title> & "more"`));
  assert.ok(svg.length < 30000, `${svg.length} characters`);
  assert.ok(!/NaN/.test(curvesSvg([], "nothing")));
  assert.ok(!/NaN/.test(curvesSvg(rows.slice(0, 1), "one point")));
});

Deno.test("The glossary in docs/training.md lists every metric with its meaning", async () => {
  const { readFileSync } = await import("node:fs");
  const text = readFileSync(new URL("../../docs/training.md", import.meta.url), "utf8");
  for (const [name, meaning] of Object.entries(METRICS)) {
    assert.ok(text.includes(`| \`${name}\` | ${meaning} |`), name);
  }
});
