import assert from "node:assert/strict";
import { InterruptedError, MetisError } from "../../domain/errors.ts";
import { runs } from "../../tools/_full.ts";
import { carryOut, deployed, nothing, silent, target, whatRuns } from "../testing/_deployments.ts";
import type { FakeService, FakeSwarm } from "../testing/_fake_engine.ts";
import { planDeployment } from "./deploy.ts";
import { stackStatus } from "./status.ts";

const OLD = [[2, 1, 0], [1, 0, 3], [0, 2, 1]];
const NEW = [[1, 1, 0], [0, 2, 4], [2, 0, 1]];
const LOCK_CALLS = ["POST /configs/create", "DELETE /configs/{id}"];

/** The error that something ended with. */
async function failure(work: Promise<unknown>): Promise<MetisError> {
  const error = await work.then(() => null, (reason) => reason);
  assert.ok(error instanceof MetisError, `expected an error of ours, got ${error}`);
  return error;
}

Deno.test("deploy creates what is missing, and a second run changes nothing", async () => {
  const { swarm, clock } = await deployed([]);
  const plan = target(swarm.client(), OLD);
  const report = await carryOut(swarm.client(), plan, clock);
  assert.equal(report.containers, 10);
  assert.deepEqual(whatRuns(swarm), [
    "metis_isr-n1 isr:1 x1 metis",
    "metis_isr-n3 isr:1 x2 metis",
    "metis_mms-n2 mms:1 x3 metis",
    "metis_mms-n3 mms:1 x1 metis",
    "metis_redis-n1 redis:1 x2 metis",
    "metis_redis-n2 redis:1 x1 metis",
  ]);
  const versions = [...swarm.services.values()].map(({ Version }) => Version.Index);
  swarm.calls.length = 0;
  const again = await carryOut(swarm.client(), plan, clock);
  assert.ok(again.changes.every(({ kind }) => kind === "keep"));
  assert.deepEqual([...swarm.services.values()].map(({ Version }) => Version.Index), versions);
  const writes = swarm.calls.filter((call) => !call.startsWith("GET"));
  assert.deepEqual(writes.sort(), [...LOCK_CALLS].sort());
});

Deno.test("planDeployment only reads", async () => {
  const { swarm } = await deployed(OLD);
  const plan = target(swarm.client(), NEW, "2");
  const { changes } = await planDeployment(swarm.client(), plan, { parallelism: 4 });
  assert.ok(changes.length > 6);
  assert.deepEqual(swarm.calls.filter((call) => !call.startsWith("GET")), []);
});

Deno.test("undeploy removes what is ours and nothing else", async () => {
  const { swarm, clock } = await deployed(OLD);
  await swarm.client().createService({
    Name: "bystander",
    Labels: {},
    TaskTemplate: { ContainerSpec: { Image: "nginx" } },
    Mode: { Replicated: { Replicas: 1 } },
  });
  await carryOut(swarm.client(), nothing(), clock);
  assert.deepEqual([...swarm.services.values()].map(({ Spec }) => Spec.Name), ["bystander"]);
});

Deno.test("a stack with services that Metis did not make is not touched", async () => {
  const { swarm, clock } = await deployed([]);
  await swarm.client().createService({
    Name: "metis_web",
    Labels: { "com.docker.stack.namespace": "metis" },
    TaskTemplate: { ContainerSpec: { Image: "nginx" } },
    Mode: { Replicated: { Replicas: 1 } },
  });
  const error = await failure(carryOut(swarm.client(), target(swarm.client(), OLD), clock));
  assert.match(error.message, /has services that Metis did not make \(metis_web\): choose another/);
  assert.equal(swarm.services.size, 1);
});

Deno.test("a service of others that has a name which is needed is named before anything changes", async () => {
  const { swarm, clock } = await deployed([]);
  await swarm.client().createService({
    Name: "metis_isr-n1",
    Labels: {},
    TaskTemplate: { ContainerSpec: { Image: "nginx" } },
    Mode: { Replicated: { Replicas: 1 } },
  });
  const plan = target(swarm.client(), OLD);
  const error = await failure(planDeployment(swarm.client(), plan, { parallelism: 4 }));
  assert.match(error.message, /^Services of others have the names .*\(metis_isr-n1\): remove them/);
  assert.equal(
    (await failure(carryOut(swarm.client(), plan, clock))).message,
    error.message,
  );
  assert.equal(swarm.services.size, 1);
});

