/**
 * What services draw on: networks, volumes, configs and secrets as a stack file defines them. Each service holds the
 * definitions of what it uses, so that it can be deployed without the rest of the file.
 * @module
 */
import { sha256 } from "../names.ts";
import type { WrittenFile, WrittenNetwork, WrittenVolume } from "./compose_schema.ts";
import { namedPairs } from "./short_forms.ts";

/** What all of them have. */
export interface Definition {
  /** Its name in the file. */
  readonly key: string;
  /** Made by others: it is used, never made. */
  readonly external: boolean;
  /** The name that it has in the Swarm, where it is not the stack's name and the key. */
  readonly name: string | null;
  readonly labels: Readonly<Record<string, string>>;
}

/** A network. */
export interface NetworkDefinition extends Definition {
  readonly driver: string | null;
  readonly driverOptions: Readonly<Record<string, string>>;
  readonly attachable: boolean;
  readonly internal: boolean;
  readonly ipam: { readonly driver: string | null; readonly subnets: readonly string[] } | null;
}

/** A volume: the engine makes it on the nodes that lack it. */
export interface VolumeDefinition extends Definition {
  readonly driver: string | null;
  readonly driverOptions: Readonly<Record<string, string>>;
}

/** A config or a secret. */
export interface FileDefinition extends Definition {
  /** Where its contents are, absolute; null if it is external. */
  readonly file: string | null;
  /** In base64; null if it is external. */
  readonly data: string | null;
  readonly templateDriver: string | null;
}

/** Name of what runs for a stack under a name of its file, as Docker makes it. */
export function scopedName(stack: string, { key, name, external }: Definition): string {
  return name ?? (external ? key : `${stack}_${key}`);
}

/**
 * Name of a config or a secret in the Swarm. Swarm never changes the contents of one, so the name of what comes from a
 * file ends in a hash of them: other contents make another, and its services get it by an update.
 */
export function fileName(stack: string, definition: FileDefinition): string {
  const name = scopedName(stack, definition);
  const { external, data, templateDriver } = definition;
  if (external) return name;
  // Names have at most 64 characters.
  return `${name.slice(0, 51)}-${sha256(JSON.stringify([data, templateDriver])).slice(0, 12)}`;
}

/** What stands for a name that the file does not define: the one that is in the Swarm. */
export function undefinedHere(key: string): Definition {
  return { key, external: true, name: null, labels: {} };
}

/** A network, written out. */
export function networkOf(key: string, written: WrittenNetwork): NetworkDefinition {
  const { ipam } = written;
  return {
    ...definitionOf(key, written),
    ...driverOf(written),
    attachable: written.attachable === true,
    internal: written.internal === true,
    ipam: ipam === undefined ? null : {
      driver: ipam.driver ?? null,
      subnets: (ipam.config ?? []).flatMap(({ subnet }) => subnet === undefined ? [] : [subnet]),
    },
  };
}

/** A volume, written out. */
export function volumeOf(key: string, written: WrittenVolume): VolumeDefinition {
  return { ...definitionOf(key, written), ...driverOf(written) };
}

/** A config or a secret, written out. @param file Its absolute path. @param contents Null if it is not known. */
export function fileOf(
  key: string,
  written: WrittenFile,
  file: string | null,
  contents: Uint8Array | null,
): FileDefinition {
  return {
    ...definitionOf(key, written),
    file,
    data: contents === null ? null : contents.toBase64(),
    templateDriver: written.template_driver ?? null,
  };
}

function definitionOf(
  key: string,
  { external, name, labels }: Pick<WrittenVolume, "external" | "name" | "labels">,
): Definition {
  const old = typeof external === "object" ? external.name : undefined;
  return {
    key,
    external: external === true || typeof external === "object",
    name: name ?? old ?? null,
    labels: namedPairs(labels),
  };
}

function driverOf(
  { driver, driver_opts }: Pick<WrittenVolume, "driver" | "driver_opts">,
): Pick<VolumeDefinition, "driver" | "driverOptions"> {
  return { driver: driver ?? null, driverOptions: namedPairs(driver_opts ?? {}) };
}
