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
 * @throws {EngineUnreachableError} where Deno has no permission for it.
 */
export function openTransport(endpoint: Endpoint, ssh = "ssh"): Transport {
  const name = endpointText(endpoint);
  const tls = endpoint.kind === "tcp" ? endpoint.tls : null;
  const relay = endpoint.kind === "ssh" ? openSshRelay(endpoint, ssh) : null;
  const socket = endpoint.kind === "unix" ? endpoint.path : relay?.path;
  let client: Deno.HttpClient;
  try {
    client = Deno.createHttpClient({
      ...(socket === undefined ? {} : { proxy: { transport: "unix" as const, path: socket } }),
      ...(tls?.ca ? { caCerts: [tls.ca] } : {}),
      ...(tls?.cert && tls.key ? { cert: tls.cert, key: tls.key } : {}),
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
      try {
        return await fetch(base + path, { ...init, client });
      } catch (error) {
        if (init.signal?.aborted) throw error;
        throw unreachable(name, error, relay?.complaint());
      }
    },
    close() {
      client.close();
      relay?.close();
    },
  };
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
    return "nothing answers there: is the Docker engine running";
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