Deno.test("what somebody changed by hand is put right", async () => {
  const { swarm, clock } = await deployed(OLD);
  const before = whatRuns(swarm);
  const [first, second] = [...swarm.services.values()];
  first!.Spec = structuredClone(first!.Spec);
  first!.Spec.TaskTemplate.ContainerSpec.Image = "evil:1";
  second!.Spec = { ...second!.Spec, Mode: { Replicated: { Replicas: 9 } } };
  const { changes } = await carryOut(swarm.client(), target(swarm.client(), OLD), clock);
  assert.deepEqual(changes.map(({ kind }) => kind).filter((kind) => kind !== "keep").sort(), [
    "scale",
    "update",
  ]);
  assert.deepEqual(whatRuns(swarm), before);
});

Deno.test("scaling sends back everything else as it was, so that no container restarts", async () => {
  const { swarm, clock } = await deployed([[2, 0, 0]]);
  const [service] = [...swarm.services.values()];
  // As after `docker service update --force`, and with what an engine adds by itself.
  service!.Spec = structuredClone(service!.Spec);
  Object.assign(service!.Spec.TaskTemplate, { ForceUpdate: 3, Runtime: "container" });
  const before = structuredClone(service!.Spec);
  await carryOut(swarm.client(), target(swarm.client(), [[5, 0, 0]]), clock);
  assert.deepEqual(service!.Spec, { ...before, Mode: { Replicated: { Replicas: 5 } } });
});

/** Tasks of a service fail; `of` says which service. */
function failing(swarm: FakeSwarm, of: (service: FakeService) => boolean, error: string) {
  swarm.taskState = (service) => of(service) ? { State: "rejected", Err: error } : null;
}

const isNew = ({ Spec }: FakeService) => Spec.TaskTemplate.ContainerSpec.Image.endsWith(":2");

Deno.test("a missing image ends the wait at once, and everything is taken back", async () => {
  const { swarm, clock } = await deployed(OLD);
  const before = whatRuns(swarm);
  failing(swarm, (one) => isNew(one) && one.Spec.Name === "metis_isr-n2", "No such image: isr:2");
  const reporter = silent();
  const work = carryOut(swarm.client(), target(swarm.client(), NEW, "2"), clock, {}, reporter);
  const error = await failure(work);
  assert.equal(error.exitCode, 3);
  assert.match(error.message, /metis_isr-n2 on n2: No such image: isr:2; rolled back \d+ changes/);
  assert.deepEqual(whatRuns(swarm), before);
  assert.match(reporter.told.join("\n"), /rollback: undoing/);
  assert.ok(clock.now() < 5000, `it took ${clock.now()} ms`);
});

Deno.test("with --no-rollback, what was done is kept and the way on is named", async () => {
  const { swarm, clock } = await deployed(OLD);
  failing(swarm, isNew, "No such image: isr:2");
  const plan = target(swarm.client(), NEW, "2");
  const error = await failure(carryOut(swarm.client(), plan, clock, { rollback: false }));
  assert.equal(error.exitCode, 5);
  assert.match(error.message, /3 of 10 changes were made and are kept \(--no-rollback\)/);
  const first = await deployed([]);
  first.swarm.taskState = () => ({ State: "rejected", Err: "No such image: isr:2" });
  const whole = target(first.swarm.client(), NEW, "2");
  const all = await failure(
    carryOut(first.swarm.client(), whole, first.clock, { rollback: false }),
  );
  assert.equal(all.exitCode, 1);
  assert.match(all.message, /6 of 6 changes were made and are kept \(--no-rollback\)/);
  swarm.taskState = () => null;
  swarm.script = [{ call: "POST /services/{id}/update", from: 2, fault: "refused" }];
  const partly = target(swarm.client(), OLD, "3");
  const second = await failure(carryOut(swarm.client(), partly, clock, { rollback: false }));
  assert.equal(second.exitCode, 5);
  assert.match(
    second.message,
    /of \d+ changes were made and are kept.*metis undeploy --stack metis/,
  );
});

