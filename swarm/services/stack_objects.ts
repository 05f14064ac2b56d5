/**
 * What the services of a stack draw on in the Swarm: networks, configs and secrets. Those of the stack are made, those of
 * others must be there.
 * @module
 */
import { InputError, MetisError } from "../../domain/errors.ts";
import type { Engine, LabelFilter, NetworkBody, StoredBody } from "../engine/engine.ts";
import type { Network } from "../engine/schemas.ts";
import type { ComposeService } from "./compose.ts";
import {
  type FileDefinition,
  fileName,
  type NetworkDefinition,
  scopedName,
} from "./definitions.ts";
import { type FileIds, PREDEFINED, STACK_LABEL } from "./spec.ts";
import { addressesIn, roomySubnet, USUAL_PREFIX } from "./subnets.ts";

/** Label of what Metis made besides services. */
const OBJECT_LABEL = "io.metis.object";

const KINDS = ["secrets", "configs"] as const;
type Kind = typeof KINDS[number];

/**
 * Ids of the secrets and configs of services. One of the stack that is not there yet has none: it is made before its
 * services are.
 * @throws {InputError} naming the external ones, or networks, that the Swarm does not have.
 */
export async function existingFiles(
  engine: Engine,
  stack: string,
  services: readonly ComposeService[],
): Promise<FileIds> {
  await requireNetworks(engine, stack, services);
  const [secrets, configs] = await Promise.all(KINDS.map(async (kind) => {
    const definitions = filesOf(services, kind);
    // Proxies in front of an engine often close this call: it is made only where it is needed.
    if (definitions.length === 0) return new Map<string, string>();
    const ids = new Map((await listed(engine, kind)).map(({ ID, Spec }) => [Spec.Name, ID]));
    const missing = definitions.filter((one) => one.external).map((one) => fileName(stack, one))
      .filter((name) => !ids.has(name));
    if (missing.length === 0) return ids;
    const one = kind.slice(0, -1);
    throw new InputError(
      `The Swarm has no ${one} ${
        [...new Set(missing)].join(", ")
      }: make it by \`docker ${one} create ${missing[0]} FILE\``,
    );
  }));
  return { secrets: secrets!, configs: configs! };
}

/**
 * Makes the networks, secrets and configs of the stack that are not there yet.
 * @param needed Addresses that networks need, by name: one that has more than Swarm's usual number gets a subnet that is large
 * enough, where its file gives none.
 * @returns True if a secret or a config was made.
 */
export async function makeObjects(
  engine: Engine,
  stack: string,
  services: readonly ComposeService[],
  needed: ReadonlyMap<string, number> = new Map(),
): Promise<boolean> {
  await makeNetworks(engine, stack, services, needed);
  let hasMade = false;
  for (const kind of KINDS) {
    const own = filesOf(services, kind).filter(({ external }) => !external);
    if (own.length === 0) continue;
    const there = new Set((await listed(engine, kind)).map(({ Spec }) => Spec.Name));
    for (const [name, definition] of new Map(own.map((one) => [fileName(stack, one), one]))) {
      if (there.has(name)) continue;
      const body = fileBody(stack, name, definition);
      await (kind === "secrets" ? engine.createSecret(body) : engine.storeConfig(body));
      hasMade = true;
    }
  }
  return hasMade;
}

/**
 * Removes the networks, secrets and configs that Metis made for a stack and that these services do not draw on. What
 * others use, and what an engine does not let us remove, is left.
 */
export async function removeUnused(
  engine: Engine,
  stack: string,
  services: readonly ComposeService[],
): Promise<void> {
  const ours = { [STACK_LABEL]: stack, [OBJECT_LABEL]: "true" };
  const networks = new Set(
    services.flatMap((service) =>
      service.networks.map(({ definition }) => scopedName(stack, definition))
    ),
  );
  await leniently(async () => {
    for (const { Id, Name } of await engine.networks(ours)) {
      if (!networks.has(Name)) await leniently(() => engine.removeNetwork(Id));
    }
  });
  for (const kind of KINDS) {
    const kept = new Set(filesOf(services, kind).map((one) => fileName(stack, one)));
    await leniently(async () => {
      for (const { ID, Spec } of await listed(engine, kind, ours)) {
        if (kept.has(Spec.Name)) continue;
        await leniently(() =>
          kind === "secrets" ? engine.removeSecret(ID) : engine.removeConfig(ID)
        );
      }
    });
  }
}

