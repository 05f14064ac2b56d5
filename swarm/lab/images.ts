import { labEngine } from "./engines.ts";
import { labNodes, type LabPlan } from "./layout.ts";

/**
 * Copies an image from one node of a lab to all others: a lab has no registry.
 * @param from Name of a node that has it. @default "n1"
 */
export async function copyImage(plan: LabPlan, reference: string, from = "n1"): Promise<void> {
  const nodes = labNodes(plan);
  const source = await labEngine(nodes.find(({ name }) => name === from) ?? nodes[0]!);
  try {
    for (const node of nodes.filter(({ name }) => name !== from)) {
      const engine = await labEngine(node);
      try {
        await engine.loadImage(await source.saveImage(reference));
      } finally {
        engine.close();
      }
    }
  } finally {
    source.close();
  }
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