Deno.test("a rollback that fails as well is told with both reasons and what to do by hand", async () => {
  const { swarm, clock } = await deployed([]);
  failing(swarm, () => true, "No such image: isr:1");
  swarm.script = [{ call: "DELETE /services/{id}", times: 99, fault: "refused" }];
  const error = await failure(carryOut(swarm.client(), target(swarm.client(), OLD), clock));
  assert.equal(error.exitCode, 5);
  assert.match(
    error.message,
    /No such image.*rollback failed as well: .*DELETE.*docker stack rm metis/,
  );
});

Deno.test("a task that can never be placed ends the wait with Swarm's own reason", async () => {
  const reasons = [
    "no suitable node (insufficient resources on 1 node)",
    "no suitable node (scheduling constraints not satisfied on 3 nodes)",
    "no suitable node (max replicas per node limit exceed; unsupported platform on 1 node)",
    "no suitable node (host-mode port already in use on 1 node)",
  ];
  for (const reason of reasons) {
    const { swarm, clock } = await deployed([]);
    swarm.taskState = () => ({ State: "pending", Err: reason });
    const began = clock.now();
    const error = await failure(carryOut(swarm.client(), target(swarm.client(), OLD), clock));
    assert.equal(error.exitCode, 3);
    assert.ok(error.message.includes(reason), error.message);
    assert.ok(clock.now() - began < 10_000);
    assert.deepEqual(whatRuns(swarm), []);
  }
});

Deno.test("a task that waits for what another one still holds is waited for", async () => {
  const { swarm, clock } = await deployed(OLD);
  const began = clock.now();
  // Node 2 takes 15 seconds to stop its old container; until then the port is taken.
  const isStopping = () => clock.now() - began < 15_000;
  swarm.moreTasks = () => [{
    ID: "old",
    ServiceID: "gone",
    NodeID: "id-n2",
    DesiredState: "shutdown",
    Status: { State: isStopping() ? "running" : "shutdown" },
    labels: { "com.docker.stack.namespace": "metis" },
  }];
  swarm.taskState = (service) =>
    isStopping() && service.Spec.Name === "metis_isr-n2"
      ? { State: "pending", Err: "no suitable node (host-mode port already in use on 1 node)" }
      : null;
  await carryOut(swarm.client(), target(swarm.client(), NEW), clock);
  assert.ok(clock.now() - began >= 15_000);
});

Deno.test("containers that crash are given up after three tries, one-shots after one", async () => {
  for (const [condition, tries] of [["any", 3], ["none", 1]] as const) {
    const { swarm, clock } = await deployed([]);
    const policy = { deploy: { restart_policy: { condition } } };
    const plan = target(swarm.client(), [[1, 0, 0]], "1", { redis: policy });
    let failed = 0;
    swarm.taskState = (service) => {
      swarm.moreTasks = () =>
        Array.from({ length: failed }, (_, at) => ({
          ID: `failed-${at}`,
          ServiceID: service.ID,
          NodeID: "id-n1",
          Slot: 1,
          DesiredState: "shutdown",
          Spec: service.Spec.TaskTemplate,
          Status: { State: "failed", Err: "task: non-zero exit (1)" },
        }));
      failed++;
      return { State: "starting" };
    };
    const error = await failure(carryOut(swarm.client(), plan, clock));
    assert.equal(error.exitCode, 3);
    assert.match(error.message, /metis_redis-n1 on n1: task: non-zero exit \(1\)/);
    assert.ok(tries === 1 || error.message.includes("(3 times)"), error.message);
  }
});

Deno.test("completed one-shots and services of 0 replicas count as converged", async () => {
  const { swarm, clock } = await deployed([]);
  const once = { redis: { deploy: { restart_policy: { condition: "none" } } } };
  swarm.taskState = () => ({ State: "complete" });
  const report = await carryOut(
    swarm.client(),
    target(swarm.client(), [[2, 0, 0]], "1", once),
    clock,
  );
  assert.equal(report.containers, 2);
  // A service that somebody scaled to 0 is what a failed deployment must come back to.
  swarm.taskState = () => null;
  const [service] = [...swarm.services.values()];
  service!.Spec = { ...service!.Spec, Mode: { Replicated: { Replicas: 0 } } };
  failing(swarm, isNew, "No such image");
  const plan = target(swarm.client(), [[1, 0, 0]], "2", once);
  const error = await failure(carryOut(swarm.client(), plan, clock));
  assert.equal(error.exitCode, 3);
  assert.doesNotMatch(error.message, /still converging/);
  assert.deepEqual(whatRuns(swarm), ["metis_redis-n1 redis:1 x0 metis"]);
});

