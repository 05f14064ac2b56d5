/**
 * The kinds of faults that are tried on each kind of deployment, each at several moments.
 * @module
 */
import { takeLock } from "../deploy/lock.ts";
import { APPS } from "./_deployments.ts";
import type { FakeService, Fault } from "./_fake_engine.ts";
import type { Armed, Clean, FaultCase } from "./_fault_case.ts";
import type { DeploymentKind, World } from "./_fault_worlds.ts";

/** A fault at a moment, of a deployment that is known. */
type Moment = Pick<FaultCase, "moment" | "arm">;

/** A kind of fault. */
export interface FaultKind {
  readonly name: string;
  /** The test that has seen it on real engines: file and part of its name; null where none has. */
  readonly seen: readonly [file: string, test: string] | null;
  readonly moments: (clean: Clean) => readonly Moment[];
}

const LAB = "swarm/lab_test.ts";
const MANAGER = [LAB, "a manager that restarts in the middle"] as const;

/** What may go wrong with one call. */
const OF_CALLS: readonly (readonly [Fault, string, FaultKind["seen"]])[] = [
  ["refused", "a call is refused", null],
  ["cut-before", "connection cut before a call", MANAGER],
  ["cut-after", "connection cut after the effect of a call", null],
  ["no-leader", "no leader for a call", MANAGER],
  ["lost-leader-after", "leader lost after the effect of a call", null],
  ["garbage", "a call is answered with garbage", null],
  ["wrong-form", "a call is answered in another form", null],
  ["out-of-sequence", "a call comes out of sequence", null],
];

/** All of them. */
export const FAULT_KINDS: readonly FaultKind[] = [
  ...OF_CALLS.map(([fault, name, seen]): FaultKind => ({
    name,
    seen,
    moments: ({ calls }) => [...new Set(calls)].flatMap((call) => callFaults(call, calls, fault)),
  })),
  {
    name: "connection cut for 10 s",
    seen: MANAGER,
    moments: (clean) => spread(clean, 5).map((at) => allCalls(at, "cut-before", 10_000)),
  },
  {
    name: "the engine stays away",
    seen: null,
    moments: (clean) => spread(clean, 5).map((at) => allCalls(at, "cut-before", Infinity)),
  },
  {
    name: "quorum lost for 10 s",
    seen: null,
    moments: (clean) => spread(clean, 5).map((at) => allCalls(at, "no-leader", 10_000)),
  },
  {
    name: "quorum lost for good",
    seen: null,
    moments: (clean) => spread(clean, 5).map((at) => allCalls(at, "no-leader", Infinity)),
  },
  {
    name: "a new leader does not know the nodes for 10 s",
    seen: null,
    moments: (clean) => spread(clean, 4).map((at) => newLeader(at)),
  },
  {
    name: "Ctrl-C",
    seen: [LAB, "SIGINT leaves the old state or the new one"],
    moments: (clean) => spread(clean, 8).map((at) => controlC(at)),
  },
  {
    name: "kill -9",
    seen: [LAB, "SIGKILL a state that a second run ends"],
    moments: (clean) =>
      spread(clean, 8).map((at) => ({
        moment: `after ${at} calls`,
        arm: ({ swarm }) => ({ happened: () => swarm.calls.length >= at, dieAfter: at }),
      })),
  },
  {
    name: "a node misses heartbeats within --grace",
    seen: null,
    moments: (clean) => ofNodes(clean, "down", { grace: 15, backAfter: 8000 }),
  },
  {
    name: "a node is lost",
    seen: [LAB, "a worker that dies in the middle is named"],
    moments: (clean) => [
      ...ofNodes(clean, "down", { grace: 0 }),
      ...ofNodes(clean, "down", { grace: 15 }),
    ],
  },
  {
    name: "a node is drained",
    seen: [LAB, "a drained node is refused before anything changes"],
    moments: (clean) => ofNodes(clean, "drain", { grace: 15 }),
  },
  {
    name: "a task is rejected on one node",
    seen: [LAB, "an image that one node lacks is rolled back at once"],
    moments: (clean) => ofStarted(clean, { State: "rejected", Err: "No such image: it:1" }),
  },
  {
    name: "a container ends again and again",
    seen: ["swarm/voting_lab_test.ts", "a release that fails stops at its first container"],
    moments: (clean) => startedIn(clean).map((one) => ending(one, 0, "non-zero exit (1)")),
  },
  {
    name: "a container turns unhealthy",
    seen: null,
    moments: (clean) => startedIn(clean).map((one) => ending(one, 2000, "unhealthy container")),
  },
  {
    name: "a task cannot be placed",
    seen: [LAB, "a port that a process of the node holds"],
    moments: (clean) =>
      ofStarted(clean, {
        State: "pending",
        Err: "no suitable node (host-mode port already in use on 1 node)",
      }),
  },
  {
    name: "a container never gets ready",
    seen: null,
    moments: (clean) => ofStarted(clean, { State: "starting" }),
  },
  {
    name: "a task is rejected, and taking back is refused",
    seen: null,
    moments: (clean) =>
      ["DELETE /services/{id}", "POST /services/{id}/update"].flatMap((call) =>
        ofStarted(clean, { State: "rejected", Err: "No such image: it:1" }, call)
      ),
  },
  { name: "an image is missing everywhere", seen: null, moments: noImage },
  { name: "the lock is held", seen: null, moments: () => [heldLock()] },
  {
    name: "the lock was left by who is gone",
    seen: [LAB, "SIGKILL a state that a second run ends"],
    moments: () => [{
      moment: "before",
      arm: async ({ swarm }) => {
        // After a kill there is one already.
        if (!swarm.configs.has("metis-lock-metis")) {
          await swarm.client().createConfig("metis-lock-metis", { "io.metis.lock.owner": "ghost" });
        }
        return { happened: () => true };
      },
    }],
  },
  {
    name: "the lock is lost on the way",
    seen: null,
    moments: (clean) => spread(clean, 6).map((at) => lostLock(at)),
  },
  { name: "a service of others has the name", seen: null, moments: takenName },
  { name: "a service of others is in the stack", seen: null, moments: () => [inTheStack()] },
  {
    name: "others change services at the same time",
    seen: null,
    moments: ({ calls }) =>
      calls.includes("POST /services/{id}/update")
        ? [1, 3, Infinity].map((times) => races(times))
        : [],
  },
  {
    name: "others remove a service",
    seen: null,
    moments: (clean) =>
      spread(clean, 5).slice(0, -1).flatMap((at) =>
        clean.before.slice(1, 3).map((line) => removed(at, nameOf(line)))
      ),
  },
];

