import { parseJson } from "../../domain/decode.ts";
import { InputError, UsageError } from "../../domain/errors.ts";
import { sha256 } from "../names.ts";

/** Where a Docker engine listens, and how one proves who one is. */
export type Endpoint =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly tls: TlsFiles | null }
  | SshEndpoint;

/** An engine behind the system's ssh. */
export interface SshEndpoint {
  readonly kind: "ssh";
  /** USER@HOST or HOST; an IPv6 address stands in brackets. */
  readonly target: string;
  readonly port: string | null;
  /** More words for ssh, before the target. */
  readonly options?: readonly string[];
  /** Whether the engine's socket needs root, by a sudo that asks for no password. */
  readonly sudo?: boolean;
}

/** Contents of PEM files. */
export interface TlsFiles {
  /** The only CA that is trusted. */
  readonly ca: string;
  readonly cert: string | null;
  readonly key: string | null;
}

/** What is read to find the engine; tests give one in memory. */
export interface EndpointWorld {
  env(name: string): string | undefined;
  /** Text of a file, or null if there is none. */
  readText(path: string): Promise<string | null>;
}

/** What the command line says about the engine. */
export interface EndpointOptions {
  readonly host?: string | undefined;
  readonly context?: string | undefined;
  /** Allow TCP without TLS. */
  readonly insecure?: boolean | undefined;
}

const DEFAULT_SOCKET = "/var/run/docker.sock";

/**
 * Finds the engine as the docker command does: `--host`, `--context`, DOCKER_HOST, DOCKER_CONTEXT,
 * the current context of ~/.docker/config.json, else the local socket.
 * @throws {UsageError} for an address that cannot be meant. @throws {InputError} for a broken context.
 */
export async function findEndpoint(
  world: EndpointWorld,
  options: EndpointOptions = {},
): Promise<Endpoint> {
  if (options.host !== undefined && options.context !== undefined) {
    throw new UsageError("Give --host or --context, not both");
  }
  if (options.host !== undefined) return await addressed(world, options.host, options);
  const host = world.env("DOCKER_HOST");
  if (options.context === undefined && host) return await addressed(world, host, options);
  const context = options.context ?? (world.env("DOCKER_CONTEXT") || await currentContext(world));
  if (context === "default" || context === "") {
    return { kind: "unix", path: DEFAULT_SOCKET };
  }
  return await fromContext(world, context, options);
}

/** The endpoint as the user would write it; holds no secret. */
export function endpointText(endpoint: Endpoint): string {
  if (endpoint.kind === "unix") return `unix://${endpoint.path}`;
  if (endpoint.kind === "tcp") return `tcp://${endpoint.host}`;
  return `ssh://${endpoint.target}${endpoint.port === null ? "" : `:${endpoint.port}`}`;
}

async function addressed(
  world: EndpointWorld,
  address: string,
  options: EndpointOptions,
): Promise<Endpoint> {
  const parsed = parseAddress(address);
  if (parsed.kind !== "tcp") return parsed;
  const wantsTls = world.env("DOCKER_TLS_VERIFY") || world.env("DOCKER_TLS");
  if (!wantsTls) return plainTcp(parsed.host, options);
  const folder = world.env("DOCKER_CERT_PATH") || configFolder(world);
  const tls = await readTls(world, folder);
  if (tls === null) {
    throw new InputError(
      `No ca.pem, cert.pem or key.pem in ${folder}: set DOCKER_CERT_PATH to their folder`,
    );
  }
  return { kind: "tcp", host: parsed.host, tls };
}

