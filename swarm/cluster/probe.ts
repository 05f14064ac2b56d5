import type { SshEndpoint } from "../engine/endpoint.ts";
import { ClusterError } from "../errors.ts";
import { nameOf, runThere } from "./machine.ts";
import { PROBE } from "./scripts.ts";

/** What a machine is, before anything is changed. */
export interface Facts {
  /** What the user calls it. */
  readonly name: string;
  /** The way to it, as root. */
  readonly machine: SshEndpoint;
  /** Its host name, by which services are pinned to it. */
  readonly host: string;
  /** The address by which the others reach it. */
  readonly address: string;
  /** Its engine: none, one that does not answer, or one that does. */
  readonly engine: "none" | "silent" | "answers";
  /** Whether the user may use the engine without sudo, as `DOCKER_HOST=ssh://` does. */
  readonly isOpen: boolean;
}

/**
 * Looks at a machine; changes nothing.
 * @param networkInterface By which the others reach it; null for the address that ssh came to.
 * @throws {ClusterError} if it cannot be reached or used.
 */
export async function probe(
  machine: SshEndpoint,
  networkInterface: string | null,
  signal?: AbortSignal,
): Promise<Facts> {
  const words = [networkInterface ?? ""];
  return readFacts(machine, await runThere(machine, { script: PROBE, words, signal }));
}

/** What the answer to {@link PROBE} says. @throws {ClusterError} if the machine cannot be used. */
export function readFacts(machine: SshEndpoint, answer: string): Facts {
  const name = nameOf(machine);
  const said = [...answer.matchAll(/^metis (\w+)=(.*)$/gm)].map(([, key, value]) => [key, value]);
  const all = (key: string) => said.filter((one) => one[0] === key).map((one) => one[1]!);
  const [host = "", root, address = ""] = ["host", "root", "address"].map((key) => all(key)[0]);
  const engines = all("engine");
  const engine = engines.includes("answers")
    ? "answers"
    : engines.includes("installed")
    ? "silent"
    : "none";
  if (host === "") throw new ClusterError(`${name}: it has no shell that runs scripts (sh -s)`);
  if (root === undefined) {
    throw new ClusterError(
      `${name}: an engine needs root: connect as root, or let the user run sudo without a password`,
    );
  }
  if (!/^[0-9a-fA-F.:]+$/.test(address)) {
    throw new ClusterError(`${name}: it has no address there: --interface names one of its own`);
  }
  if (engine === "none" && !all("packages").includes("apt")) {
    throw new ClusterError(
      `${name}: it has no engine, and no apt-get to install one: install Docker there, and run this again`,
    );
  }
  const { sudo: _, ...way } = machine;
  return {
    name,
    machine: root === "sudo" ? { ...way, sudo: true } : way,
    host,
    address,
    engine,
    isOpen: engines.includes("open"),
  };
}

/** @throws {ClusterError} if two machines have one host name, or are one machine. */
export function checkHostNames(machines: readonly Facts[]): void {
  for (const [at, { host, name }] of machines.entries()) {
    const same = machines.slice(at + 1).find((other) => other.host === host);
    if (same === undefined) continue;
    throw new ClusterError(
      `${name} and ${same.name} are both called ${host}, and plans know nodes by that name: name one machine once, ` +
        "or rename one by hostnamectl set-hostname",
    );
  }
}