/** Every case: each kind of fault at each of its moments on a kind of deployment. */
export function casesOf(deployment: DeploymentKind, clean: Clean): FaultCase[] {
  return FAULT_KINDS.flatMap(({ name, moments }) =>
    moments(clean).map((one) => ({ deployment, fault: name, ...one }))
  );
}

/** Numbers of calls, from the first to the last. */
function spread({ calls }: Clean, count: number): number[] {
  const last = calls.length;
  const all = Array.from(
    { length: count },
    (_, at) => 1 + Math.round(at * (last - 1) / (count - 1)),
  );
  return [...new Set(all)];
}

/** Does something once, just before a call. */
function before(world: World, at: number, act: () => void): () => boolean {
  let done = false;
  world.swarm.interfere = () => {
    if (!done && world.swarm.calls.length >= at) {
      done = true;
      act();
    }
    return null;
  };
  return () => done;
}

/** A fault of one kind of call: at its first, middle and last time, once and three times. */
function callFaults(call: string, calls: readonly string[], fault: Fault): Moment[] {
  const count = calls.filter((made) => made === call).length;
  return [...new Set([1, Math.ceil(count / 2), count])].flatMap((from) =>
    [1, 3].map((times): Moment => ({
      moment: `${call}, ${from} of ${count}, ${times} times`,
      arm: ({ swarm }) => {
        swarm.script = [{ call, from, times, fault }];
        return { happened: () => swarm.fired > 0, heal: () => void (swarm.script = []) };
      },
    }))
  );
}

function allCalls(at: number, fault: Fault, forMs: number): Moment {
  return {
    moment: `from call ${at} on`,
    arm: ({ swarm, clock }) => {
      let since = Infinity;
      swarm.interfere = () => {
        if (swarm.calls.length >= at) since = Math.min(since, clock.now());
        return clock.now() >= since && clock.now() - since < forMs ? fault : null;
      };
      return { happened: () => since < Infinity };
    },
  };
}

