import * as v from "valibot";
import { runProgram } from "../process.ts";
import { Scene } from "./scene.ts";

const whole = v.pipe(v.number(), v.integer(), v.minValue(1));

/** What is known of a clip: the form of clip.json. */
export const clipSchema = v.object({
  width: whole,
  height: whole,
  frames: whole,
  /** Frames that begin a new scene. */
  cuts: v.array(whole),
});

/** What is known of a clip. */
export type Clip = v.InferOutput<typeof clipSchema>;

/** How a clip is made. */
export interface ClipOptions {
  readonly width: number;
  readonly height: number;
  readonly scenes: number;
  /** Frames of the shortest scene; the others are a little longer. */
  readonly sceneFrames: number;
  readonly seed: number;
}

const FRAMES_PER_SECOND = 24;

/** Paints scenes, and has ffmpeg make a clip of them (H.264 in Matroska) whose cuts are known. */
export async function makeClip(
  { width, height, scenes, sceneFrames, seed }: ClipOptions,
): Promise<{ clip: Clip; file: Uint8Array<ArrayBuffer> }> {
  // Scenes of different lengths: a detector that finds a cut every so many frames must not pass.
  const lengths = Array.from({ length: scenes }, (_, scene) => sceneFrames + (scene * 3) % 5);
  const cuts: number[] = [];
  let frames = 0;
  for (const length of lengths) {
    if (frames > 0) cuts.push(frames);
    frames += length;
  }
  const raw = ReadableStream.from(function* () {
    for (const [index, length] of lengths.entries()) {
      const scene = new Scene(seed, index);
      for (let frame = 0; frame < length; frame++) {
        yield scene.paint(width, height, frame / FRAMES_PER_SECOND).pixels;
      }
    }
  }());
  const file = await runProgram("ffmpeg", [
    ...["-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", `${width}x${height}`],
    ...["-r", `${FRAMES_PER_SECOND}`, "-i", "pipe:0", "-an", "-c:v", "libx264", "-preset", "fast"],
    ...["-threads", "1", "-pix_fmt", "yuv420p", "-f", "matroska", "pipe:1"],
  ], raw);
  return { clip: { width, height, frames, cuts }, file };
}

/** The frames of a clip, red, green and blue bytes of each pixel, one after another. */
export async function decodeClip(file: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return await runProgram("ffmpeg", [
    ...["-v", "error", "-threads", "1", "-f", "matroska", "-i", "pipe:0"],
    ...[
      "-f",
      "rawvideo",
      "-pix_fmt",
      "rgb24",
      "-fps_mode",
      "passthrough",
      "-threads",
      "1",
      "pipe:1",
    ],
  ], ReadableStream.from([file]));
}
