/**
 * What `docker stack deploy` tells an engine of stack files, and what Metis does: the engine of the first only writes it down,
 * so that the docker command is enough.
 * @module
 */
import type { ReadStack } from "./compose.ts";
import type { StackFolder } from "./_stack_files.ts";
import { canonical, serviceBody } from "./spec.ts";

/** A service as an engine is told of it. */
export interface Told {
  readonly Name: string;
  readonly [field: string]: unknown;
}

/** What `docker stack deploy` tells an engine that has all that a stack may draw on. @param stack Its name. */
export async function toldByDocker(
  files: StackFolder,
  stack = "stack",
): Promise<{ isTaken: boolean; complaint: string; services: Told[] }> {
  const services: Told[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    const path = pathname.replace(/^\/v[\d.]+/, "");
    const headers = { "Api-Version": "1.44", "Content-Type": "application/json" };
    const answer = (value: unknown, status = 200) =>
      new Response(request.method === "HEAD" ? null : JSON.stringify(value), { status, headers });
    if (path === "/_ping") return answer("OK");
    if (path === "/info") return answer({ Swarm: { ControlAvailable: true, NodeID: "n" } });
    if (path.endsWith("/create")) {
      const body = await request.json();
      if (path === "/services/create") services.push(body);
      return answer({ ID: "made", Id: "made" }, 201);
    }
    const [, kind, name] = path.split("/");
    if (name !== undefined && kind === "networks") {
      return answer({ Name: name, Id: name, Scope: "swarm" });
    }
    if (name !== undefined) return answer({ message: "not there" }, 404);
    const asked = Object.keys(JSON.parse(searchParams.get("filters") ?? "{}").name ?? {});
    return answer(asked.map((one) => ({ ID: `id of ${one}`, Spec: { Name: one } })));
  });
  try {
    const { port } = server.addr as Deno.NetAddr;
    const { isTaken, talk: complaint } = await files.docker(
      ["deploy", "--detach=true", "--resolve-image=never", stack],
      { DOCKER_HOST: `tcp://127.0.0.1:${port}` },
    );
    return { isTaken, complaint, services };
  } finally {
    await server.shutdown();
  }
}

/** What Metis tells an engine of the services where no plan names them. */
export function toldByMetis(services: ReadStack["services"], stack = "stack"): Told[] {
  return [...services].map(([app, service]) =>
    serviceBody(
      service,
      { stack, name: `${stack}_${app}`, app, node: null, replicas: 1 },
      { secrets: new Map(), configs: new Map() },
    ).body
  );
}

/** A service as told, without order that means nothing, what an engine takes as not said, and names, ids and labels of Metis. */
export function plainly(told: Told): unknown {
  const plain = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) {
      const all = value.map((one) => plain(one, ""));
      return ORDERED.includes(key) ? all : sorted(key === "Aliases" ? [...new Set(all)] : all);
    }
    if (typeof value === "object" && value !== null) {
      const fields = Object.entries(value).map(([name, field]) =>
        [name, plain(field, name)] as const
      )
        .filter(([name, field]) => !isSilent(name, field));
      return Object.fromEntries(fields);
    }
    if (key === "Image") {
      const name = String(value).replace(/^docker\.io\/(library\/)?/, "");
      return name.replace(/^([^@:]*(?::\d+\/[^@:]*)?)$/, "$1:latest");
    }
    // Of what comes from a file, the name ends in a hash of its contents.
    if (/^(Config|Secret)Name$/.test(key)) {
      return String(value).replace(/-[0-9a-f]{12}$/, "").slice(0, 51);
    }
    return value;
  };
  const { Mode, ...rest } = told;
  const mode = (Mode as { Replicated?: { Replicas?: number } } | undefined) ?? {};
  const replicas = mode.Replicated?.Replicas ?? 1;
  return {
    ...plain(rest, "") as object,
    Mode: mode.Replicated === undefined ? plain(mode, "Mode") : { Replicated: replicas },
  };
}

/** Lists whose order means something. */
const ORDERED = ["Command", "Args", "Test", "Nameservers", "Search", "Hosts", "Preferences"];

/** What an engine takes where nothing is said. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  Condition: "any",
  Protocol: "tcp",
  PublishMode: "ingress",
};

function isSilent(name: string, value: unknown): boolean {
  if (Object.hasOwn(DEFAULTS, name) && value === DEFAULTS[name]) return true;
  if (/^io\.metis\.|^(Config|Secret)ID$|^ForceUpdate$/.test(name)) return true;
  if (name === "Global" || name === "GlobalJob" || name === "Parallelism") return false;
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0;
  return value === "" || value === 0 || value === false || value === null || value === undefined;
}

function sorted(list: readonly unknown[]): unknown[] {
  return [...list].sort((a, b) => canonical(a) < canonical(b) ? -1 : 1);
}