function newLeader(at: number): Moment {
  return {
    moment: `before call ${at}`,
    arm: ({ swarm, clock }) => {
      let since = Infinity;
      swarm.interfere = () => {
        if (swarm.calls.length >= at) since = Math.min(since, clock.now());
        const knows = clock.now() - since >= 10_000 || since === Infinity;
        for (const node of swarm.nodes) node.state = knows ? "ready" : "unknown";
        return null;
      };
      return {
        happened: () => since < Infinity,
        heal: () => swarm.nodes.forEach((node) => node.state = "ready"),
      };
    },
  };
}

function controlC(at: number): Moment {
  return {
    moment: `before call ${at}`,
    arm: (world) => {
      const stop = new AbortController();
      const happened = before(world, at, () => stop.abort());
      return { happened, options: { signal: stop.signal } };
    },
  };
}

/** A node goes, at several moments. */
function ofNodes(
  clean: Clean,
  what: "down" | "drain",
  { grace, backAfter = Infinity }: { readonly grace: number; readonly backAfter?: number },
): Moment[] {
  return ["n1", "n2", "n3"].flatMap((name) =>
    spread(clean, 5).slice(1).map((at): Moment => ({
      moment: `${name} before call ${at}, grace ${grace} s`,
      arm: ({ swarm, clock }) => {
        const node = swarm.nodes.find((one) => one.name === name)!;
        let since = Infinity;
        let took = [0, 0, 0];
        const back = () => {
          node.state = "ready";
          node.availability = "active";
        };
        swarm.interfere = () => {
          if (since === Infinity && swarm.calls.length >= at) {
            since = clock.now();
            took = APPS.map((app) => swarm.carried(app, name));
            if (what === "down") node.state = "down";
            else node.availability = "drain";
          }
          if (clock.now() - since >= backAfter) back();
          return null;
        };
        return {
          happened: () => since < Infinity,
          heal: back,
          options: { grace },
          took: () => took,
          lost: name,
        };
      },
    }))
  );
}

function nameOf(line: string): string {
  return line.split(" ")[0]!;
}

/** Services that are made, or get another image: whatever their containers do, none of before does it. */
function startedIn({ before, after }: Clean): string[] {
  const images = new Map(before.map((line) => [nameOf(line), line.split(" ")[1]]));
  return after.filter((line) => images.get(nameOf(line)) !== line.split(" ")[1]).map((line) =>
    line.split(" ").slice(0, 2).join(" ")
  );
}

function isStarted(started: string, { Spec }: FakeService): boolean {
  return `${Spec.Name} ${Spec.TaskTemplate.ContainerSpec.Image}` === started;
}

/** @param refused A call that is refused from then on. */
function ofStarted(
  clean: Clean,
  state: { readonly State: string; readonly Err?: string },
  refused?: string,
): Moment[] {
  return startedIn(clean).map((started): Moment => ({
    moment: refused === undefined ? started : `${started}, ${refused}`,
    arm: ({ swarm }) => {
      let happened = false;
      swarm.taskState = (service) => {
        if (!isStarted(started, service)) return null;
        happened = true;
        return state;
      };
      if (refused !== undefined) {
        swarm.interfere = (call) => happened && call === refused ? "refused" : null;
      }
      return { happened: () => happened, heal: () => void (swarm.taskState = () => null) };
    },
  }));
}

