import assert from "node:assert/strict";
import fc from "fast-check";
import { UsageError } from "../../domain/errors.ts";
import { sshWords } from "../engine/ssh.ts";
import { machineAt, nameOf, refusal, runThere, scriptText } from "./machine.ts";
import { findProgram } from "../workloads/build/programs.ts";
import { readFacts } from "./probe.ts";

/** Debian's openssh-client. */
const ignore = findProgram("ssh") === null;

Deno.test("a script's arguments reach it as they are, through a real shell", async () => {
  const run = async (words: readonly string[]) => {
    const child = new Deno.Command("sh", {
      args: ["-s"],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(scriptText('printf "%s\\0" "$@"', words)));
    await writer.close();
    return new TextDecoder().decode((await child.output()).stdout).split("\0").slice(0, -1);
  };
  const hard = [
    "",
    "a b",
    "'",
    "'; reboot; '",
    "$(id)",
    "`id`",
    '"',
    "\\",
    "-n",
    "*",
    "a\nb",
    "\\'",
  ];
  assert.deepEqual(await run(hard), hard);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string(), { minLength: 1, maxLength: 5 }), async (words) => {
      // No shell has a word with this letter in it.
      const given = words.map((word) => word.replaceAll("\0", ""));
      assert.deepEqual(await run(given), given);
    }),
    { numRuns: 25 },
  );
});

Deno.test("a script reads nothing of its own text, so that it runs to its end", async () => {
  const child = new Deno.Command("sh", { args: ["-s"], stdin: "piped", stdout: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(scriptText("cat\necho end", [])));
  await writer.close();
  assert.equal(new TextDecoder().decode((await child.output()).stdout), "end\n");
});

Deno.test("machines are named as ssh takes them, and never as an option of it", () => {
  assert.equal(nameOf(machineAt("ada@web1:2222")), "ada@web1:2222");
  assert.equal(nameOf(machineAt("ada@[fd00::1]")), "ada@[fd00::1]");
  for (const text of ["", "-oProxyCommand=x", "ada@-x", "a b", "web1;reboot", "web1:0", "a@b@c"]) {
    assert.throws(() => machineAt(text), UsageError, text);
  }
});

Deno.test("after an interruption nothing is run on a machine any more", { ignore }, async () => {
  const folder = await Deno.makeTempDir();
  try {
    // An ssh that runs leaves a mark instead of a connection.
    const config = `${folder}/config`;
    await Deno.writeTextFile(config, `ProxyCommand touch ${folder}/mark\n`);
    const machine = machineAt("ada@web1", { config });
    const run = (signal?: AbortSignal) => runThere(machine, { script: "true", signal });
    const files = () => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    await assert.rejects(run(AbortSignal.abort()), /^InterruptedError: Interrupted: what was done/);
    assert.deepEqual(files(), ["config"]);
    await assert.rejects(run(), /^ClusterError: ada@web1: ssh said: /);
    assert.deepEqual(files(), ["config", "mark"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test(
  "no configuration makes ssh take host keys that it should refuse",
  { ignore },
  async () => {
    const config = await Deno.makeTempFile();
    try {
      await Deno.writeTextFile(config, "StrictHostKeyChecking no\n");
      for (
        const [acceptNew, expected] of [[false, /^(true|yes)$/], [true, /^accept-new$/]] as const
      ) {
        // What the system's own ssh makes of all it is told.
        const args = ["-G", ...sshWords(machineAt("ada@web1", { config, acceptNew }))];
        const { stdout } = await new Deno.Command("ssh", { args }).output();
        const said = /^stricthostkeychecking (.*)$/m.exec(new TextDecoder().decode(stdout))?.[1];
        assert.match(said ?? "", expected);
      }
    } finally {
      await Deno.remove(config);
    }
  },
);

Deno.test("what ssh says becomes what to do", () => {
  assert.match(
    refusal(
      "@@@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @@@\nHost key verification failed.",
    ),
    /not the one that ssh knows/,
  );
  assert.match(
    refusal("Host key verification failed."),
    /does not know its host key.*--accept-new/,
  );
  assert.match(
    refusal("ada@h: Permission denied (publickey)."),
    /none of the keys.*\(ada@h: Permi/,
  );
  assert.equal(
    refusal("ssh: connect to host h port 22: No route"),
    "ssh said: ssh: connect to host h port 22: No route",
  );
  assert.equal(refusal(""), "ssh said: no reason given");
});

Deno.test("what a machine answers is read among what its login prints", () => {
  const machine = machineAt("ada@web1");
  const answer = (...lines: string[]) => ["Welcome!", "metis host=web1", ...lines, ""].join("\n");
  const facts = readFacts(
    machine,
    answer(
      "metis root=sudo",
      "metis address=10.0.0.1",
      "metis engine=installed",
      "metis engine=answers",
    ),
  );
  assert.deepEqual(
    { ...facts, machine: facts.machine.sudo },
    {
      name: "ada@web1",
      machine: true,
      host: "web1",
      address: "10.0.0.1",
      engine: "answers",
      isOpen: false,
    },
  );
  const root = "metis root=user";
  const address = "metis address=fd00::1";
  assert.equal(readFacts(machine, answer(root, address, "metis packages=apt")).engine, "none");
  for (
    const [lines, reason] of [
      [[address, "metis packages=apt"], /an engine needs root/],
      [[root, "metis address=", "metis packages=apt"], /no address there: --interface/],
      [[root, "metis address=1 2", "metis packages=apt"], /no address there/],
      [[root, address], /no engine, and no apt-get/],
    ] as const
  ) assert.throws(() => readFacts(machine, answer(...lines)), reason);
  assert.throws(() => readFacts(machine, "This account is not available\n"), /no shell that runs/);
});