Deno.test("a wait that takes too long ends with exit code 4 and says how far it is", async () => {
  const { swarm, clock } = await deployed([]);
  swarm.taskState = ({ Spec }) => Spec.Name === "metis_isr-n1" ? { State: "preparing" } : null;
  const plan = target(swarm.client(), OLD);
  const error = await failure(carryOut(swarm.client(), plan, clock, { timeout: 30 }));
  assert.equal(error.exitCode, 4);
  assert.match(
    error.message,
    /Timed out after 30 s: .*9 out of 10 tasks, waiting for metis_isr-n1/,
  );
  // Timing out takes nothing back: it may still converge, and the same command waits on.
  assert.equal(whatRuns(swarm).length, 6);
  swarm.taskState = () => null;
  const { changes } = await carryOut(swarm.client(), plan, clock);
  assert.ok(changes.every(({ kind }) => kind === "keep"));
});

Deno.test("tasks that do not stay up do not count as converged", async () => {
  const { swarm, clock } = await deployed([]);
  // Up for a second, then starting again for a second, until a minute has passed.
  swarm.taskState = () =>
    clock.now() < 60_000 && Math.floor(clock.now() / 1000) % 2 === 1 ? { State: "starting" } : null;
  const plan = target(swarm.client(), [[1, 0, 0]]);
  await carryOut(swarm.client(), plan, clock, { monitor: 5, timeout: 600 });
  assert.ok(clock.now() >= 64_000, `${clock.now()}`);
});

Deno.test("a node that dies or is drained while we wait is named, and what it carries is undone", async () => {
  for (
    const [field, value, word] of [
      ["state", "down", "down"],
      ["availability", "drain", "drained"],
    ] as const
  ) {
    const { swarm, clock } = await deployed(OLD);
    const before = whatRuns(swarm);
    let updates = 0;
    swarm.afterCall = (call) => {
      if (call.endsWith("update") && ++updates === 2) swarm.nodes[1]![field] = value;
    };
    const wanted = () => target(swarm.client(), OLD, "2");
    const error = await failure(carryOut(swarm.client(), wanted(), clock));
    assert.equal(error.exitCode, 5);
    assert.match(
      error.message,
      new RegExp(`node n2 is ${word}; what n2 was to carry is as before, all else is as planned`),
    );
    const isOnIt = (line: string) => line.includes("-n2 ");
    assert.deepEqual(whatRuns(swarm).filter(isOnIt), before.filter(isOnIt));
    const others = whatRuns(swarm).filter((line) => !isOnIt(line));
    assert.ok(others.length === 4 && others.every((line) => line.includes(":2 ")), `${others}`);
    Object.assign(swarm.nodes[1]!, { state: "ready", availability: "active" });
    await carryOut(swarm.client(), wanted(), clock);
    assert.ok(whatRuns(swarm).every((line) => line.includes(":2 ")));
  }
});

Deno.test("a node that misses heartbeats is waited for, and no longer than that", async () => {
  for (const [grace, isBack] of [[15, true], [5, false]] as const) {
    const { swarm, clock } = await deployed(OLD);
    let downAt = Infinity;
    swarm.afterCall = (call) => {
      if (call.endsWith("update") && downAt === Infinity) {
        downAt = clock.now();
        swarm.nodes[1]!.state = "down";
      }
      if (clock.now() - downAt > 10_000) swarm.nodes[1]!.state = "ready";
    };
    const wanted = target(swarm.client(), NEW, "2");
    const run = carryOut(swarm.client(), wanted, clock, { grace });
    if (isBack) assert.equal((await run).containers, 11);
    else {
      assert.match(
        (await failure(run)).message,
        /node n2 is down; what n2 was to carry is as before/,
      );
      assert.ok(downAt + 10_000 > clock.now(), "it was not waited for until it was back");
    }
  }
});

