import { EngineUnreachableError } from "../errors.ts";
import { type Endpoint, endpointText } from "./endpoint.ts";
import { openSshRelay } from "./ssh.ts";

/** A way to one engine. */
export interface Transport {
  /** What the user calls it. */
  readonly name: string;
  /** Sends one request; the path starts with a slash. */
  send(path: string, init: RequestInit): Promise<Response>;
  close(): void;
}

/**
 * Opens the way to an engine; nothing is sent yet.
 * @param ssh The program for endpoints behind ssh.
 * @throws {EngineUnreachableError} if Deno has no permission for it.
 */
export function openTransport(endpoint: Endpoint, ssh = "ssh"): Transport {
  const name = endpointText(endpoint);
  const tls = endpoint.kind === "tcp" ? endpoint.tls : null;
  const relay = endpoint.kind === "ssh" ? openSshRelay(endpoint, ssh) : null;
  const socket = endpoint.kind === "unix" ? endpoint.path : relay?.path;
  let client: Deno.HttpClient;
  try {
    client = socket !== undefined
      ? openAlone(
        { NO_PROXY: null, no_proxy: null },
        { proxy: { transport: "unix", path: socket } },
      )
      : tls === null
      ? Deno.createHttpClient({})
      : openAlone({ DENO_TLS_CA_STORE: "," }, {
        caCerts: [tls.ca],
        ...(tls.cert !== null && tls.key !== null ? { cert: tls.cert, key: tls.key } : {}),
      });
  } catch (error) {
    relay?.close();
    throw unreachable(name, error);
  }
  const base = endpoint.kind === "tcp"
    ? `${tls === null ? "http" : "https"}://${endpoint.host}`
    : "http://docker";
  return {
    name,
    async send(path, init) {
      let response: Response;
      try {
        response = await fetch(base + path, { ...init, client, redirect: "manual" });
      } catch (error) {
        if (init.signal?.aborted) throw error;
        throw unreachable(name, error, relay?.complaint());
      }
      if (response.status < 300 || response.status > 399) return response;
      await response.body?.cancel();
      throw new EngineUnreachableError(
        `${name}: answers with a redirect, which no Docker engine does: nothing was sent`,
      );
    },
    close() {
      client.close();
      relay?.close();
    },
  };
}

/**
 * Opens a client under other environment variables, null = unset, and puts them back. What Deno takes from the
 * environment cannot be said of one client: NO_PROXY would lead past a socket to whatever listens at the name, and
 * the store of certificates would be trusted beside the CA that is given.
 */
function openAlone(
  variables: Readonly<Record<string, string | null>>,
  options: Deno.CreateHttpClientOptions,
): Deno.HttpClient {
  const put = (name: string, value: string | null | undefined): void =>
    value === null || value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
  const before = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const);
  try {
    for (const [name, value] of Object.entries(variables)) put(name, value);
    return Deno.createHttpClient(options);
  } finally {
    for (const [name, value] of before) put(name, value);
  }
}

function unreachable(name: string, error: unknown, complaint?: string): EngineUnreachableError {
  return new EngineUnreachableError(`${name}: ${explanation(error, complaint)}`, { cause: error });
}

function explanation(error: unknown, complaint?: string): string {
  if (error instanceof Deno.errors.NotCapable) {
    return "Deno was started without the permission for it: use `deno task cluster`";
  }
  if (complaint) return `ssh said: ${complaint}`;
  const text = causes(error);
  if (/permission denied|os error 13/i.test(text)) {
    return "no permission for the Docker socket: run as root or as a member of the group docker";
  }
  if (/no such file|os error 2\)/i.test(text)) {
    return "no Docker engine listens there: start it, or set --host or DOCKER_HOST";
  }
  if (/refused|os error 111/i.test(text)) {
    return "nothing answers there: check that the Docker engine runs";
  }
  if (/certificate|tls|handshake/i.test(text)) {
    return "the TLS certificates do not fit: check DOCKER_CERT_PATH";
  }
  return "the connection to the Docker engine broke";
}

function causes(error: unknown): string {
  let text = "";
  for (let at: unknown = error; at instanceof Error; at = at.cause) text += `${at.message} `;
  return text;
}
