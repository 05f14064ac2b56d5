import { WORKLOAD_APPS, workloadImage } from "../../services/workloads.ts";

/** Image that those of all workloads are made of. */
export const SHARED_IMAGE = "metis/workload:latest";

/** What an image runs: words after the entry point of the shared image, or in place of it. */
export interface ImageSpec {
  /** App, or what supports them. */
  readonly name: string;
  readonly reference: string;
  /** Program that runs; empty for the entry point of the shared image, a workload on Deno. */
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
}

/** Every image, in the order of the workloads; those that support them come last. */
export const IMAGES: readonly ImageSpec[] = [
  ...[...WORKLOAD_APPS, "file-server"].map((name) => ({
    name,
    reference: workloadImage(name),
    entrypoint: [],
    command: [name],
  })),
  {
    name: "memcached",
    reference: workloadImage("memcached"),
    entrypoint: ["memcached"],
    command: ["-m", "64", "-I", "8m", "-t", "2"],
  },
];

/** Debian's packages of the programs that the images run. */
export const PACKAGES = ["redis-server", "redis-tools", "memcached", "nginx-light", "ffmpeg"];

/** The programs of those packages. */
export const PROGRAMS = ["redis-server", "redis-benchmark", "memcached", "nginx", "ffmpeg"];

/** The Dockerfile of an app's image: a name for what the shared image should run. */
export function appDockerfile({ entrypoint, command }: ImageSpec): string {
  const own = entrypoint.length === 0 ? "" : `ENTRYPOINT ${JSON.stringify(entrypoint)}\n`;
  return `FROM ${SHARED_IMAGE}\n${own}CMD ${JSON.stringify(command)}\n`;
}