Deno.test("a node that has just come back gets its tasks within the grace, or is named", async () => {
  const why = "no suitable node (scheduling constraints not satisfied on 2 nodes; " +
    "1 node not available for new tasks)";
  for (const [grace, isWaitedFor] of [[15, true], [5, false]] as const) {
    const { swarm, clock } = await deployed(OLD);
    const began = clock.now();
    swarm.taskState = (service) =>
      isNew(service) && service.Spec.Name === "metis_isr-n2" && clock.now() - began < 10_000
        ? { State: "pending", Err: why }
        : null;
    const run = carryOut(swarm.client(), target(swarm.client(), NEW, "2"), clock, { grace });
    if (isWaitedFor) assert.equal((await run).containers, 11);
    else assert.match((await failure(run)).message, /isr-n2 on n2: no suitable node.*rolled back/);
  }
});

Deno.test("a new leader, which does not know yet how its nodes are, is waited for", async () => {
  const { swarm, clock } = await deployed(OLD);
  const began = clock.now();
  const isNewLeader = () => clock.now() - began < 10_000;
  swarm.afterCall = (call) => {
    if (!call.endsWith("update")) return;
    for (const node of swarm.nodes) node.state = "unknown";
  };
  swarm.taskState = (service) => {
    if (!isNewLeader()) { for (const node of swarm.nodes) node.state = "ready"; }
    return isNew(service) && isNewLeader() ? { State: "starting" } : { State: "running" };
  };
  await carryOut(swarm.client(), target(swarm.client(), NEW, "2"), clock);
  assert.ok(clock.now() - began >= 10_000);
});

Deno.test("an interruption at any call leaves the old state or the new one, and the next run converges", async () => {
  const clean = await deployed(OLD);
  const before = whatRuns(clean.swarm);
  const newer = target(clean.swarm.client(), NEW, "2");
  await carryOut(clean.swarm.client(), newer, clean.clock, { parallelism: 1 });
  const after = whatRuns(clean.swarm);
  const calls = clean.swarm.calls.length;
  const ends = new Set<string>();
  for (let at = 1; at <= calls; at += runs(4, 1)) {
    const { swarm, clock } = await deployed(OLD);
    const stop = new AbortController();
    swarm.afterCall = () => {
      if (swarm.calls.length === at) stop.abort();
    };
    const plan = target(swarm.client(), NEW, "2");
    const options = { signal: stop.signal, parallelism: 1 };
    const error = await carryOut(swarm.client(), plan, clock, options).then(() => null, (e) => e);
    const left = JSON.stringify(whatRuns(swarm));
    if (error !== null) assert.ok(error instanceof InterruptedError, `call ${at}: ${error}`);
    assert.ok(
      [before, after].some((state) => JSON.stringify(state) === left),
      `call ${at}: ${left}`,
    );
    ends.add(left);
    assert.equal(swarm.configs.size, 0, `call ${at}: a lock is left`);
    swarm.afterCall = () => {};
    await carryOut(swarm.client(), plan, clock);
    assert.deepEqual(whatRuns(swarm), after, `call ${at}`);
  }
  assert.equal(ends.size, 2, "interruptions must have been early and late");
});

Deno.test("a kill at any call leaves what the next run brings to its end, without a service twice", async () => {
  const clean = await deployed(OLD);
  const newer = target(clean.swarm.client(), NEW, "2");
  await carryOut(clean.swarm.client(), newer, clean.clock, { parallelism: 1 });
  const after = whatRuns(clean.swarm);
  for (let at = 0; at < clean.swarm.calls.length; at += runs(4, 1)) {
    const { swarm, clock } = await deployed(OLD);
    const plan = (engine = swarm.client()) => target(engine, NEW, "2");
    await carryOut(swarm.client(at), plan(), clock, { parallelism: 1 }).catch(() => {});
    await carryOut(swarm.client(), plan(), clock);
    assert.deepEqual(whatRuns(swarm), after, `killed after ${at} calls`);
    assert.equal(swarm.configs.size, 0);
  }
});

