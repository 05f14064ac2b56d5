import assert from "node:assert/strict";
import { tarOf } from "./tar.ts";

Deno.test("tar unpacks an archive to the same files", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const files = new Map([
      ["policy/policy.json", new TextEncoder().encode("{}\n")],
      ["policy/networks/scorer/weights.bin", Uint8Array.from({ length: 700 }, (_, at) => at)],
      ["policy/empty", new Uint8Array()],
    ]);
    const archive = `${folder}/policy.tar`;
    await Deno.writeFile(archive, new Uint8Array(await tarOf(files).arrayBuffer()));
    const { success, stderr } = await new Deno.Command("tar", {
      args: ["xf", archive, "-C", folder],
    }).output();
    assert.equal(new TextDecoder().decode(stderr), "");
    assert.ok(success);
    for (const [path, bytes] of files) {
      assert.deepEqual(await Deno.readFile(`${folder}/${path}`), bytes);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
