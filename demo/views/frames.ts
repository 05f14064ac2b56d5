/// <reference lib="dom" />
import type { Playback } from "../session/playback.ts";

/** Lets a replay run, frame by frame, until it pauses or ends. @param show Called where there is something new. */
export function playOn(playback: Playback, show: () => void): void {
  let last = performance.now();
  const frame = (now: number): void => {
    if (playback.advance(Math.min(0.1, (now - last) / 1000))) show();
    last = now;
    if (playback.playing) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}
