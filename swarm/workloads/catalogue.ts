import { workloadImage } from "../services/workloads.ts";
import { COMMON_SETTINGS } from "./run.ts";
import type { Settings } from "./settings.ts";
import { CHECKSUM_SETTINGS } from "./work/checksum.ts";
import { FILE_SERVER_SETTINGS } from "./work/file_server.ts";
import { ISR_SETTINGS } from "./work/isr.ts";
import { MMS_SETTINGS } from "./work/mms.ts";
import { REDIS_SETTINGS } from "./work/redis.ts";
import { SCENE_SETTINGS } from "./work/scene_detect.ts";
import { YCSB_SETTINGS } from "./work/ycsb.ts";

/** What a user may know of a workload. */
export interface CatalogueEntry {
  readonly name: string;
  readonly image: string;
  /** One line. */
  readonly does: string;
  /** By the names of their environment variables. */
  readonly settings: Settings;
}

const ENTRIES: readonly (readonly [name: string, does: string, settings: Settings])[] = [
  ["redis", "a Redis server, and redis-benchmark (lpush, lpop, incr) on it", REDIS_SETTINGS],
  [
    "mms",
    "classifies a picture (MobileNet) of a co-located Redis or the file server",
    MMS_SETTINGS,
  ],
  [
    "checksum",
    "SHA-512 over blocks of a co-located Redis or the node's memcached",
    CHECKSUM_SETTINGS,
  ],
  ["ycsb-a", "YCSB on the node's memcached: 50 % reads, 50 % updates", YCSB_SETTINGS],
  ["ycsb-b", "YCSB on the node's memcached: 95 % reads, 5 % updates", YCSB_SETTINGS],
  [
    "scene-detect",
    "finds the cuts of a clip of the node's memcached, decoded by ffmpeg",
    SCENE_SETTINGS,
  ],
  ["isr", "doubles the side of a crop by a residual dense network", ISR_SETTINGS],
];

/** The workloads in the order of their numbers, then what supports them. */
export const CATALOGUE: readonly CatalogueEntry[] = [
  ...ENTRIES.map(([name, does, settings]) => ({
    name,
    image: workloadImage(name),
    does,
    settings: { ...COMMON_SETTINGS, ...settings },
  })),
  {
    name: "file-server",
    image: workloadImage("file-server"),
    does: "nginx with photos and a clip, made from a seed",
    settings: FILE_SERVER_SETTINGS,
  },
  {
    name: "memcached",
    image: workloadImage("memcached"),
    does: "the memcached of a node",
    settings: {},
  },
];
