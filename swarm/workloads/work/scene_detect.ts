import * as v from "valibot";
import { ServiceError } from "../errors.ts";
import { fetchFile, FILE_SETTINGS } from "../files.ts";
import { type Clip, clipSchema, decodeClip } from "../image/clip.ts";
import { CUT_THRESHOLD, CutDetector } from "../image/cuts.ts";
import type { Metric } from "../metrics.ts";
import { NEIGHBOUR_SETTINGS, Neighbours } from "../neighbours.ts";
import { number, readSettings, type Values } from "../settings.ts";
import { Sources, type Workload, type WorkReport } from "../workload.ts";

/** Settings of the scene detector. Length and size of the clip are the file server's. */
export const SCENE_SETTINGS = {
  SCENE_THRESHOLD: number(CUT_THRESHOLD, "mean change of a frame, 0 to 255, that is a cut", {
    fraction: true,
  }),
  ...FILE_SETTINGS,
  ...NEIGHBOUR_SETTINGS,
} as const;

/** Finds the cuts of a clip that the node's memcached holds, decoded by ffmpeg, and checks them. */
export class SceneDetect implements Workload {
  readonly #settings: Values<typeof SCENE_SETTINGS>;
  readonly #neighbours: Neighbours;
  readonly #sources = new Sources();
  #clip: Clip | null = null;
  /** The clip's key in memcached: those of other sizes have others. */
  #key = "";
  #frames = 0;

  constructor(env: (name: string) => string | undefined) {
    this.#settings = readSettings(SCENE_SETTINGS, env);
    this.#neighbours = new Neighbours(env);
  }

  async prepare(): Promise<void> {
    const about = await fetchFile(this.#settings.FILE_SERVER, "/clip.json");
    const parsed = v.safeParse(clipSchema, JSON.parse(new TextDecoder().decode(about)));
    if (!parsed.success) throw new ServiceError("The file server's clip.json is not one of ours");
    this.#clip = parsed.output;
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", about));
    const name = [...digest.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, "0"));
    this.#key = `metis:clip:${name.join("")}`;
    await this.work();
  }

  async work(): Promise<WorkReport> {
    const clip = this.#clip!;
    const { file, source } = await this.#fetch();
    const pixels = await decodeClip(file);
    const size = 3 * clip.width * clip.height;
    if (pixels.length !== size * clip.frames) {
      throw new ServiceError(`ffmpeg decoded ${pixels.length / size} frames of ${clip.frames}`);
    }
    const detector = new CutDetector(this.#settings.SCENE_THRESHOLD);
    for (let at = 0; at < pixels.length; at += size) detector.add(pixels.subarray(at, at + size));
    const [found, known] = [detector.cuts.join(), clip.cuts.join()];
    if (found !== known) {
      throw new ServiceError(`Found cuts at frames ${found}, there are ${known}`);
    }
    this.#sources.count(source);
    this.#frames += clip.frames;
    return { frames: clip.frames, cuts: clip.cuts.length, source };
  }

  metrics(): Metric[] {
    return [
      this.#sources.metric(),
      {
        name: "metis_scene_frames_total",
        help: "Frames that were decoded and compared",
        type: "counter",
        samples: [{ value: this.#frames }],
      },
    ];
  }

  close(): Promise<void> {
    this.#neighbours.close();
    return Promise.resolve();
  }

  /** The clip from memcached; from the file server, and into memcached, where that has forgotten it. */
  async #fetch(): Promise<{ file: Uint8Array<ArrayBuffer>; source: string }> {
    const memcached = await this.#neighbours.memcached();
    const cached = await memcached.get(this.#key);
    if (cached !== null) return { file: cached, source: "memcached" };
    const file = await fetchFile(this.#settings.FILE_SERVER, "/clip.mkv");
    await memcached.set(this.#key, file);
    return { file, source: "file-server" };
  }
}
