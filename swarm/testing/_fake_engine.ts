/**
 * A scripted Swarm manager: the API over a Swarm in memory, and faults on demand that no lab could produce at
 * a chosen moment. It answers in memory, at once, or by the real protocol over a unix socket.
 * @module
 */
import { callName } from "../engine/client.ts";
import { type Engine, openEngine } from "../engine/engine.ts";
import type { Transport } from "../engine/transport.ts";
import { EngineUnreachableError } from "../errors.ts";
import { Containers } from "./_fake_containers.ts";

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

/** A service as the fake holds it. */
export interface FakeService {
  ID: string;
  Version: { Index: number };
  // deno-lint-ignore no-explicit-any
  Spec: any;
}

type Labels = Record<string, string>;

interface FakeNode {
  name: string;
  state: string;
  availability: string;
  labels: Record<string, string>;
}

interface FakeConfig {
  ID: string;
  Version: { Index: number };
  Spec: Record<string, unknown>;
}

/** A state of a task, and the reason for it. */
export interface FakeTaskState {
  readonly State: string;
  readonly Err?: string;
}

/** The Swarm in memory; tests may change it as they like. */
export class FakeSwarm {
  readonly services = new Map<string, FakeService>();
  readonly configs = new Map<string, FakeConfig>();
  readonly nodes: FakeNode[];
  readonly secrets: { ID: string; Spec: { Name: string; Labels?: Labels } }[] = [];
  /** Names of those of the engine's own node. */
  readonly volumes: string[] = [];
  readonly networks: {
    Id: string;
    Name: string;
    Labels?: Labels;
    Scope?: string;
    IPAM?: { Config: { Subnet: string }[] };
  }[] = [];
  /** Every call so far, as {@link Script.call}. */
  readonly calls: string[] = [];
  /** How many faults of the script have happened. */
  fired = 0;
  script: readonly Script[] = [];
  /** What goes wrong with a call besides the script, which it knows nothing of. */
  interfere: (call: string) => Fault | null = () => null;
  /** Images that the manager has; all that are asked for, unless a test says otherwise. */
  localImages: ReadonlySet<string> | null = null;
  /** What the registry says of other images. @default it cannot be reached */
  registry: (image: string) => number = () => 500;
  version = "1.41";
  /** What it says of itself as a member of a Swarm. */
  info: { LocalNodeState: string; ControlAvailable: boolean; NodeID?: string } = {
    LocalNodeState: "active",
    ControlAvailable: true,
    NodeID: "id-n1",
  };
  /** State of the tasks of a service; running where it returns null. */
  taskState: (service: FakeService) => FakeTaskState | null = () => null;
  /** Tasks that no service of the Swarm explains: failed and stopping ones. */
  // deno-lint-ignore no-explicit-any
  moreTasks: () => any[] = () => [];
  /** Called after each call that was carried out. */
  afterCall: (call: string) => void = () => {};
  /** How long a container takes to start, in milliseconds of {@link FakeSwarm.now}. @default it runs at once */
  startMs = 0;
  now: () => number = () => 0;
  readonly #containers = new Map<string, Containers>();
  /** Calls that are being answered at this moment. */
  inFlight = 0;
  #counter = 0;
  readonly #hits = new Map<Script, number>();

  /** @param names Host names of its nodes. */
  constructor(names: readonly string[] = ["n1", "n2", "n3"]) {
    this.nodes = names.map((name) => ({
      name,
      state: "ready",
      availability: "active",
      labels: {},
    }));
  }

  /** A client of its own. @param dieAfter Its process is killed after so many calls. */
  client(dieAfter = Infinity): Engine {
    let made = 0;
    const transport: Transport = {
      name: "unix:///fake.sock",
      send: async (path, init) => {
        if (made >= dieAfter) throw new EngineUnreachableError("killed");
        if (path !== "/_ping") made++;
        this.inFlight++;
        try {
          const body = typeof init.body === "string" ? init.body : "";
          return await Promise.resolve(this.answer(init.method ?? "GET", path, body));
        } finally {
          this.inFlight--;
        }
      },
      close: () => {},
    };
    return openEngine(transport);
  }

