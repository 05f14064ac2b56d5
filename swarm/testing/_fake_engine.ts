/**
 * A scripted Swarm manager: the real protocol over a unix socket, a Swarm in memory behind it, and faults on
 * demand that no lab could produce at a chosen moment.
 * @module
 */
import type { Clock } from "../clock.ts";
import { type Engine, openEngine } from "../engine/engine.ts";
import { callName } from "../engine/client.ts";
import { openTransport } from "../engine/transport.ts";

/** What goes wrong with a call. */
export type Fault =
  | "cut-before"
  | "cut-after"
  | "no-leader"
  | "lost-leader-after"
  | "garbage"
  | "wrong-form"
  | "refused"
  | "out-of-sequence";

/** A fault and when it happens. */
export interface Script {
  /** As in docs/deploying.md: `POST /services/create`. */
  readonly call: string;
  /** From which of these calls on, from 1. @default 1 */
  readonly from?: number;
  /** For how many of them. @default 1 */
  readonly times?: number;
  readonly fault: Fault;
}

interface FakeService {
  ID: string;
  Version: { Index: number };
  // deno-lint-ignore no-explicit-any
  Spec: any;
}

/** The Swarm behind the socket; tests may change it as they like. */
export interface FakeSwarm {
  readonly engine: Engine;
  readonly path: string;
  readonly services: Map<string, FakeService>;
  readonly nodes: {
    name: string;
    state: string;
    availability: string;
    labels: Record<string, string>;
  }[];
  readonly configs: Map<
    string,
    { ID: string; Version: { Index: number }; Spec: Record<string, unknown> }
  >;
  /** Every call so far, as {@link Script.call}. */
  readonly calls: string[];
  /** How many faults of the script have happened. */
  fired: number;
  script: readonly Script[];
  /** State and reason of the tasks of a service; running where it returns null. */
  taskState: (service: FakeService) => { State: string; Err?: string } | null;
  /** Called after each call that was carried out. */
  afterCall: (call: string) => void;
  version: string;
  close(): Promise<void>;
}

