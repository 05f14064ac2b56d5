/**
 * What names may look like. They come from files of others and end in labels, constraints, service
 * names and on terminals, so everything that could mean more than a name is refused.
 * @module
 */
import { createHash } from "node:crypto";
import { InputError, UsageError } from "../domain/errors.ts";
import { reservedProblem } from "../domain/reserved_names.ts";
import { oneLine } from "./errors.ts";

const APP = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;
const HOST = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;
const STACK = /^[a-z0-9][a-z0-9_-]{0,29}$/;
const IMAGE =
  /^([A-Za-z0-9][A-Za-z0-9.-]*(:\d{1,5})?\/)?[a-z0-9]+([._-]+[a-z0-9]+)*(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?$/;

/** @throws {InputError} if an app cannot be called so. @param place File and field. */
export function checkAppName(name: string, place: string): string {
  const reserved = reservedProblem(name);
  if (reserved !== null) throw new InputError(`${place}: ${reserved}`);
  if (APP.test(name)) return name;
  throw new InputError(
    `${place}: an app's name must be letters, digits, dots, dashes and underscores, at most 63: ` +
      shown(name),
  );
}

/** @throws {InputError} if a node cannot be called so. */
export function checkHostName(name: string, place: string): string {
  if (HOST.test(name)) return name;
  throw new InputError(`${place}: not the host name of a node: ${shown(name)}`);
}

/** @throws {UsageError} if a stack cannot be called so. */
export function checkStackName(name: string): string {
  if (STACK.test(name)) return name;
  throw new UsageError(
    `A stack's name must be small letters, digits, dashes and underscores, at most 30: ${
      shown(name)
    }`,
  );
}

/** @throws {InputError} if it is not the name of an image. */
export function checkImage(reference: string, place: string): string {
  if (IMAGE.test(reference) && reference.length <= 255) return reference;
  throw new InputError(`${place}: not the name of an image: ${shown(reference)}`);
}

/** The image as the docker command names it: shortest, and with its tag. */
export function taggedImage(reference: string): string {
  const short = reference.replace(/^(index\.)?docker\.io\//, "").replace(
    /^library\/(?=[^/]+$)/,
    "",
  );
  return /:[^/]*$|@/.test(short) || /^[0-9a-f]{64}$/.test(short) ? short : `${short}:latest`;
}

/** The name of a service: STACK_APP-NODE, or a hashed one where that is not a name that Swarm takes. */
export function serviceName(
  stack: string,
  app: string,
  node: string,
  slot?: number,
): string {
  const plain = `${stack}_${app}-${node}${slot === undefined ? "" : `-${slot}`}`;
  if (plain.length <= 63 && /^[A-Za-z0-9]+([-_]+[A-Za-z0-9]+)*$/.test(plain)) return plain;
  // Different pairs may look alike once cleaned: the hash keeps them apart.
  const hash = sha256(JSON.stringify([app, node, slot ?? null]));
  const clean = plain.replace(/[^A-Za-z0-9]+/g, "-").slice(stack.length + 1, 50);
  return `${stack}_${clean.replace(/^-+|-+$/g, "")}-${hash.slice(0, 8)}`
    .replace(/_-+/, "_");
}

/** SHA-256 of text, in hexadecimal. */
export function sha256(text: string | Uint8Array): string {
  return createHash("sha256").update(text).digest("hex");
}

function shown(name: string): string {
  return JSON.stringify(oneLine(name).slice(0, 80));
}