function parseAddress(address: string): Endpoint {
  // Whoever can put a space or an option there would choose what ssh runs.
  const match = /^(unix|tcp|ssh|npipe|fd|http|https):\/\/(.*)$/.exec(address);
  if (match === null || /[\s\p{Cc}]/u.test(address)) {
    throw new UsageError(
      "The engine's address must be unix:///PATH, tcp://HOST:PORT or ssh://[USER@]HOST[:PORT]",
    );
  }
  const [, scheme, rest] = match as unknown as [string, string, string];
  if (scheme === "unix") {
    if (!rest.startsWith("/")) throw new UsageError("unix:// takes an absolute path: unix:///PATH");
    return { kind: "unix", path: rest };
  }
  if (scheme === "tcp") {
    const host = /^([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(:\d{1,5})?\/?$/.exec(rest);
    if (host === null) throw new UsageError("tcp:// takes HOST:PORT, without user or path");
    checkPort(host[2]?.slice(1));
    return { kind: "tcp", host: `${host[1]}${host[2] ?? ":2376"}`, tls: null };
  }
  if (scheme === "ssh") return sshEndpoint(rest);
  throw new UsageError(`Engines are reached by unix, tcp or ssh, not ${scheme}`);
}

/**
 * Reads [USER@]HOST[:PORT].
 * @throws {UsageError} for anything else, and so for what ssh would take for an option.
 */
export function sshEndpoint(text: string): SshEndpoint {
  const target =
    /^((?:[A-Za-z0-9_][A-Za-z0-9._-]*@)?(?:[A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9a-fA-F:]+\]))(?::(\d{1,5}))?\/?$/
      .exec(text);
  if (target === null) {
    throw new UsageError("ssh:// takes [USER@]HOST[:PORT]; ssh itself handles keys and passwords");
  }
  checkPort(target[2]);
  return { kind: "ssh", target: target[1]!, port: target[2] ?? null };
}

function checkPort(port: string | undefined): void {
  if (port === undefined || (Number(port) >= 1 && Number(port) <= 65535)) return;
  throw new UsageError(`A port is a number from 1 to 65535: ${port}`);
}

function plainTcp(host: string, options: EndpointOptions): Endpoint {
  if (options.insecure !== true) {
    throw new UsageError(
      `tcp://${host} without TLS gives everybody on the network root: set DOCKER_TLS_VERIFY=1 and ` +
        "DOCKER_CERT_PATH, use ssh://, or accept it by --insecure",
    );
  }
  return { kind: "tcp", host, tls: null };
}

async function currentContext(world: EndpointWorld): Promise<string> {
  const file = `${configFolder(world)}/config.json`;
  const text = await world.readText(file);
  if (text === null) return "default";
  // Another engine than the one that is meant is the worst that can come of a broken file.
  const config = parseJson(text, file);
  const name = (config as { currentContext?: unknown } | null)?.currentContext ?? "default";
  if (typeof name === "string" && typeof config === "object") return name;
  throw new InputError(`${file}: its currentContext is not the name of a context`);
}

async function fromContext(
  world: EndpointWorld,
  name: string,
  options: EndpointOptions,
): Promise<Endpoint> {
  const id = sha256(name);
  const folder = `${configFolder(world)}/contexts`;
  const text = await world.readText(`${folder}/meta/${id}/meta.json`);
  if (text === null) {
    throw new InputError(`No Docker context of this name: list them by \`docker context ls\``);
  }
  const file = `${folder}/meta/${id}/meta.json`;
  const meta = parseJson(text, file) as {
    Endpoints?: { docker?: { Host?: unknown; SkipTLSVerify?: unknown } };
  } | null;
  const docker = meta?.Endpoints?.docker;
  if (typeof docker?.Host !== "string") {
    throw new InputError(`${file}: names no Docker endpoint`);
  }
  const parsed = parseAddress(docker.Host);
  if (parsed.kind !== "tcp") return parsed;
  if (docker.SkipTLSVerify === true) {
    throw new InputError(
      "The Docker context skips TLS verification: create it again with its ca.pem",
    );
  }
  const tls = await readTls(world, `${folder}/tls/${id}/docker`);
  return tls === null ? plainTcp(parsed.host, options) : { ...parsed, tls };
}

async function readTls(world: EndpointWorld, folder: string): Promise<TlsFiles | null> {
  const [ca, cert, key] = await Promise.all(
    ["ca.pem", "cert.pem", "key.pem"].map((name) => world.readText(`${folder}/${name}`)),
  );
  if (ca === undefined || cert === undefined || key === undefined) return null;
  if (ca === null && cert === null && key === null) return null;
  if (ca === null) {
    throw new InputError(`No ca.pem in ${folder}: without it the engine cannot be verified`);
  }
  return { ca, cert, key };
}

function configFolder(world: EndpointWorld): string {
  return world.env("DOCKER_CONFIG") || `${world.env("HOME") ?? ""}/.docker`;
}
