/**
 * A service with the definitions of what it draws on.
 * @module
 */
import {
  type FileDefinition,
  type NetworkDefinition,
  undefinedHere,
  type VolumeDefinition,
} from "./definitions.ts";
import type { Definitions } from "./part.ts";
import { type LongService, restartPolicy } from "./short_forms.ts";

/** Name of the network of services that name none. */
const DEFAULT_NETWORK = "default";

/** A service of a stack file, checked, its short forms written out. */
export type ComposeService = ReturnType<typeof resolveService>;

/**
 * Joins a service and the definitions of its file. What the file does not define is external: it is in the Swarm.
 * @param defaultNetwork True if a service that names no network is on the stack's own.
 */
export function resolveService(
  service: LongService & { readonly image: string },
  definitions: Definitions,
  { defaultNetwork }: { readonly defaultNetwork: boolean },
) {
  const uses = service.networks.length === 0 && defaultNetwork
    ? [{ key: DEFAULT_NETWORK, aliases: [], driverOptions: {} }]
    : service.networks;
  const { restart, deploy, ...rest } = service;
  const policy = deploy.restart_policy ?? restartPolicy(restart);
  return {
    ...rest,
    deploy: { ...deploy, ...(policy === undefined ? {} : { restart_policy: policy }) },
    networks: uses.map(({ key, ...use }) => ({
      ...use,
      definition: definitions.networks.get(key) ?? undefinedNetwork(key),
    })),
    volumes: service.volumes.map(({ source, ...volume }) => ({
      ...volume,
      ...(source === undefined ? {} : { source }),
      // Binds and nameless volumes have no definition.
      definition: volume.type !== "volume" || source === undefined
        ? null
        : definitions.volumes.get(source) ?? undefinedVolume(source),
    })),
    configs: service.configs.map(({ source, ...use }) => ({
      ...use,
      definition: definitions.configs.get(source) ?? undefinedFile(source),
    })),
    secrets: service.secrets.map(({ source, ...use }) => ({
      ...use,
      definition: definitions.secrets.get(source) ?? undefinedFile(source),
    })),
  };
}

function undefinedNetwork(key: string): NetworkDefinition {
  const own = key === DEFAULT_NETWORK;
  return {
    ...undefinedHere(key),
    external: !own,
    driver: null,
    driverOptions: {},
    attachable: false,
    internal: false,
    ipam: null,
  };
}

function undefinedVolume(key: string): VolumeDefinition {
  return { ...undefinedHere(key), driver: null, driverOptions: {} };
}

function undefinedFile(key: string): FileDefinition {
  return { ...undefinedHere(key), file: null, data: null, templateDriver: null };
}
