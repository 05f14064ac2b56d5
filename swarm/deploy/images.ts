import { InputError } from "../../domain/mod.ts";
import type { Engine, ServiceBody } from "../engine/engine.ts";
import { EngineError, oneLine } from "../errors.ts";
import type { Change } from "./changes.ts";

/** Images that are looked for at once. */
const AT_ONCE = 4;

/**
 * Looks for the images of what is new, before anything is changed: on the manager, else in their registry. An image
 * that the registry does not have is refused. Where nobody can tell (no registry in reach, a private one, a proxy
 * that lets no such call through), that is said, and Swarm finds out.
 * @param note Told about images that nobody could tell about.
 * @throws {InputError} naming the images that are nowhere.
 */
export async function checkImages(
  engine: Engine,
  changes: readonly Change[],
  note: (text: string) => void,
): Promise<void> {
  const images = [...newImages(changes)];
  const missing: string[] = [];
  const unknown: string[] = [];
  for (let first = 0; first < images.length; first += AT_ONCE) {
    const some = images.slice(first, first + AT_ONCE);
    const found = await Promise.all(some.map(([image]) => lookFor(engine, image)));
    found.forEach((answer, at) => {
      const [image, app] = some[at]!;
      if (answer === "missing") missing.push(`${image} of ${app}`);
      else if (answer !== "there") unknown.push(`${image} (${answer.reason})`);
    });
  }
  if (missing.length > 0) {
    throw new InputError(
      `Neither its registry nor this manager has the image ${
        missing.join(", ")
      }: push it, correct its name, or accept it by --force where the nodes that run it have it`,
    );
  }
  if (unknown.length > 0) {
    note(
      `Metis could not check the image ${unknown.join(", ")}: nodes must have it`,
    );
  }
}

/** Images by the app that needs them first: of services that are made, and of those that change to another image. */
function newImages(changes: readonly Change[]): Map<string, string> {
  const images = new Map<string, string>();
  for (const change of changes) {
    if (change.kind !== "create" && change.kind !== "update") continue;
    const image = imageOf(change.to.body);
    if (image === null || images.has(image)) continue;
    if (change.kind === "update" && imageOf(change.from.body) === image) continue;
    images.set(image, change.to.app);
  }
  return images;
}

function imageOf({ TaskTemplate }: ServiceBody): string | null {
  const image = (TaskTemplate["ContainerSpec"] as { Image?: unknown } | undefined)?.Image;
  return typeof image === "string" ? image : null;
}

async function lookFor(
  engine: Engine,
  image: string,
): Promise<"there" | "missing" | { readonly reason: string }> {
  try {
    if (await engine.hasImage(image)) return "there";
    return await engine.isInRegistry(image) ? "there" : "missing";
  } catch (error) {
    const reason = error instanceof EngineError ? error.reason : (error as Error).message;
    return { reason: oneLine(reason).slice(0, 120) };
  }
}