/** Its containers start, run for a while, and end, again and again. */
function ending(started: string, runsMs: number, why: string): Moment {
  return {
    moment: started,
    arm: ({ swarm, clock }) => {
      const [startMs, endedMs] = [swarm.startMs, 500];
      const failed = { State: "failed", Err: `task: ${why}` };
      let since = Infinity;
      let seen: FakeService | undefined;
      // As it was made: when all is taken back, the service says something else.
      const elapsed = () => clock.now() - since;
      const period = startMs + runsMs + endedMs;
      swarm.taskState = (service) => {
        if (!isStarted(started, service)) return null;
        since = Math.min(since, clock.now());
        seen = { ...service };
        const phase = elapsed() % period;
        if (phase < startMs) return { State: "starting" };
        return phase < startMs + runsMs ? { State: "running" } : failed;
      };
      swarm.moreTasks = () =>
        Array.from(
          { length: seen === undefined ? 0 : Math.min(5, elapsed() / period) },
          (_, nth) => ({
            ID: `ended-${nth}`,
            ServiceID: seen!.ID,
            NodeID: "id-n1",
            Slot: 1,
            DesiredState: "shutdown",
            Spec: seen!.Spec.TaskTemplate,
            Status: failed,
          }),
        );
      return {
        happened: () => seen !== undefined && elapsed() >= startMs + runsMs,
        heal: () => {
          swarm.taskState = () => null;
          swarm.moreTasks = () => [];
        },
        // Those that ran have taken the place of others.
        took: () =>
          APPS.map((app) => {
            const { Labels, Mode } = seen?.Spec ?? { Labels: {} };
            return runsMs > 0 && Labels["io.metis.app"] === app ? Mode.Replicated.Replicas : 0;
          }),
      };
    },
  };
}

function noImage(clean: Clean): Moment[] {
  const images = new Set(startedIn(clean).map((started) => started.split(" ")[1]!));
  return [...images].map((image) => ({
    moment: image,
    arm: ({ swarm }) => {
      let asked = false;
      swarm.localImages = new Set([...images].filter((one) => one !== image));
      swarm.registry = () => {
        asked = true;
        return 404;
      };
      return { happened: () => asked, heal: () => void (swarm.localImages = null) };
    },
  }));
}

function heldLock(): Moment {
  return {
    moment: "before",
    arm: async ({ swarm, clock }) => {
      const lock = await takeLock(
        swarm.client(),
        "metis",
        "ada",
        { clock, deadline: Infinity },
        () => {},
      );
      return { happened: () => true, heal: () => lock.release() };
    },
  };
}

function lostLock(at: number): Moment {
  return {
    moment: `before call ${at}`,
    arm: (world) => ({
      happened: before(world, at, () => void world.swarm.configs.delete("metis-lock-metis")),
    }),
  };
}

function takenName(clean: Clean): Moment[] {
  const old = new Set(clean.before.map(nameOf));
  return clean.after.map(nameOf).filter((name) => !old.has(name)).map((name) => ({
    moment: name,
    arm: ({ swarm }) => strange(swarm.client(), name, "other"),
  }));
}

function inTheStack(): Moment {
  return {
    moment: "before",
    arm: ({ swarm }) => strange(swarm.client(), "metis_web", "metis"),
  };
}

/** A service of others, which they remove when they are asked to. */
async function strange(
  others: ReturnType<World["swarm"]["client"]>,
  Name: string,
  stack: string,
): Promise<Armed> {
  const id = await others.createService({
    Name,
    Labels: { "com.docker.stack.namespace": stack },
    TaskTemplate: { ContainerSpec: { Image: "nginx" } },
    Mode: { Replicated: { Replicas: 1 } },
  });
  return { happened: () => true, heal: () => others.removeService(id) };
}

function races(times: number): Moment {
  return {
    moment: `${times} times`,
    arm: ({ swarm }) => {
      let left = times;
      let happened = false;
      swarm.interfere = (call) => {
        if (call !== "POST /services/{id}/update" || left-- <= 0) return null;
        happened = true;
        for (const service of swarm.services.values()) {
          if (service.Spec.Name.startsWith("metis_")) {
            service.Version = { Index: service.Version.Index + 1000 };
          }
        }
        return null;
      };
      return { happened: () => happened };
    },
  };
}

function removed(at: number, name: string): Moment {
  return {
    moment: `${name} before call ${at}`,
    arm: (world) => {
      const { swarm } = world;
      let took = [0, 0, 0];
      const happened = before(world, at, () => {
        const service = [...swarm.services.values()].find(({ Spec }) => Spec.Name === name);
        if (service === undefined) return;
        const app = service.Spec.Labels["io.metis.app"];
        took = APPS.map((one) => one === app ? service.Spec.Mode.Replicated.Replicas : 0);
        swarm.services.delete(service.ID);
      });
      return { happened, took: () => took };
    },
  };
}
