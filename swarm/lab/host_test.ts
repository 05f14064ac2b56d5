import assert from "node:assert/strict";
import { findHolders, holderFile } from "./host.ts";
import { HOLDER_MARK } from "./layout.ts";

interface Process {
  readonly pid: number;
  readonly start: number;
  readonly uid?: string;
  readonly words?: readonly string[];
}

Deno.test("a holder is what the lab recorded as it started it, not what calls itself one", async () => {
  const root = await Deno.makeTempDir();
  const directory = `${root}/lab`;
  const proc = `${root}/proc`;
  const ours = ["unshare", "--net", "sh", "node.sh", HOLDER_MARK, directory, "n1"];
  const show = async ({ pid, start, uid = "0\t0\t0\t0", words = ours }: Process) => {
    await Deno.mkdir(`${proc}/${pid}`, { recursive: true });
    // The name of a program may hold spaces and parentheses.
    const fields = [...new Array(19).fill("7"), `${start}`, "9", "9"].join(" ");
    await Deno.writeTextFile(`${proc}/${pid}/stat`, `${pid} (un ) share) ${fields}\n`);
    await Deno.writeTextFile(`${proc}/${pid}/status`, `Name:\tunshare\nUid:\t${uid}\nGid:\t0\n`);
    await Deno.writeTextFile(`${proc}/${pid}/cmdline`, words.join("\0") + "\0");
  };
  const found = async () => (await findHolders(directory, proc)).map(({ pid }) => pid);
  try {
    assert.deepEqual(await found(), []);
    await Deno.mkdir(`${directory}/n1`, { recursive: true });
    // Somebody's process with our words on its command line, and nothing recorded.
    await show({ pid: 41, start: 500 });
    assert.deepEqual(await found(), []);
    await Deno.writeTextFile(holderFile(directory, "n1"), "42 700\n");
    assert.deepEqual(await found(), []);
    await show({ pid: 42, start: 700 });
    assert.deepEqual(await found(), [42]);
    // The id was given to another process since.
    await show({ pid: 42, start: 701 });
    assert.deepEqual(await found(), []);
    await show({ pid: 42, start: 700, uid: "1000\t0\t0\t0" });
    assert.deepEqual(await found(), []);
    await show({ pid: 42, start: 700, words: ["unshare", HOLDER_MARK, "/other", "n1"] });
    assert.deepEqual(await found(), []);
    await show({ pid: 42, start: 700, words: ["unshare", HOLDER_MARK, directory, "n2"] });
    assert.deepEqual(await found(), []);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