  /** Containers of an app that run now. */
  running(app: string): number {
    return this.#tasks().filter(({ Status, Spec }) =>
      Status.State === "running" && appOf(Spec) === app
    ).length;
  }

  /** Containers of an app that run on a node, or start there. */
  carried(app: string, node: string): number {
    return this.#tasks().filter(({ Spec, NodeID }) =>
      NodeID === `id-${node}` && appOf(Spec) === app
    ).length;
  }

  /** Answers one request of the API. @throws {EngineUnreachableError} if the connection is cut. */
  answer(method: string, path: string, body: string): Response {
    const url = new URL(path, "http://docker");
    if (url.pathname === "/_ping") {
      return new Response("OK", { headers: { "Api-Version": this.version } });
    }
    const route = url.pathname.replace(/^\/v[\d.]+/, "");
    const call = callName({ method: method as "GET", path: route });
    this.calls.push(call);
    const fault = this.#faultOf(call) ?? this.interfere(call);
    if (fault === "cut-before") throw new EngineUnreachableError("cut before");
    if (fault === "no-leader") {
      return no(503, "rpc error: code = Unknown desc = The swarm does not have a leader");
    }
    if (fault === "refused") return no(400, "no");
    if (fault === "out-of-sequence") return no(500, "update out of sequence");
    const answer = this.#carryOut(method, route, url, body === "" ? null : JSON.parse(body));
    this.afterCall(call);
    if (fault === "cut-after") throw new EngineUnreachableError("cut after");
    if (fault === "lost-leader-after") {
      return no(500, "rpc error: code = Unavailable desc = node lost leader status");
    }
    if (fault === "garbage") return new Response("<html>{{");
    if (fault === "wrong-form") return Response.json({ ID: 5, Nodes: [null] });
    return answer;
  }

  // deno-lint-ignore no-explicit-any
  #carryOut(method: string, route: string, url: URL, body: any): Response {
    const [, kind, id, verb] = route.split("/") as [string, string, string?, string?];
    if (route === "/info") return Response.json({ Name: "fake", Swarm: this.info });
    if (kind === "nodes" && verb === "update") {
      const node = this.nodes.find(({ name }) => id === `id-${name}`)!;
      node.availability = body.Availability;
      return new Response("");
    }
    if (route === "/nodes") return Response.json(this.nodes.map(nodeAnswer));
    if (kind === "secrets") {
      return this.#listCall(
        method,
        url,
        id,
        this.secrets,
        ({ ID, Spec }) => [ID, Spec.Labels],
        () => {
          const ID = `secret-${++this.#counter}`;
          this.secrets.push({ ID, Spec: body });
          return { ID };
        },
      );
    }
    if (kind === "networks") {
      return this.#listCall(
        method,
        url,
        id,
        this.networks,
        ({ Id, Labels }) => [Id, Labels],
        () => {
          const Id = `network-${++this.#counter}`;
          this.networks.push({ Id, ...body });
          return { Id };
        },
      );
    }
    if (route === "/volumes") {
      return Response.json({ Volumes: this.volumes.map((Name) => ({ Name })) });
    }
    if (route === "/images/json") {
      const { reference: [image] } = JSON.parse(url.searchParams.get("filters")!);
      return Response.json(
        this.localImages?.has(image) === false ? [] : [{ Id: `sha256:${image}` }],
      );
    }
    if (kind === "distribution") {
      const image = decodeURIComponent(route.slice("/distribution/".length, -"/json".length));
      const status = this.registry(image);
      return status === 200 ? Response.json({ Descriptor: {} }) : no(status, `registry: ${status}`);
    }
    if (route === "/tasks") {
      // Tasks have the labels of their service, also when it is gone.
      const labelsOf = ({ ServiceID, labels }: { ServiceID: string; labels?: Labels }) =>
        labels ?? this.services.get(ServiceID)?.Spec.Labels;
      return Response.json(filtered(url, this.#tasks(), labelsOf));
    }
    if (kind === "services") return this.#serviceCall(method, url, id, verb, body);
    if (kind === "configs") return this.#configCall(method, url, id, body);
    return no(404, "page not found");
  }

  #serviceCall(
    method: string,
    url: URL,
    id: string | undefined,
    verb: string | undefined,
    // deno-lint-ignore no-explicit-any
    body: any,
  ): Response {
    if (id === undefined) {
      const all = [...this.services.values()].map((service) => this.#withStatus(service));
      return Response.json(filtered(url, all, ({ Spec }) => Spec.Labels));
    }
    if (id === "create") {
      if ([...this.services.values()].some(({ Spec }) => Spec.Name === body.Name)) {
        return no(409, "rpc error: code = AlreadyExists desc = name conflicts with another object");
      }
      const ID = `s${++this.#counter}`;
      this.services.set(ID, { ID, Version: { Index: ++this.#counter }, Spec: body });
      this.#bear(ID);
      return Response.json({ ID }, { status: 201 });
    }
    const service = this.services.get(id);
    if (service === undefined) return no(404, `service ${id} not found`);
    if (method === "DELETE") {
      this.services.delete(id);
      return new Response("");
    }
    if (verb === undefined) return Response.json(this.#withStatus(service));
    if (Number(url.searchParams.get("version")) !== service.Version.Index) {
      return no(500, "rpc error: code = Unknown desc = update out of sequence");
    }
    service.Spec = body;
    service.Version = { Index: ++this.#counter };
    this.#bear(id);
    return Response.json({});
  }

  /** Secrets and networks: listed, made and removed. */
  #listCall<One>(
    method: string,
    url: URL,
    id: string | undefined,
    all: One[],
    identity: (one: One) => [id: string, labels: Labels | undefined],
    make: () => object,
  ): Response {
    if (id === "create") return Response.json(make(), { status: 201 });
    if (method === "GET") return Response.json(filtered(url, all, (one) => identity(one)[1]));
    const at = all.findIndex((one) => identity(one)[0] === id);
    if (at < 0) return no(404, "not found");
    all.splice(at, 1);
    return new Response("");
  }

  #configCall(
    method: string,
    url: URL,
    id: string | undefined,
    // deno-lint-ignore no-explicit-any
    body: any,
  ): Response {
    if (method === "GET") {
      return Response.json(
        filtered(url, [...this.configs.values()], ({ Spec }) => Spec.Labels as Labels),
      );
    }
    if (id === "create") {
      if (this.configs.has(body.Name)) return no(409, "already exists");
      const ID = `c${++this.#counter}`;
      this.configs.set(body.Name, { ID, Version: { Index: ++this.#counter }, Spec: body });
      return Response.json({ ID }, { status: 201 });
    }
    const config = [...this.configs.values()].find(({ ID }) => ID === id);
    if (config === undefined) return no(404, "no such config");
    if (method === "DELETE") this.configs.delete(config.Spec.Name as string);
    else Object.assign(config, { Version: { Index: ++this.#counter }, Spec: body });
    return new Response("");
  }

  /** Notes what the containers of a service are from now on. */
  #bear(id: string): void {
    const { Spec } = this.services.get(id)!;
    const own = this.#containers.get(id) ?? new Containers(() => this.startMs, () => this.now());
    this.#containers.set(id, own);
    const made = { hash: Spec.Labels["io.metis.spec"], template: Spec.TaskTemplate };
    own.set(this.#nodesOf(Spec).length, made, Spec.UpdateConfig ?? {});
  }

  #withStatus(service: FakeService) {
    const isPaused = this.#containers.get(service.ID)?.isPaused === true;
    return isPaused ? { ...service, UpdateStatus: { State: "paused" } } : service;
  }

  #tasks() {
    const placed = [...this.services.values()].flatMap((service) => {
      const { Labels, Mode, TaskTemplate } = service.Spec;
      const isJob = Mode.ReplicatedJob !== undefined || Mode.GlobalJob !== undefined;
      const asMeant = { State: isJob ? "complete" : "running" };
      const given = this.taskState(service);
      const isUp = given === null || given.State === "running" || given.State === "complete";
      const isSick = given?.State === "failed" || given?.State === "rejected";
      const seen = this.#containers.get(service.ID)?.look(isUp, isSick) ?? [];
      // Who changes a service in the memory of the Swarm sees it at once.
      const made = { hash: Labels["io.metis.spec"], template: TaskTemplate };
      const now = [{ ...made, isStarting: false, isNew: true }];
      return this.#nodesOf(service.Spec).flatMap((node, slot) =>
        (seen[slot] ?? now).map(({ hash, template, isStarting, isNew }) => {
          const lasting = isUsable(node) ? asMeant : { State: "pending", Err: "no suitable node" };
          const status = (isNew ? given : null) ?? lasting;
          return {
            ID: `task-${service.ID}-${slot}-${hash}`,
            ServiceID: service.ID,
            NodeID: `id-${node?.name}`,
            Slot: Mode.Global || Mode.GlobalJob ? 0 : slot + 1,
            CreatedAt: "2026-01-01T00:00:00Z",
            DesiredState: isJob ? "complete" : "running",
            Spec: isNew ? TaskTemplate : template,
            Status: status.State === "running" && isStarting ? { State: "starting" } : status,
          };
        })
      );
    });
    return [...placed, ...this.moreTasks()];
  }

  /** The node of each container of a service: that of its constraint, else as Swarm would place them. */
  // deno-lint-ignore no-explicit-any
  #nodesOf({ TaskTemplate, Mode }: any): (FakeNode | undefined)[] {
    const usable = this.nodes.filter(isUsable);
    if (Mode.Global || Mode.GlobalJob) return usable;
    const count = Mode.ReplicatedJob?.TotalCompletions ?? Mode.Replicated?.Replicas ?? 1;
    const constraint: string = TaskTemplate.Placement?.Constraints?.[0] ?? "";
    const pin = /^node\.hostname==(.*)$/.exec(constraint)?.[1];
    return Array.from(
      { length: count },
      (_, slot) =>
        pin === undefined
          ? usable[slot % usable.length]
          : this.nodes.find(({ name }) => name === pin),
    );
  }

  #faultOf(call: string): Fault | null {
    for (const script of this.script) {
      if (script.call !== call) continue;
      const hit = (this.#hits.get(script) ?? 0) + 1;
      this.#hits.set(script, hit);
      const from = script.from ?? 1;
      if (hit < from || hit >= from + (script.times ?? 1)) continue;
      this.fired++;
      return script.fault;
    }
    return null;
  }
}

// deno-lint-ignore no-explicit-any
function appOf({ ContainerSpec }: any): string | undefined {
  return ContainerSpec?.Labels?.["io.metis.app"];
}

function isUsable(node: FakeNode | undefined): boolean {
  // A new leader does not know its nodes yet: their containers run on.
  return node?.availability === "active" && ["ready", "unknown"].includes(node.state);
}

function no(status: number, message: string): Response {
  return Response.json({ message }, { status });
}

function nodeAnswer({ name, state, availability, labels }: FakeNode, at: number) {
  return {
    ID: `id-${name}`,
    Version: { Index: 1 },
    Spec: { Labels: labels, Role: at === 0 ? "manager" : "worker", Availability: availability },
    Description: { Hostname: name },
    Status: { State: state, Addr: "10.0.0.1" },
  };
}

function filtered<T>(
  url: URL,
  all: T[],
  labels: (one: T) => Record<string, string> | undefined,
): T[] {
  const wanted: string[] = JSON.parse(url.searchParams.get("filters") ?? "{}").label ?? [];
  return all.filter((one) =>
    wanted.every((label) => {
      const cut = label.indexOf("=");
      return labels(one)?.[label.slice(0, cut)] === label.slice(cut + 1);
    })
  );
}

/** The same Swarm over a unix socket. */
export async function serveSwarm(
  swarm: FakeSwarm,
): Promise<{ readonly path: string; close(): Promise<void> }> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/docker.sock`;
  const server = Deno.serve(
    { path, transport: "unix", onListen: () => {} },
    async (request) => {
      const { pathname, search } = new URL(request.url);
      return swarm.answer(request.method, pathname + search, await request.text());
    },
  );
  return {
    path,
    async close() {
      await server.shutdown();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