async function makeNetworks(
  engine: Engine,
  stack: string,
  services: readonly ComposeService[],
  needed: ReadonlyMap<string, number>,
): Promise<void> {
  const wanted = networksOf(stack, services).filter(([, { external }]) => !external);
  if (wanted.length === 0) return;
  const there = await engine.networks();
  const names = new Set(there.map(({ Name }) => Name));
  const taken = there.flatMap(subnetsOf);
  for (const [name, definition] of new Map(wanted)) {
    if (names.has(name)) continue;
    const count = needed.get(name) ?? 0;
    const isLarge = definition.ipam === null && count > addressesIn(USUAL_PREFIX);
    const subnet = isLarge
      ? roomySubnet(count, [...taken, ...await addressesOfNodes(engine)])
      : null;
    if (subnet !== null) taken.push(subnet);
    const ipam = subnet === null ? definition.ipam : { driver: null, subnets: [subnet] };
    await engine.createNetwork(networkBody(stack, name, { ...definition, ipam }));
  }
}

function subnetsOf({ IPAM }: Network): string[] {
  return (IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet === undefined ? [] : [Subnet]);
}

async function addressesOfNodes(engine: Engine): Promise<string[]> {
  return (await engine.nodes()).map(({ Status }) => Status.Addr);
}

/** @throws {InputError} naming the networks of others that the Swarm does not have. */
async function requireNetworks(
  engine: Engine,
  stack: string,
  services: readonly ComposeService[],
): Promise<void> {
  const wanted = networksOf(stack, services).filter(([, { external }]) => external);
  if (wanted.length === 0) return;
  // A network of one engine is none of the Swarm.
  const there = new Set(
    (await engine.networks()).filter(({ Scope }) => Scope !== "local").map(({ Name }) => Name),
  );
  const missing = [...new Map(wanted).keys()].filter((name) => !there.has(name));
  if (missing.length === 0) return;
  throw new InputError(
    `The Swarm has no network ${
      missing.join(", ")
    }: make it by \`docker network create --driver overlay --attachable ${missing[0]}\``,
  );
}

/** Networks of services by name, but for those of the engine itself. */
function networksOf(
  stack: string,
  services: readonly ComposeService[],
): (readonly [string, NetworkDefinition])[] {
  return services.flatMap(({ networks }) => networks)
    .map(({ definition }) => [scopedName(stack, definition), definition] as const)
    .filter(([name]) => !PREDEFINED.includes(name));
}

function networkBody(stack: string, name: string, network: NetworkDefinition): NetworkBody {
  const { driver, driverOptions, attachable, internal, ipam } = network;
  return {
    Name: name,
    Driver: driver ?? "overlay",
    Labels: ownLabels(stack, network),
    Options: driverOptions,
    Attachable: attachable,
    Internal: internal,
    ...(ipam === null ? {} : {
      IPAM: {
        Driver: ipam.driver ?? "default",
        Config: ipam.subnets.map((Subnet) => ({ Subnet })),
      },
    }),
  };
}

function fileBody(stack: string, name: string, definition: FileDefinition): StoredBody {
  const { data, templateDriver } = definition;
  return {
    Name: name,
    Labels: ownLabels(stack, definition),
    Data: data ?? "",
    ...(templateDriver === null ? {} : { Templating: { Name: templateDriver } }),
  };
}

function ownLabels(
  stack: string,
  { labels }: NetworkDefinition | FileDefinition,
): Record<string, string> {
  return { ...labels, [STACK_LABEL]: stack, [OBJECT_LABEL]: "true" };
}

function filesOf(services: readonly ComposeService[], kind: Kind): FileDefinition[] {
  return services.flatMap((service) => service[kind].map(({ definition }) => definition));
}

function listed(engine: Engine, kind: Kind, labels?: LabelFilter) {
  return kind === "secrets" ? engine.secrets(labels) : engine.labelledConfigs(labels);
}

/** What is in use stays, as does what a proxy in front of the engine does not let through. */
async function leniently(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof MetisError)) throw error;
  }
}
