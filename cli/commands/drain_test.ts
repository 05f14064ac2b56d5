/**
 * Replanning what runs on a Swarm, against a scripted manager behind a real socket.
 * @module
 */
import assert from "node:assert/strict";
import { FakeSwarm, serveSwarm } from "../../swarm/testing/_fake_engine.ts";
import { runCli } from "../run.ts";
import { EngineError } from "../../swarm/errors.ts";
import { command as drainCommand } from "./drain.ts";
import { STACK_FILES } from "./_stack_files.ts";
import { memoryContext, type MemoryWorld } from "../_testing.ts";

const STACK = "--services services.json --monitor 0";
/** Who moves what runs needs no file of it. */
const AS_IT_RUNS = "--monitor 0";

async function withSwarm(
  work: (
    metis: (line: string, world?: MemoryWorld) => Promise<{
      code: number;
      output: string;
      talk: string;
      files: ReadonlyMap<string, unknown>;
    }>,
    swarm: FakeSwarm,
  ) => Promise<void>,
): Promise<void> {
  const swarm = new FakeSwarm(["n1", "n2", "n3"]);
  for (const node of swarm.nodes) node.labels["io.metis.slots"] = "4";
  const server = await serveSwarm(swarm);
  try {
    await work(async (line, world = {}) => {
      const context = memoryContext({
        ...world,
        args: line.split(" "),
        files: { ...STACK_FILES, ...world.files },
        env: { DOCKER_HOST: `unix://${server.path}` },
      });
      const code = await runCli(context);
      return { code, output: context.output(), talk: context.talk(), files: context.files };
    }, swarm);
  } finally {
    await server.close();
  }
}

const running = (swarm: FakeSwarm) =>
  [...swarm.services.values()].map(({ Spec }) => `${Spec.Name} x${Spec.Mode.Replicated.Replicas}`)
    .sort();

Deno.test("drain moves what a node runs, as few containers as that takes, and drains it", async () => {
  await withSwarm(async (metis, swarm) => {
    assert.equal((await metis(`deploy plan.json --nodes n1,n2,n3 ${STACK}`)).code, 0);
    const before = running(swarm);
    const dry = await metis(`drain n1 --table table.csv ${AS_IT_RUNS} --dry-run`);
    assert.equal(dry.code, 0, dry.talk);
    assert.match(dry.output, /From the stack metis: 3 containers start \(3 moves\), 3 stop/);
    assert.match(dry.output, /stage 1\n.*stage 2\n/s);
    assert.match(dry.output, /then n1 is drained/);
    assert.deepEqual(running(swarm), before);
    assert.equal(swarm.nodes[0]!.availability, "active");

    const real = await metis(`drain n1 --table table.csv ${AS_IT_RUNS} --json`);
    assert.equal(real.code, 0, real.talk);
    const { moves, drained, placement, nodes, stack } = JSON.parse(real.output);
    assert.deepEqual([moves, drained, stack], [3, true, "metis"]);
    assert.equal(swarm.nodes[0]!.availability, "drain");
    assert.ok(running(swarm).every((line) => !line.includes("-n1 ")), `${running(swarm)}`);
    assert.deepEqual(placement[nodes.indexOf("n1")], [0, 0]);

    const again = await metis(`drain n1 --table table.csv ${AS_IT_RUNS} --json`);
    assert.equal(JSON.parse(again.output).started, 0);
  });
});

