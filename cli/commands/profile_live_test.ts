import assert from "node:assert/strict";
import { InputError, UsageError } from "../../domain/mod.ts";
import { createJournal } from "../../swarm/measure/journal.ts";
import type { Header } from "../../swarm/measure/records.ts";
import { FakeSwarm } from "../../swarm/testing/_fake_engine.ts";
import { memoryContext } from "../_testing.ts";
import { runCli } from "../run.ts";
import { command as profileCommand } from "./profile.ts";
import { command as verifyCommand } from "./verify.ts";

const SERVICES = JSON.stringify({
  services: {
    a: { image: "a:1" },
    b: { image: "b:1" },
    help: { image: "h:1", "x-metis": { support: true } },
  },
});

const HEADER: Header = {
  kind: "header",
  format: "metis-profile-journal",
  version: 1,
  at: "2026-01-01T00:00:00.000Z",
  apps: ["a", "b"],
  capacity: 8,
  load: { users: 4, wait: [0, 1], warmUp: 10, duration: 30, repeats: 2, timeLimit: 30 },
  services: "other",
  versions: {},
};

Deno.test("metis profile refuses what it cannot do, in a line each", async () => {
  const refused = async (line: string, reason: RegExp) => {
    const context = memoryContext({ args: line.split(" ") });
    assert.equal(await runCli(context), 2, line);
    assert.match(context.talk(), reason);
  };
  await refused("profile --series 1-2 --out p.csv", /--nodes NAMES of a Swarm, or --oracle TABLE/);
  await refused(
    "profile --nodes n1 --out p.csv",
    /--active, --series LIST, --random COUNT and --all/,
  );
  await refused("profile --nodes n1 --all --random 3 --out p.csv", /one of --active/);
  await refused("profile --nodes n1 --all --oracle t.csv --out p.csv", /no node measures/);
  await refused("profile --nodes n1 --all --out p.csv --wait x", /--wait/);
});

Deno.test("metis profile goes on with a journal only where it was begun for the same", async () => {
  const swarm = new FakeSwarm();
  const folder = await Deno.makeTempDir();
  try {
    createJournal(`${folder}/p.csv.journal`, HEADER).close();
    const profile = async (...args: string[]) => {
      const context = memoryContext({ files: { "services.json": SERVICES } });
      const command = profileCommand(context, () => Promise.resolve(swarm.client()));
      const line = ["--nodes", "n1", "--series", "1-2", "--services", "services.json"];
      await command.parseAsync([...line, "--out", `${folder}/p.csv`, ...args], { from: "user" });
    };
    const refused = (args: string[], kind: typeof UsageError | typeof InputError, reason: RegExp) =>
      assert.rejects(
        profile(...args),
        (error) => error instanceof kind && reason.test(error.message),
        `${args}`,
      );
    await refused([], InputError, /p\.csv\.journal holds earlier measurements.*--resume/);
    await refused(
      ["--resume"],
      UsageError,
      /other services, --cpus or --memory; measure into another/,
    );
    await refused(["--resume", "--capacity", "4"], UsageError, /other capacity: 8, now 4/);
    await refused(
      ["--resume", "--users", "5"],
      UsageError,
      /other load: .*"users":4.*now .*"users":5/,
    );
    await refused(["--resume", "--apps", "b,a"], UsageError, /other apps/);
    await refused(["--resume", "--apps", "b,c"], InputError, /services\.json: no service for c/);
    await refused(["--resume", "--nodes", "n7"], InputError, /address of n7/);
    // Nothing of all that touched the Swarm.
    assert.deepEqual(swarm.calls.filter((call) => !call.startsWith("GET")), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("metis verify goes on with a journal only where it was begun for the same", async () => {
  const folder = await Deno.makeTempDir();
  const journal = `${folder}/verify.jsonl`;
  try {
    const refused = async (reason: RegExp, counts: number[], ...args: string[]) => {
      const context = memoryContext({
        files: {
          "services.json": SERVICES,
          "p.json": JSON.stringify({ apps: ["a", "b"], placement: [counts] }),
          "solo.jsonl": JSON.stringify(HEADER) + "\n",
        },
      });
      const swarm = new FakeSwarm();
      const command = verifyCommand(context, () => Promise.resolve(swarm.client()));
      const line = ["p.json", "--services", "services.json", "--solo", "solo.jsonl", ...args];
      await assert.rejects(command.parseAsync(line, { from: "user" }), reason);
      return context.talk();
    };
    await refused(/--journal FILE/, [1, 1], "--resume");
    // The scripted engine runs no container that could be loaded.
    const talk = await refused(/publishes no port/, [1, 1], "--journal", journal, "--rounds", "2");
    // 5 s to start, 10 s of warm-up, 3 measurements of 60 s, twice.
    assert.match(talk, /about 7 min for 2 deployments: less by a shorter --duration/);
    const kept = await Deno.readTextFile(journal);
    await refused(
      /holds earlier measurements: continue them with --resume/,
      [1, 1],
      "--journal",
      journal,
    );
    const resume = ["--resume", "--journal", journal];
    await refused(/begun with other plans; name another --journal/, [2, 1], ...resume);
    await refused(/begun with other load/, [1, 1], ...resume, "--users", "5");
    await refused(/begun with other services, --cpus/, [1, 1], ...resume, "--cpus", "1");
    await refused(/publishes no port/, [1, 1], ...resume);
    assert.equal(await Deno.readTextFile(journal), kept);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("metis verify leaves a stack alone that runs already, and refuses journals without measurements", async () => {
  const swarm = new FakeSwarm();
  const plan = JSON.stringify({ apps: ["a", "b"], placement: [[1, 1]] });
  const verify = (files: Record<string, string>, ...args: string[]) => {
    const context = memoryContext({
      files: { "services.json": SERVICES, "p.json": plan, ...files },
    });
    return verifyCommand(context, () => Promise.resolve(swarm.client()))
      .parseAsync(["p.json", "--services", "services.json", ...args], { from: "user" });
  };
  await assert.rejects(verify({ "j": '{"kind":"hea' }, "--solo", "j"), /holds no measurement/);
  await assert.rejects(verify({ "j": "x\n" }, "--solo", "j"), /j: line 1: not JSON/);
  await swarm.client().createService({
    Name: "metis-verify_a-n1",
    Labels: {
      "com.docker.stack.namespace": "metis-verify",
      "io.metis.app": "a",
      "io.metis.node": "n1",
    },
    TaskTemplate: { ContainerSpec: { Image: "a:1" } },
    Mode: { Replicated: { Replicas: 1 } },
  });
  await assert.rejects(
    verify({}),
    /metis-verify is already running: `metis undeploy --stack metis-verify`/,
  );
  assert.equal(swarm.services.size, 1);
});
