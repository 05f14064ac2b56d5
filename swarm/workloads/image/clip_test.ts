import assert from "node:assert/strict";
import { whyMissing } from "../testing/_servers.ts";
import { decodeClip, makeClip } from "./clip.ts";
import { CutDetector } from "./cuts.ts";

const missing = whyMissing("ffmpeg");
Deno.test({
  name: `the cuts of a clip are those that it was made with, after ffmpeg has coded and decoded it${
    missing ? ` (${missing})` : ""
  }`,
  ignore: missing !== null,
  fn: async () => {
    const { clip, file } = await makeClip({
      width: 96,
      height: 54,
      scenes: 4,
      sceneFrames: 6,
      seed: 3,
    });
    // Scenes have 6, 6 + 3, 6 + 6 mod 5, 6 + 9 mod 5 frames.
    assert.deepEqual(clip, { width: 96, height: 54, frames: 32, cuts: [6, 15, 22] });
    const pixels = await decodeClip(file);
    const size = 3 * 96 * 54;
    assert.equal(pixels.length, 32 * size);
    const detector = new CutDetector();
    for (let at = 0; at < pixels.length; at += size) detector.add(pixels.subarray(at, at + size));
    assert.deepEqual(detector.cuts, clip.cuts);
    await assert.rejects(decodeClip(new Uint8Array(100)), /ffmpeg failed/);
  },
});
