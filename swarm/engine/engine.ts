import * as v from "valibot";
import { parseJson } from "../../domain/decode.ts";
import { EngineError } from "../errors.ts";
import { EngineClient } from "./client.ts";
import * as schemas from "./schemas.ts";
import type {
  Config,
  EngineInfo,
  Network,
  Secret,
  Service,
  SwarmNodeInfo,
  Task,
} from "./schemas.ts";
import type { Transport } from "./transport.ts";

/** The body of a service as the API takes it. */
export interface ServiceBody {
  readonly Name: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly TaskTemplate: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** A network as the API takes it. */
export interface NetworkBody {
  readonly Name: string;
  readonly Driver: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** A config or a secret as the API takes it. */
export interface StoredBody {
  readonly Name: string;
  readonly Labels: Readonly<Record<string, string>>;
  /** In base64. */
  readonly Data: string;
  readonly Templating?: { readonly Name: string };
}

/** Choice of services and tasks by the labels of their service: all of them must be there. */
export type LabelFilter = Readonly<Record<string, string>>;

/**
 * The part of the Docker Engine API that Metis uses. Every method may throw EngineUnreachableError and
 * EngineError; none retries. docs/deploying.md says which command makes which calls.
 */
export interface Engine {
  /** What the user calls it: `unix:///var/run/docker.sock`. Holds no secret. */
  readonly name: string;
  /** Version of the API that is spoken. */
  version(): Promise<string>;
  info(): Promise<EngineInfo>;
  nodes(): Promise<SwarmNodeInfo[]>;
  services(labels?: LabelFilter): Promise<Service[]>;
  service(id: string): Promise<Service>;
  createService(body: ServiceBody): Promise<string>;
  /** Replaces the body, where nobody has changed the service since that version. */
  updateService(id: string, version: number, body: ServiceBody): Promise<void>;
  removeService(id: string): Promise<void>;
  tasks(labels?: LabelFilter): Promise<Task[]>;
  secrets(labels?: LabelFilter): Promise<Secret[]>;
  createSecret(body: StoredBody): Promise<string>;
  removeSecret(id: string): Promise<void>;
  networks(labels?: LabelFilter): Promise<Network[]>;
  /** Names of the volumes of this engine's own node. */
  volumes(): Promise<string[]>;
  createNetwork(body: NetworkBody): Promise<string>;
  removeNetwork(id: string): Promise<void>;
  /** Configs with these labels. */
  labelledConfigs(labels?: LabelFilter): Promise<Config[]>;
  storeConfig(body: StoredBody): Promise<string>;
  configs(name: string): Promise<Config[]>;
  createConfig(name: string, labels: LabelFilter): Promise<string>;
  updateConfigLabels(config: Config, labels: LabelFilter): Promise<void>;
  removeConfig(id: string): Promise<void>;
  /** Starts a Swarm with this engine as its first manager. */
  initSwarm(address: string): Promise<void>;
  joinSwarm(address: string, managers: readonly string[], token: string): Promise<void>;
  joinTokens(): Promise<{ readonly worker: string; readonly manager: string }>;
  /** Takes this engine out of its Swarm. @param force Also a manager, whose Swarm may end with it. */
  leaveSwarm(force: boolean): Promise<void>;
  /** Forgets a node that is down. */
  removeNode(id: string): Promise<void>;
  updateNode(node: SwarmNodeInfo, spec: Readonly<Record<string, unknown>>): Promise<void>;
  /** Makes an image of the tar of a root file system. */
  importImage(tar: BodyInit, reference: string): Promise<void>;
  /** Loads what {@link Engine.saveImage} gave. */
  loadImage(tar: BodyInit): Promise<void>;
  /** One or more images as a tar; layers that they share are in it once. */
  saveImage(...references: readonly string[]): Promise<ReadableStream<Uint8Array>>;
  hasImage(reference: string): Promise<boolean>;
  /**
   * Whether the registry of an image has it, as this engine sees it.
   * @throws {EngineError} if the registry cannot be asked, or refuses to tell.
   */
  isInRegistry(reference: string): Promise<boolean>;
  /** Id of the image that a reference means, or null. */
  imageId(reference: string): Promise<string | null>;
  /**
   * Builds an image. @param context Tar of a folder with a Dockerfile. @param tell Told each line of the builder.
   * @throws {EngineError} with the builder's own words where a step fails.
   */
  buildImage(context: BodyInit, build: BuildOptions, tell?: (line: string) => void): Promise<void>;
  close(): void;
}

/** How an image is built. */
export interface BuildOptions {
  readonly reference: string;
  readonly args?: Readonly<Record<string, string>>;
}

/** An image moves more bytes than any other call. */
const IMAGE_TIMEOUT_MS = 600_000;

/** A registry that does not answer by then is as good as none. */
const REGISTRY_TIMEOUT_MS = 5_000;

/** The engine at the far end of a transport. */
export function openEngine(transport: Transport): Engine {
  const client = new EngineClient(transport);
  const get = <Schema extends v.GenericSchema>(
    path: string,
    schema: Schema,
    query: Record<string, string> = {},
  ) => client.json({ method: "GET", path, query }, schema);
  const post = (path: string, json?: unknown, query: Record<string, string> = {}) =>
    client.done({ method: "POST", path, query, json: json ?? {} }).then(() => {});
  const remove = (path: string) => client.done({ method: "DELETE", path }).then(() => {});
  const created = (path: string, json: unknown) =>
    client.json({ method: "POST", path, json }, schemas.createdSchema).then(({ ID }) => ID);

  const imageId = async (reference: string): Promise<string | null> => {
    // The list has no 404, which would have to be told from other errors.
    const images = await get("/images/json", v.array(v.looseObject({ Id: v.string() })), {
      filters: JSON.stringify({ reference: [reference] }),
    });
    return images[0]?.Id ?? null;
  };

  return {
    name: client.name,
    version: () => client.version(),
    info: () => get("/info", schemas.infoSchema),
    nodes: () => get("/nodes", v.array(schemas.nodeSchema)),
    services: (labels) => get("/services", v.array(schemas.serviceSchema), filters(labels)),
    service: (id) => get(`/services/${encodeURIComponent(id)}`, schemas.serviceSchema),
    createService: (body) => created("/services/create", body),
    updateService: (id, version, body) =>
      post(`/services/${encodeURIComponent(id)}/update`, body, { version: `${version}` }),
    removeService: (id) => remove(`/services/${encodeURIComponent(id)}`),
    tasks: (labels) => get("/tasks", v.array(schemas.taskSchema), filters(labels)),
    secrets: (labels) => get("/secrets", v.array(schemas.secretSchema), filters(labels)),
    createSecret: (body) => created("/secrets/create", body),
    removeSecret: (id) => remove(`/secrets/${encodeURIComponent(id)}`),
    networks: (labels) => get("/networks", v.array(schemas.networkSchema), filters(labels)),
    volumes: async () => {
      const { Volumes } = await get("/volumes", schemas.volumesSchema);
      return (Volumes ?? []).map(({ Name }) => Name);
    },
    createNetwork: ({ Name, ...body }) =>
      client.json(
        { method: "POST", path: "/networks/create", json: { Name, CheckDuplicate: true, ...body } },
        schemas.createdNetworkSchema,
      ).then(({ Id }) => Id),
    removeNetwork: (id) => remove(`/networks/${encodeURIComponent(id)}`),
    labelledConfigs: (labels) => get("/configs", v.array(schemas.configSchema), filters(labels)),
    storeConfig: (body) => created("/configs/create", body),
    configs: (name) =>
      get("/configs", v.array(schemas.configSchema), { filters: JSON.stringify({ name: [name] }) }),
    createConfig: (name, labels) =>
      created("/configs/create", { Name: name, Labels: labels, Data: btoa("metis") }),
    updateConfigLabels: (config, labels) =>
      post(`/configs/${encodeURIComponent(config.ID)}/update`, { ...config.Spec, Labels: labels }, {
        version: `${config.Version.Index}`,
      }),
    removeConfig: (id) => remove(`/configs/${encodeURIComponent(id)}`),
    initSwarm: (address) =>
      client.done({
        method: "POST",
        path: "/swarm/init",
        json: { AdvertiseAddr: address, ListenAddr: "0.0.0.0:2377", DataPathAddr: address },
      }).then(() => {}),
    joinSwarm: (address, managers, token) =>
      post("/swarm/join", {
        AdvertiseAddr: address,
        ListenAddr: "0.0.0.0:2377",
        DataPathAddr: address,
        RemoteAddrs: managers,
        JoinToken: token,
      }),
    joinTokens: async () => {
      const { JoinTokens } = await get("/swarm", schemas.swarmSchema);
      return { worker: JoinTokens.Worker, manager: JoinTokens.Manager };
    },
    leaveSwarm: (force) => post("/swarm/leave", undefined, { force: `${force}` }),
    removeNode: (id) => remove(`/nodes/${encodeURIComponent(id)}`),
    updateNode: (node, spec) =>
      post(`/nodes/${encodeURIComponent(node.ID)}/update`, { ...node.Spec, ...spec }, {
        version: `${node.Version.Index}`,
      }),
    importImage: (tar, reference) => {
      const cut = reference.lastIndexOf(":");
      const [repo, tag] = [reference.slice(0, cut), reference.slice(cut + 1)];
      const query = { fromSrc: "-", repo, tag };
      return pushed(client, "/images/create", query, tar);
    },
    loadImage: (tar) => pushed(client, "/images/load", { quiet: "1" }, tar),
    saveImage: (...references) => {
      // The query repeats the name, which a record cannot say.
      const names = references.map((name) => `names=${encodeURIComponent(name)}`).join("&");
      return client.stream({ method: "GET", path: `/images/get?${names}` });
    },
    hasImage: async (reference) => await imageId(reference) !== null,
    imageId,
    isInRegistry: async (reference) => {
      const path = `/distribution/${reference.split("/").map(encodeURIComponent).join("/")}/json`;
      try {
        await client.done({ method: "GET", path, timeoutMs: REGISTRY_TIMEOUT_MS });
        return true;
      } catch (error) {
        if (error instanceof EngineError && error.status === 404) return false;
        throw error;
      }
    },
    buildImage: async (context, { reference, args }, tell) => {
      const query = { t: reference, rm: "1", forcerm: "1", buildargs: JSON.stringify(args ?? {}) };
      const call = { method: "POST", path: "/build", query, body: context } as const;
      await readBuild(await client.stream(call), tell ?? (() => {}));
    },
    close: () => client.close(),
  };
}

async function pushed(
  client: EngineClient,
  path: string,
  query: Record<string, string>,
  body: BodyInit,
): Promise<void> {
  await client.done({ method: "POST", path, query, body, timeoutMs: IMAGE_TIMEOUT_MS });
}

const buildLine = v.looseObject({ stream: v.optional(v.string()), error: v.optional(v.string()) });

/** Reads what a builder says: JSON values, the last of which may be an error although the answer was 200. */
async function readBuild(
  answer: ReadableStream<Uint8Array>,
  tell: (line: string) => void,
): Promise<void> {
  const said = (text: string) => {
    if (text.trim() === "") return;
    const { success, output: line } = v.safeParse(buildLine, parseJson(text, "POST /build"));
    if (!success) throw new EngineError(200, "POST /build", "it answers in an unknown form");
    if (line.error !== undefined) throw new EngineError(200, "POST /build", line.error);
    for (const part of (line.stream ?? "").split("\n")) if (part.trim() !== "") tell(part);
  };
  let rest = "";
  for await (const text of answer.pipeThrough(new TextDecoderStream() as TextDecoding)) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    lines.forEach(said);
  }
  said(rest);
}

type TextDecoding = ReadableWritablePair<string, Uint8Array>;

function filters(labels: LabelFilter | undefined): Record<string, string> {
  if (labels === undefined) return {};
  const label = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return { filters: JSON.stringify({ label }) };
}
