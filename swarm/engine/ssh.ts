import type { SshEndpoint } from "./endpoint.ts";

/**
 * The words after `ssh` that lead to a machine; what it runs there comes after them. The system's program is used, so that
 * its configuration, agent and known hosts count. It asks nothing: an unknown host key is refused, as a changed one is.
 */
export function sshWords({ target, port, options = [] }: SshEndpoint): string[] {
  return [
    ...["-o", "BatchMode=yes", "-o", "ConnectTimeout=30", "-T", ...options],
    ...(port === null ? [] : ["-p", port]),
    // Brackets are for addresses in URLs: ssh takes an IPv6 address without them.
    ...["--", target.replace(/\[(.*)\]$/, "$1")],
  ];
}

/** A local socket whose connections end at an engine on the far side of ssh. */
export interface SshRelay {
  readonly path: string;
  /** The last line that ssh wrote to standard error, if any. */
  complaint(): string;
  close(): void;
}

/**
 * Opens a socket in a folder that only we can enter; each connection runs `ssh` with `docker system dial-stdio` on the far
 * side.
 */
export function openSshRelay(endpoint: SshEndpoint, program = "ssh"): SshRelay {
  const folder = Deno.makeTempDirSync({ prefix: "metis-ssh-" });
  const path = `${folder}/docker.sock`;
  const children = new Set<Deno.ChildProcess>();
  const listener = Deno.listen({ transport: "unix", path });
  let complaint = "";

  async function relay(connection: Deno.UnixConn): Promise<void> {
    const sudo = endpoint.sudo ? ["sudo", "-n"] : [];
    const child = new Deno.Command(program, {
      args: [...sshWords(endpoint), ...sudo, "docker", "system", "dial-stdio"],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    children.add(child);
    const upward = connection.readable.pipeTo(child.stdin).catch(() => {});
    const talk = new Response(child.stderr).text().then((text) => {
      complaint = text.trim().split("\n").at(-1) ?? "";
    }, () => {});
    await child.stdout.pipeTo(connection.writable).catch(() => {});
    await child.status;
    await talk;
    children.delete(child);
    await upward;
  }

  async function accept(): Promise<void> {
    try {
      for await (const connection of listener) relay(connection).catch(() => connection.close());
    } catch {
      // The listener was closed.
    }
  }
  accept();

  return {
    path,
    complaint: () => complaint,
    close() {
      listener.close();
      for (const child of children) {
        try {
          child.kill("SIGTERM");
        } catch {
          // It has ended by itself.
        }
      }
      Deno.removeSync(folder, { recursive: true });
    },
  };
}
