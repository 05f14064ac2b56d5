import { denoJson, run } from "../_process.ts";
import { ENTRY, stageProgram } from "./stage.ts";

/** What the program may do: what its commands on a real Swarm need, no more. */
export const PERMISSIONS = [
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-sys",
  "--allow-net",
  "--allow-run",
];

/** Writes the program and the Deno that runs this as one executable file for systems like this one. */
export async function buildPortable(file: string): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "metis-portable-" });
  try {
    const staged = `${folder}/staged`;
    await Deno.mkdir(staged);
    await stageProgram(staged);
    await Deno.copyFile(Deno.execPath(), `${staged}/deno`);
    await Deno.chmod(`${staged}/deno`, 0o755);
    // The same sources give the same bytes: the digest names the folder that they are unpacked to.
    await run("sh", [
      "-c",
      `tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf - -C "$0" . | gzip -9n > "$1"`,
      staged,
      `${folder}/payload`,
    ]);
    const payload = await Deno.readFile(`${folder}/payload`);
    await Deno.writeFile(`${file}.tmp`, concatenate(await stubFor(payload), payload), {
      mode: 0o755,
    });
    await Deno.rename(`${file}.tmp`, file);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function stubFor(payload: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", payload)).toHex();
  const template = await Deno.readTextFile(new URL("stub.sh", import.meta.url));
  const filled = template
    .replace("@VERSION@", (await denoJson()).version)
    .replace("@DIGEST@", digest)
    .replace("@PERMISSIONS@", PERMISSIONS.join(" "))
    .replace("@ENTRY@", ENTRY);
  const withOffset = (offset: number): Uint8Array =>
    new TextEncoder().encode(filled.replace("@OFFSET@", `${offset}`.padEnd(8)));
  // `tail -c +N` counts bytes from 1; the padding keeps the length the same whatever N is.
  return withOffset(withOffset(0).length + 1);
}

function concatenate(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
