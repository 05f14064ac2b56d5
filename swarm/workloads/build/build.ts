import { InputError } from "../../../domain/errors.ts";
import type { Engine } from "../../engine/engine.ts";
import { appDockerfile, IMAGES, SHARED_IMAGE } from "./names.ts";
import { output, tarStream } from "./programs.ts";
import { makeSystem, type SystemOptions } from "./system.ts";

/** How the images are built. */
export interface WorkloadBuildOptions extends SystemOptions {
  /** Deno for Linux, which goes into the image. @default the one that runs */
  readonly deno?: string | undefined;
}

/** An image that was built. */
export interface BuiltImage {
  readonly name: string;
  readonly reference: string;
  /** As the engine knows it: sha256:... */
  readonly id: string;
}

const SOURCES = new URL("../", import.meta.url);

/**
 * Builds the images of all workloads and of what supports them. What has not changed is not built again.
 * @throws {InputError} naming what is missing. @throws {EngineError} if a step of the build fails.
 */
export async function buildWorkloads(
  engine: Engine,
  options: WorkloadBuildOptions,
): Promise<BuiltImage[]> {
  const { tell, signal } = options;
  if (options.deno === undefined && Deno.build.os !== "linux") {
    throw new InputError("The images need Deno for Linux: set its path by --deno");
  }
  const system = await makeSystem(engine, options);
  const folder = await Deno.makeTempDir({ prefix: "metis-workloads-" });
  try {
    await makeContext(folder, options);
    const steps = (name: string) => (line: string) => {
      if (/^Step \d+/.test(line)) tell(`${name}: ${line}`);
    };
    tell(`Building ${SHARED_IMAGE}`);
    const context = tarStream(["--mtime=@0", "-C", folder, "."]);
    await engine.buildImage(
      context,
      { reference: SHARED_IMAGE, args: { SYSTEM: system } },
      steps(SHARED_IMAGE),
    );
    const built: BuiltImage[] = [];
    for (const image of IMAGES) {
      signal?.throwIfAborted();
      tell(`Building ${image.reference}`);
      await Deno.mkdir(`${folder}/${image.name}`);
      await Deno.writeTextFile(`${folder}/${image.name}/Dockerfile`, appDockerfile(image));
      const own = tarStream(["--mtime=@0", "-C", `${folder}/${image.name}`, "."]);
      await engine.buildImage(own, { reference: image.reference });
      const id = await engine.imageId(image.reference);
      if (id === null) throw new InputError(`${image.reference} was built but does not exist`);
      built.push({ name: image.name, reference: image.reference, id });
    }
    return built;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The folder that the Dockerfile copies from: Deno, the bundled services, the files of TensorFlow.js. */
async function makeContext(
  folder: string,
  { deno, tell, signal }: WorkloadBuildOptions,
): Promise<void> {
  const own = Deno.execPath();
  tell("Bundling the services");
  await Deno.mkdir(`${folder}/app/wasm`, { recursive: true });
  await Deno.mkdir(`${folder}/files`);
  const main = new URL("main.ts", SOURCES).pathname;
  const config = new URL("../../deno.json", SOURCES).pathname;
  await output(
    own,
    [
      ...["bundle", "--quiet", "--config", decodeURIComponent(config), "--minify"],
      ...["--code-splitting", "--outdir", `${folder}/app`, decodeURIComponent(main)],
    ],
    signal,
  );
  const wasm = import.meta.resolve(
    "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm",
  );
  const packed = new URL(".", wasm).pathname;
  for (const name of ["tfjs-backend-wasm.wasm", "tfjs-backend-wasm-simd.wasm"]) {
    await Deno.copyFile(`${decodeURIComponent(packed)}${name}`, `${folder}/app/wasm/${name}`);
  }
  await Deno.copyFile(deno ?? own, `${folder}/deno`);
  await Deno.chmod(`${folder}/deno`, 0o755);
  await Deno.copyFile(new URL("build/Dockerfile", SOURCES), `${folder}/Dockerfile`);
}
