import { ServiceError } from "../errors.ts";
import { makeClip } from "../image/clip.ts";
import { encodePhoto } from "../image/photo.ts";
import { Scene } from "../image/scene.ts";
import { ChildServer } from "../process.ts";
import { number, readSettings, text } from "../settings.ts";

/** Settings of the file server. */
export const FILE_SERVER_SETTINGS = {
  PORT: number(8080, "port that it listens at"),
  FILES_FOLDER: text("/srv/metis", "folder that the files are made in"),
  FILES_IMAGES: number(8, "photos"),
  FILES_IMAGE_WIDTH: number(640, "width of a photo, in pixels"),
  FILES_IMAGE_HEIGHT: number(480, "height of a photo, in pixels"),
  CLIP_WIDTH: number(160, "width of the clip, in pixels, even", { min: 2 }),
  CLIP_HEIGHT: number(90, "height of the clip, in pixels, even", { min: 2 }),
  CLIP_SCENES: number(4, "scenes of the clip"),
  CLIP_SCENE_FRAMES: number(10, "frames of its shortest scene", { min: 2 }),
  FILES_SEED: number(1, "seed of photos and clip", { min: 0 }),
} as const;

const JPEG_QUALITY = 85;

/** Makes photos and a clip from a seed, and has nginx serve them. */
export async function startFileServer(
  env: (name: string) => string | undefined,
): Promise<ChildServer> {
  const settings = readSettings(FILE_SERVER_SETTINGS, env);
  const folder = settings.FILES_FOLDER;
  if (!/^\/[A-Za-z0-9._/-]+$/.test(folder)) {
    throw new ServiceError(
      "FILES_FOLDER must be an absolute path of letters, digits, dots and dashes",
    );
  }
  await Deno.mkdir(`${folder}/files/images`, { recursive: true });
  for (let index = 0; index < settings.FILES_IMAGES; index++) {
    const scene = new Scene(settings.FILES_SEED, index);
    const picture = scene.paint(settings.FILES_IMAGE_WIDTH, settings.FILES_IMAGE_HEIGHT, 0);
    await Deno.writeFile(`${folder}/files/images/${index}.jpg`, encodePhoto(picture, JPEG_QUALITY));
  }
  const { clip, file } = await makeClip({
    width: settings.CLIP_WIDTH,
    height: settings.CLIP_HEIGHT,
    scenes: settings.CLIP_SCENES,
    sceneFrames: settings.CLIP_SCENE_FRAMES,
    seed: settings.FILES_SEED,
  });
  await Deno.writeFile(`${folder}/files/clip.mkv`, file);
  await Deno.writeTextFile(`${folder}/files/clip.json`, JSON.stringify(clip));
  await Deno.writeTextFile(`${folder}/nginx.conf`, nginxConfig(folder, settings.PORT));
  return new ChildServer("nginx", ["-p", folder, "-e", "stderr", "-c", `${folder}/nginx.conf`]);
}

/** A configuration of nginx that writes nowhere but into the folder. */
function nginxConfig(folder: string, port: number): string {
  return `daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
events { worker_connections 512; }
http {
  access_log off;
  sendfile on;
  types { application/json json; image/jpeg jpg; video/x-matroska mkv; }
  ${
    ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) =>
      `${name}_temp_path ${folder}/${name};`
    ).join("\n  ")
  }
  server {
    listen ${port};
    root ${folder}/files;
    location = /health { default_type application/json; return 200 '{"workload":"file-server","status":"ready"}'; }
    location = /metrics { stub_status; }
  }
}
`;
}
