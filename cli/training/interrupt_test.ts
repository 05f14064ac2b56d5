import assert from "node:assert/strict";
import { denoFiles } from "./deno_files.ts";
import { readPolicy } from "./files.ts";

const main = new URL("../main.ts", import.meta.url).pathname;
/** Two apps on two slots. */
const TABLE = "a,b,rps:a,rps:b\n1,0,1,\n0,1,,1\n2,0,0.8,\n0,2,,0.7\n1,1,0.9,0.6\n";

Deno.test("Ctrl-C ends metis train with a usable policy and exit code 130", async () => {
  const path = await Deno.makeTempDir({ prefix: "metis-interrupt-" });
  try {
    await Deno.writeTextFile(`${path}/t.csv`, TABLE);
    const options = [
      "--table",
      `${path}/t.csv`,
      "--nodes",
      "3",
      "--capacity",
      "2",
      "--demand",
      "2,2",
    ];
    const permissions = ["read", "write", "env", "sys"].map((name) => `--allow-${name}`);
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", ...permissions, main, "train", "vanilla", ...options]
        .concat(["--seconds", "1000", "--interval", "1", "--out", `${path}/dir`]),
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const output = child.output();
    let ended = false;
    void child.status.then(() => ended = true);
    // A first row of metrics says that training has begun.
    for (let rows = ""; !ended && rows.split("\n").length < 3;) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      rows = await Deno.readTextFile(`${path}/dir/progress.csv`).catch(() => "");
    }
    if (!ended) child.kill("SIGINT");
    const { code, stderr } = await output;
    const said = new TextDecoder().decode(stderr);
    assert.equal(code, 130, said);
    assert.match(
      said,
      /^metis: Interrupted: the policy is in .*dir: resume with --out .*dir --resume\n$/m,
    );
    const { checkpoint } = await readPolicy(denoFiles({}), `${path}/dir`);
    assert.ok(checkpoint.info.updates > 0);
    assert.equal(checkpoint.networks.length, 1);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
});
