import assert from "node:assert/strict";
import { Playback } from "./playback.ts";

/** A replay of 100 containers, at its beginning, at 25 containers a second. */
function atTheStart(): Playback {
  const playback = new Playback();
  playback.reset(100);
  playback.seek(0);
  assert.equal(playback.rate, 25);
  return playback;
}

Deno.test("Playback shows all containers at first, and plays them from the beginning", () => {
  const playback = new Playback();
  playback.reset(100);
  assert.equal(playback.step, 100);
  playback.toggle();
  assert.deepEqual([playback.step, playback.playing], [0, true]);
});

Deno.test("Playback follows the time that passes, whatever the frames", () => {
  const playback = atTheStart();
  playback.toggle();
  // 25 containers a second: a frame of 1/64 s alone shows none.
  assert.equal(playback.advance(1 / 64), false);
  for (let frame = 1; frame < 64; frame++) playback.advance(1 / 64);
  assert.equal(playback.step, 25);
  assert.equal(playback.advance(1), true);
  assert.equal(playback.step, 50);
});

Deno.test("Playback ends at the last container", () => {
  const playback = atTheStart();
  playback.toggle();
  assert.equal(playback.advance(60), true);
  assert.deepEqual([playback.step, playback.playing], [100, false]);
  assert.equal(playback.advance(60), false);
});

Deno.test("Playback pauses where it is, and goes on from there", () => {
  const playback = atTheStart();
  playback.toggle();
  playback.advance(1);
  playback.toggle();
  assert.equal(playback.advance(1), false);
  assert.equal(playback.step, 25);
  playback.toggle();
  playback.advance(1);
  assert.equal(playback.step, 50);
});

Deno.test("Playback plays at least one container a second", () => {
  const playback = atTheStart();
  playback.speed = -10;
  playback.toggle();
  playback.advance(3);
  assert.equal(playback.step, 3);
});