Deno.test("a drain that is killed on its way is taken up by the next: what has started already is no demand", async () => {
  await withSwarm(async (metis, swarm) => {
    assert.equal((await metis(`deploy plan.json --nodes n1,n2,n3 ${STACK}`)).code, 0);
    const line = ["n1", "--table", "table.csv", ...STACK.split(" "), "--parallelism", "1"];
    let started = false;
    swarm.afterCall = (call) => started ||= call.startsWith("POST /services/");
    const killed = drainCommand(memoryContext({ args: [], files: STACK_FILES }), () => {
      const engine = swarm.client();
      const dead = () => Promise.reject(new EngineError(400, "any call", "killed"));
      // As after a kill: from then on no call is made, neither to go back nor to give the lock back.
      return Promise.resolve(
        new Proxy(engine, {
          get: (own, name) => started && name !== "close" ? dead : Reflect.get(own, name),
        }),
      );
    });
    await assert.rejects(killed.parseAsync(line, { from: "user" }), /killed/);
    assert.deepEqual([...swarm.configs.keys()].sort(), ["metis-goal-metis", "metis-lock-metis"]);
    swarm.configs.delete("metis-lock-metis");
    const total = () => running(swarm).reduce((sum, text) => sum + Number(text.split(" x")[1]), 0);
    assert.equal(total(), 7);
    const again = await metis(`drain n1 --table table.csv ${AS_IT_RUNS}`);
    assert.equal(again.code, 0, again.talk);
    assert.equal(total(), 6);
    assert.ok(running(swarm).every((text) => !text.includes("-n1 ")));
    assert.deepEqual([...swarm.configs.keys()], []);
  });
});

Deno.test("drain refuses where the others have no room, or another stack would have no place", async () => {
  await withSwarm(async (metis, swarm) => {
    await metis(`deploy plan.json --nodes n1,n2,n3 ${STACK}`);
    const before = running(swarm);
    swarm.nodes[2]!.labels["io.metis.slots"] = "1";
    const full = await metis(`drain n1 --table table.csv ${STACK}`);
    assert.equal(full.code, 1);
    assert.match(full.talk, /does not fit/);
    swarm.nodes[2]!.labels["io.metis.slots"] = "4";
    await metis(`deploy plan.json --nodes n1,n2,n3 ${STACK} --stack other`);
    const other = await metis(`drain n1 --table table.csv ${STACK}`);
    assert.equal(other.code, 1);
    assert.match(other.talk, /Services of other are pinned to n1.*--keep-active/);
    assert.equal((await metis(`drain n9 --table table.csv ${STACK}`)).code, 1);
    assert.equal((await metis(`drain n1 --table table.csv ${STACK} --stack none`)).code, 1);
    await metis("undeploy --stack other");
    assert.deepEqual(running(swarm), before);
    assert.equal(swarm.nodes[0]!.availability, "active");
    // What is made again is what runs: where that cannot be told, nothing is.
    const web = [...swarm.services.values()].find(({ Spec }) => Spec.Name === "metis_web-n1")!;
    const { Env } = web.Spec.TaskTemplate.ContainerSpec as { Env?: string[] };
    Object.assign(web.Spec.TaskTemplate.ContainerSpec, { Env: ["BY=hand"] });
    const changed = await metis(`drain n1 --table table.csv ${AS_IT_RUNS}`);
    assert.equal(changed.code, 1);
    assert.match(changed.talk, /metis_web-n1 was changed by hand.*--services/);
    Object.assign(web.Spec.TaskTemplate.ContainerSpec, { Env });
    // A surface that does not know what runs must not make it stop.
    const files = { "half.csv": "web,rps:web\n1,1\n2,0.7\n3,0.6\n4,0.5\n" };
    const half = await metis(`drain n1 --table half.csv ${STACK}`, { files });
    assert.equal(half.code, 1);
    assert.match(half.talk, /has no app db/);
    assert.deepEqual(running(swarm), before);
  });
});