/** Starts one. @param names Host names of its nodes. */
export async function fakeSwarm(names: readonly string[] = ["n1", "n2", "n3"]): Promise<FakeSwarm> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/docker.sock`;
  let counter = 0;
  const swarm: Omit<FakeSwarm, "engine" | "close"> = {
    path,
    services: new Map(),
    nodes: names.map((name) => ({ name, state: "ready", availability: "active", labels: {} })),
    configs: new Map(),
    calls: [],
    fired: 0,
    script: [],
    taskState: () => null,
    afterCall: () => {},
    version: "1.41",
  };
  const hits = new Map<Script, number>();

  const tasks = () =>
    [...swarm.services.values()].flatMap((service) => {
      const constraint: string = service.Spec.TaskTemplate.Placement?.Constraints?.[0] ?? "";
      const at = swarm.nodes.findIndex(({ name }) => constraint === `node.hostname==${name}`);
      const given = swarm.taskState(service);
      const usable = at >= 0 && swarm.nodes[at]!.availability === "active";
      return Array.from({ length: service.Spec.Mode.Replicated.Replicas }, (_, slot) => ({
        ID: `task-${service.ID}-${slot}-${service.Spec.Labels["io.metis.spec"]}`,
        ServiceID: service.ID,
        NodeID: `id-${swarm.nodes[at]?.name}`,
        Slot: slot + 1,
        CreatedAt: "2026-01-01T00:00:00Z",
        DesiredState: "running",
        Spec: service.Spec.TaskTemplate,
        Status: given ??
          (usable ? { State: "running" } : { State: "pending", Err: "no suitable node" }),
      }));
    });

  const filtered = <T>(url: URL, all: T[], labels: (one: T) => Record<string, string>): T[] => {
    const wanted: string[] = JSON.parse(url.searchParams.get("filters") ?? "{}").label ?? [];
    return all.filter((one) =>
      wanted.every((label) => {
        const cut = label.indexOf("=");
        return labels(one)[label.slice(0, cut)] === label.slice(cut + 1);
      })
    );
  };

  // deno-lint-ignore no-explicit-any
  const carryOut = (method: string, url: URL, body: any): Response => {
    const route = url.pathname.replace(/^\/v[\d.]+/, "");
    const [, kind, id, verb] = route.split("/") as [string, string, string?, string?];
    const no = (status: number, message: string) => Response.json({ message }, { status });
    if (route === "/info") {
      return Response.json({
        Name: "fake",
        Swarm: { LocalNodeState: "active", ControlAvailable: true },
      });
    }
    if (route === "/nodes") {
      return Response.json(swarm.nodes.map(({ name, state, availability, labels }) => ({
        ID: `id-${name}`,
        Version: { Index: 1 },
        Spec: { Labels: labels, Role: "worker", Availability: availability },
        Description: { Hostname: name },
        Status: { State: state, Addr: "10.0.0.1" },
      })));
    }
    if (route === "/tasks") {
      const labelsOf = ({ ServiceID }: { ServiceID: string }) =>
        swarm.services.get(ServiceID)!.Spec.Labels;
      return Response.json(filtered(url, tasks(), labelsOf));
    }
    if (route === "/secrets") return Response.json([{ ID: "s1", Spec: { Name: "key" } }]);
    if (kind === "services" && method === "GET" && id === undefined) {
      return Response.json(filtered(url, [...swarm.services.values()], ({ Spec }) => Spec.Labels));
    }
    if (kind === "services" && id === "create") {
      if ([...swarm.services.values()].some(({ Spec }) => Spec.Name === body.Name)) {
        return no(
          409,
          "rpc error: code = AlreadyExists desc = name conflicts with an existing object",
        );
      }
      const ID = `s${++counter}`;
      swarm.services.set(ID, { ID, Version: { Index: ++counter }, Spec: body });
      return Response.json({ ID }, { status: 201 });
    }
    if (kind === "services") {
      const service = swarm.services.get(id!);
      if (service === undefined) return no(404, `service ${id} not found`);
      if (method === "DELETE") return swarm.services.delete(id!) ? new Response("") : no(404, "");
      if (verb === undefined) return Response.json(service);
      if (Number(url.searchParams.get("version")) !== service.Version.Index) {
        return no(500, "rpc error: code = Unknown desc = update out of sequence");
      }
      service.Spec = body;
      service.Version = { Index: ++counter };
      return Response.json({});
    }
    if (kind === "configs") {
      if (method === "GET") return Response.json([...swarm.configs.values()]);
      if (id === "create") {
        if (swarm.configs.has(body.Name)) return no(409, "already exists");
        const ID = `c${++counter}`;
        swarm.configs.set(body.Name, { ID, Version: { Index: ++counter }, Spec: body });
        return Response.json({ ID }, { status: 201 });
      }
      const config = [...swarm.configs.values()].find(({ ID }) => ID === id);
      if (config === undefined) return no(404, "no such config");
      if (method === "DELETE") swarm.configs.delete(config.Spec.Name as string);
      else Object.assign(config, { Version: { Index: ++counter }, Spec: body });
      return new Response("");
    }
    return no(404, "page not found");
  };

  const faultOf = (call: string): Fault | null => {
    for (const script of swarm.script) {
      if (script.call !== call) continue;
      const hit = (hits.get(script) ?? 0) + 1;
      hits.set(script, hit);
      const from = script.from ?? 1;
      if (hit < from || hit >= from + (script.times ?? 1)) continue;
      swarm.fired++;
      return script.fault;
    }
    return null;
  };

  const cut = () => {
    const stream = new ReadableStream({
      start: (controller) => controller.error(new Error("cut")),
    });
    return new Response(stream, { headers: { "Content-Length": "10" } });
  };

  const server = Deno.serve(
    { path, transport: "unix", onListen: () => {}, onError: () => cut() },
    async (request) => {
      const url = new URL(request.url);
      if (url.pathname === "/_ping") {
        return new Response("OK", { headers: { "Api-Version": swarm.version } });
      }
      const call = callName({
        method: request.method as "GET",
        path: url.pathname.replace(/^\/v[\d.]+/, ""),
      });
      swarm.calls.push(call);
      const text = await request.text();
      const fault = faultOf(call);
      if (fault === "cut-before") return cut();
      if (fault === "no-leader") {
        return Response.json({
          message: "rpc error: code = Unknown desc = The swarm does not have a leader",
        }, { status: 503 });
      }
      if (fault === "refused") return Response.json({ message: "no" }, { status: 400 });
      if (fault === "out-of-sequence") {
        return Response.json({ message: "update out of sequence" }, { status: 500 });
      }
      const answer = carryOut(request.method, url, text === "" ? null : JSON.parse(text));
      swarm.afterCall(call);
      if (fault === "cut-after") return cut();
      if (fault === "lost-leader-after") {
        return Response.json({
          message: "rpc error: code = Unavailable desc = node lost leader status",
        }, { status: 500 });
      }
      if (fault === "garbage") return new Response("<html>{{");
      if (fault === "wrong-form") return Response.json({ ID: 5, Nodes: [null] });
      return answer;
    },
  );
  const engine = openEngine(openTransport({ kind: "unix", path }));
  return Object.assign(swarm, {
    engine,
    async close() {
      engine.close();
      await server.shutdown();
      await Deno.remove(folder, { recursive: true });
    },
  });
}

/** A clock on which a second lasts 4 milliseconds. */
export function quickClock(): Clock {
  const speed = 250;
  return {
    now: () => performance.now() * speed,
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const done = () => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", done);
          resolve();
        };
        const timer = setTimeout(done, milliseconds / speed);
        signal?.addEventListener("abort", done, { once: true });
      }),
  };
}