Deno.test("of operators who deploy at once one wins, the others are told who", async () => {
  for (const count of [2, 5, 8]) {
    const { swarm, clock } = await deployed([]);
    swarm.taskState = () => clock.now() < 20_000 ? { State: "preparing" } : null;
    const ends = await Promise.all(
      Array.from(
        { length: count },
        (_, at) =>
          carryOut(swarm.client(), target(swarm.client(), OLD, `${at}`), clock)
            .then(() => ({ code: 0, message: "", at }), (error) => ({
              code: error.exitCode as number,
              message: error.message as string,
              at,
            })),
      ),
    );
    const winners = ends.filter(({ code }) => code === 0);
    assert.equal(winners.length, 1, JSON.stringify(ends));
    for (const { code, message } of ends.filter((end) => end !== winners[0])) {
      assert.equal(code, 1);
      assert.match(message, /^operator \d+ is deploying the stack metis: wait/);
    }
    assert.ok(whatRuns(swarm).every((line) => line.includes(`:${winners[0]!.at} `)));
    assert.equal(whatRuns(swarm).length, 6);
  }
});

Deno.test("a service that others change at the same time is tried again, and named where they go on", async () => {
  const { swarm, clock } = await deployed([[1, 0, 0]]);
  const [service] = [...swarm.services.values()];
  let races = 3;
  swarm.afterCall = (call) => {
    // Somebody's tool touches it between our look and our update.
    if ((call === "GET /services" || call === "GET /services/{id}") && races-- > 0) {
      service!.Version = { Index: service!.Version.Index + 1000 };
    }
  };
  await carryOut(swarm.client(), target(swarm.client(), [[1, 0, 0]], "2"), clock);
  races = Infinity;
  const plan = target(swarm.client(), [[1, 0, 0]], "3");
  const error = await failure(carryOut(swarm.client(), plan, clock));
  assert.match(error.message, /Somebody else is changing the service metis_redis-n1/);
  assert.match(error.message, /nothing was changed$/);
  assert.equal(error.exitCode, 1);
});

Deno.test("stackStatus tells what is missing, extra, changed, failing and down", async () => {
  const { swarm } = await deployed(OLD);
  const states = async (rows = OLD, image = "1") => {
    const engine = swarm.client();
    const wanted = target(engine, rows, image, {}, { evenUnavailable: true });
    const { services, healthy } = await stackStatus(engine, "metis", wanted);
    return { healthy, states: services.map(({ service, state }) => `${service} ${state}`) };
  };
  assert.deepEqual(await states(), {
    healthy: true,
    states: [
      "metis_isr-n1 running",
      "metis_redis-n1 running",
      "metis_mms-n2 running",
      "metis_redis-n2 running",
      "metis_isr-n3 running",
      "metis_mms-n3 running",
    ],
  });
  assert.deepEqual((await states([[2, 0, 1], [2, 0, 3], [0, 2, 1]])).states, [
    "metis_isr-n1 extra",
    "metis_mms-n1 missing",
    "metis_redis-n1 running",
    "metis_mms-n2 running",
    "metis_redis-n2 changed",
    "metis_isr-n3 running",
    "metis_mms-n3 running",
  ]);
  swarm.nodes[2]!.state = "down";
  swarm.taskState = ({ Spec }) =>
    Spec.Name === "metis_mms-n2" ? { State: "rejected", Err: "No such image" } : null;
  const sick = await states();
  assert.equal(sick.healthy, false);
  assert.deepEqual(sick.states.slice(2), [
    "metis_mms-n2 failing",
    "metis_redis-n2 running",
    "metis_isr-n3 node down",
    "metis_mms-n3 node down",
  ]);
});

Deno.test("limits that are asked for hold for containers whose service says nothing", async () => {
  const { swarm, clock } = await deployed([]);
  const own = { isr: { deploy: { resources: { limits: { cpus: "0.25" } } } } };
  const request = { limits: { cpus: 0.5, memory: "64M" } };
  await carryOut(swarm.client(), target(swarm.client(), OLD, "1", own, request), clock);
  const limits = new Map(
    [...swarm.services.values()].map(({ Spec }) =>
      [Spec.Name, Spec.TaskTemplate.Resources.Limits] as const
    ),
  );
  assert.deepEqual(limits.get("metis_redis-n1"), { NanoCPUs: 5e8, MemoryBytes: 64 << 20 });
  assert.deepEqual(limits.get("metis_isr-n1"), { NanoCPUs: 2.5e8, MemoryBytes: 64 << 20 });
});
