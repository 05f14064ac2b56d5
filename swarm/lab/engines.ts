import { findEndpoint } from "../engine/endpoint.ts";
import { type Engine, openEngine } from "../engine/engine.ts";
import { openTransport } from "../engine/transport.ts";
import { LabError } from "../errors.ts";
import { systemClock } from "../clock.ts";
import { findHolders, type Holder, inside, run, startDetached } from "./host.ts";
import type { LabNode, LabPlan } from "./layout.ts";

const START_SECONDS = 60;
const STOP_SECONDS = 60;

/** The engine of a node. */
export async function labEngine(node: LabNode): Promise<Engine> {
  const world = { env: () => undefined, readText: () => Promise.resolve(null) };
  return openEngine(openTransport(await findEndpoint(world, { host: `unix://${node.socket}` })));
}

/** Starts the engine of a node whose namespaces are there, and waits until it answers. */
export async function startEngine(
  plan: LabPlan,
  node: LabNode,
  signal?: AbortSignal,
): Promise<void> {
  const holder = await holderOf(plan, node.name);
  const log = `${node.folder}/engine.log`;
  // An engine that was killed leaves both, and neither goes away by itself.
  await run(...inside(holder, "rm", "-f", "/run/docker.pid", node.socket));
  startDetached(
    { log },
    ...inside(
      holder,
      "dockerd",
      ...["--data-root", `${node.folder}/data`],
      ...["--exec-root", "/run/docker"],
      ...["--pidfile", "/run/docker.pid"],
      ...["--host", `unix://${node.socket}`],
      ...["--cgroup-parent", `/${node.cgroup}`],
      ...["--exec-opt", "native.cgroupdriver=cgroupfs"],
    ),
  );
  const engine = await labEngine(node);
  try {
    for (let waited = 0; waited < START_SECONDS * 1000; waited += 200) {
      if (signal?.aborted) throw new LabError("Interrupted");
      try {
        await engine.info();
        return;
      } catch {
        await systemClock.sleep(200, signal);
      }
    }
  } finally {
    engine.close();
  }
  throw new LabError(`The engine of ${node.name} did not answer in ${START_SECONDS} s: see ${log}`);
}

/** Ends the engine of a node; its containers live on where the signal is SIGKILL, as on a real node. */
export async function stopEngine(
  plan: LabPlan,
  node: LabNode,
  signal: "TERM" | "KILL",
): Promise<void> {
  const holder = await holderOf(plan, node.name);
  const script = `pid=$(cat /run/docker.pid) && kill -${signal} "$pid" && ` +
    `for try in $(seq ${
      STOP_SECONDS * 10
    }); do kill -0 "$pid" 2>/dev/null || exit 0; sleep 0.1; done; ` +
    'echo "it does not end" >&2; exit 1';
  await run(...inside(holder, "sh", "-c", script));
}

/**
 * Cuts the power of a node: its engine and all its containers are gone at once; the node's namespaces
 * are kept, so that {@link startEngine} brings it back.
 */
export async function crashNode(plan: LabPlan, node: LabNode): Promise<void> {
  const holder = await holderOf(plan, node.name);
  // -1 is everything in the pid namespace but its first process and kill itself.
  await run(...inside(holder, "sh", "-c", "kill -KILL -1 || true"));
}

/** @throws {LabError} if the node is not held. */
export async function holderOf(plan: LabPlan, node: string): Promise<Holder> {
  const holder = (await findHolders(plan.directory)).find((one) => one.node === node);
  if (holder === undefined) {
    throw new LabError(`${node} of the lab in ${plan.directory} is gone: run \`metis lab down\``);
  }
  return holder;
}
