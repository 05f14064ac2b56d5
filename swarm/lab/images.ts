import type { Engine } from "../engine/engine.ts";
import { labEngine } from "./engines.ts";
import { labNodes, type LabPlan } from "./layout.ts";

/**
 * Copies images from one node of a lab to all others: a lab has no registry. Nodes that have them are left alone.
 * @param from Name of a node that has them. @default "n1"
 */
export async function copyImages(
  plan: LabPlan,
  references: readonly string[],
  from = "n1",
  tell: (text: string) => void = () => {},
): Promise<void> {
  const nodes = labNodes(plan);
  const source = await labEngine(nodes.find(({ name }) => name === from) ?? nodes[0]!);
  try {
    const wanted = await imageIds(source, references);
    for (const node of nodes.filter(({ name }) => name !== from)) {
      const engine = await labEngine(node);
      try {
        if (`${await imageIds(engine, references)}` === `${wanted}`) continue;
        tell(`Copying the images to ${node.name}`);
        await engine.loadImage(await source.saveImage(...references));
      } finally {
        engine.close();
      }
    }
  } finally {
    source.close();
  }
}

async function imageIds(engine: Engine, references: readonly string[]): Promise<(string | null)[]> {
  return await Promise.all(references.map((reference) => engine.imageId(reference)));
}

/** Makes an image of a root file system (a tar) on every node of a lab, or on the named ones. */
export async function importEverywhere(
  plan: LabPlan,
  tar: Uint8Array<ArrayBuffer>,
  reference: string,
  only?: readonly string[],
): Promise<void> {
  await Promise.all(
    labNodes(plan).filter(({ name }) => only?.includes(name) ?? true).map(async (node) => {
      const engine = await labEngine(node);
      try {
        await engine.importImage(tar, reference);
      } finally {
        engine.close();
      }
    }),
  );
}