Deno.test("replan --stack starts from what runs, and its plan is deployed by the names of its nodes", async () => {
  await withSwarm(async (metis, swarm) => {
    await metis(`deploy plan.json --nodes n1,n2,n3 ${STACK}`);
    const none = await metis("replan --stack metis --table table.csv --max-moves 0 --json");
    assert.equal(none.code, 0, none.talk);
    const still = JSON.parse(none.output);
    assert.deepEqual([still.moves, still.started, still.steps], [0, 0, []]);
    const line = "replan --stack metis --table table.csv --max-moves 1 --out next.json --json";
    const best = await metis(line);
    const report = JSON.parse(best.output);
    assert.equal(report.moves, 1);
    assert.ok(report.mean > report.meanBefore);
    const files = { "next.json": best.files.get("next.json") as string };
    const deployed = await metis(`deploy next.json ${STACK} --json`, { files });
    assert.equal(deployed.code, 0, deployed.talk);
    const again = await metis(line);
    const then = JSON.parse(again.output);
    assert.equal(then.meanBefore, report.mean);
    assert.equal(then.from, "the stack metis");

    // A problem file may know more nodes than the Swarm has.
    const more = {
      "problem.json": JSON.stringify({
        apps: { web: { containers: 3 }, db: { containers: 3 } },
        nodes: [{ count: 4, names: ["n1", "n2", "n3", "n4"], slots: 4 }],
      }),
    };
    const known = await metis(
      "replan --stack metis --table table.csv --problem problem.json --json",
      { files: more },
    );
    const bare = { "problem.json": more["problem.json"].replace(/"names":[^\]]*\],/, "") };
    for (const line of ["replan", `drain n1 ${STACK}`]) {
      const unnamed = await metis(
        `${line} --stack metis --table table.csv --problem problem.json`,
        { files: bare },
      );
      assert.equal(unnamed.code, 1);
      assert.match(unnamed.talk, /problem.json: its nodes have no names/);
    }
    const onFile = JSON.parse(known.output);
    assert.deepEqual(onFile.placement[onFile.nodes.indexOf("n4")], [0, 0]);

    // A node that goes away takes its containers with it: those have to start elsewhere.
    swarm.nodes[0]!.state = "down";
    const lost = JSON.parse(
      (await metis("replan --stack metis --table table.csv --max-moves 0 --json")).output,
    );
    assert.ok(lost.forced > 0);
    assert.deepEqual([lost.moves, lost.started, lost.nodes], [0, lost.forced, ["n2", "n3"]]);
  });
});

Deno.test("replan says what is missing: a plan or a stack, and how much a node takes", async () => {
  await withSwarm(async (metis, swarm) => {
    const neither = await metis("replan --table table.csv");
    assert.deepEqual([neither.code, /--from PLAN, or --stack NAME/.test(neither.talk)], [2, true]);
    assert.equal((await metis("replan --table table.csv --stack a --from plan.json")).code, 2);
    await metis(`deploy plan.json --nodes n1,n2,n3 ${STACK}`);
    for (const node of swarm.nodes) delete node.labels["io.metis.slots"];
    const unsized = await metis("replan --stack metis --table table.csv");
    assert.equal(unsized.code, 1);
    assert.match(unsized.talk, /n1, n2, n3 do not say how many containers they take.*--slots/);
    const sized = await metis("replan --stack metis --table table.csv --slots 4 --json");
    assert.equal(sized.code, 0, sized.talk);
  });
});

Deno.test("drain undoes nothing that others did meanwhile, and leaves a node active that they use again", async () => {
  await withSwarm(async (metis, swarm) => {
    await metis(`deploy plan.json --nodes n1,n2,n3 ${STACK}`);
    const service = [...swarm.services.values()].find(({ Spec }) => Spec.Name.includes("-n2"))!;
    // Before the lock: what was replanned for is no longer so.
    swarm.afterCall = (call) => {
      if (call === "POST /configs/create") service.Spec.Mode.Replicated.Replicas = 3;
    };
    const early = await metis(`drain n1 --table table.csv ${STACK}`);
    assert.equal(early.code, 1);
    assert.match(early.talk, /Others changed the stack meanwhile/);
    assert.equal(swarm.nodes[0]!.availability, "active");
    // After the move, before the node is drained.
    let isMoved = false;
    swarm.afterCall = (call) => {
      if (call === "DELETE /services/{id}") isMoved = true;
      if (call !== "DELETE /configs/{id}" || !isMoved) return;
      if ([...swarm.services.values()].some(({ Spec }) => Spec.Name === "metis_web-n1")) return;
      const labels = { ...service.Spec.Labels, "io.metis.node": "n1" };
      const Spec = { ...service.Spec, Name: "metis_web-n1", Labels: labels };
      swarm.services.set("late", { ID: "late", Version: { Index: 1 }, Spec });
    };
    const late = await metis(`drain n1 --table table.csv ${STACK}`);
    assert.equal(late.code, 1);
    assert.match(late.talk, /Others started containers of metis on n1 meanwhile/);
    assert.equal(swarm.nodes[0]!.availability, "active");
  });
});
