import assert from "node:assert/strict";
import { CutDetector, meanChange, toHsv } from "./cuts.ts";
import { Scene } from "./scene.ts";

Deno.test("colours are turned to hue, saturation and value in the ranges of OpenCV", () => {
  const rgb = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0], [128, 128, 128], [0, 0, 0]];
  // Hue in half degrees: 0, 120 / 2, 240 / 2, 60 / 2; grey has none.
  const hsv = [[0, 255, 255], [60, 255, 255], [120, 255, 255], [30, 255, 255], [0, 0, 128], [
    0,
    0,
    0,
  ]];
  assert.deepEqual([...toHsv(Uint8Array.from(rgb.flat()))], hsv.flat());
});

Deno.test("the change of two frames goes round the colour circle", () => {
  // Hue 175 and 5 are 10 apart, saturation and value alike: 10 / 3 channels.
  const change = meanChange(Uint8Array.from([175, 200, 100]), Uint8Array.from([5, 200, 100]));
  assert.equal(change, 10 / 3);
});

Deno.test("cuts are found where scenes change, and nowhere else", () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const detector = new CutDetector();
    const cuts: number[] = [];
    let frames = 0;
    for (const [index, length] of [5, 9, 2, 7].entries()) {
      if (index > 0) cuts.push(frames);
      const scene = new Scene(seed, index);
      for (let at = 0; at < length; at++) detector.add(scene.paint(64, 36, at / 24).pixels);
      frames += length;
    }
    assert.deepEqual(detector.cuts, cuts, `seed ${seed}`);
    assert.equal(detector.frames, frames);
  }
});

Deno.test("a slow fade to black is no cut, a flash is two", () => {
  const grey = (value: number) => new Uint8Array(3 * 16).fill(value);
  const fade = new CutDetector();
  for (let value = 250; value >= 0; value -= 25) fade.add(grey(value));
  assert.deepEqual(fade.cuts, []);
  const flash = new CutDetector();
  // Only one of three channels changes: by 200, so the mean by 66.
  for (const value of [20, 20, 220, 20, 20]) flash.add(grey(value));
  assert.deepEqual(flash.cuts, [2, 3]);
});
