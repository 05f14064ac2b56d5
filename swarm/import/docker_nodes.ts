/**
 * The nodes of a Swarm, as `docker node inspect` prints them.
 * @module
 */
import * as v from "valibot";
import { InputError, parseJson, type Resources } from "../../domain/mod.ts";
import { labelsOfNode } from "../engine/node_labels.ts";
import type { ImportedNode } from "./imported.ts";

const texts = v.optional(v.nullable(v.record(v.string(), v.string())));
const discrete = v.object({
  DiscreteResourceSpec: v.optional(v.object({ Kind: v.string(), Value: v.number() })),
});

const nodesSchema = v.array(v.object({
  Spec: v.object({
    Labels: texts,
    Role: v.optional(v.string()),
    Availability: v.optional(v.string(), "active"),
  }),
  Description: v.object({
    Hostname: v.string(),
    Platform: v.optional(v.object({
      Architecture: v.optional(v.string()),
      OS: v.optional(v.string()),
    })),
    Resources: v.object({
      NanoCPUs: v.optional(v.number()),
      MemoryBytes: v.optional(v.number()),
      GenericResources: v.optional(v.nullable(v.array(discrete))),
    }),
    Engine: v.optional(v.object({ Labels: texts })),
  }),
  Status: v.optional(v.object({ State: v.optional(v.string(), "ready") })),
}));

/**
 * Reads what `docker node inspect` prints of nodes.
 * @param slots Slots of each node; null leaves them to the resources.
 * @param domainLabel Label whose value is the failure domain of a node.
 * @throws {InputError} naming file and place, and the command that makes such a file.
 */
export function importDockerNodes(
  text: string,
  file: string,
  slots: number | null,
  domainLabel: string | null,
): ImportedNode[] {
  const result = v.safeParse(nodesSchema, parseJson(text, file));
  if (!result.success) {
    const place = v.getDotPath(result.issues[0]);
    throw new InputError(
      `${file}: ${place === null ? "" : `${place}: `}is not what ` +
        "`docker node inspect $(docker node ls -q)` prints",
    );
  }
  return result.output.map((node) => {
    const { Spec, Description, Status } = node;
    const labels = labelsOfNode(node);
    return {
      name: Description.Hostname,
      slots,
      resources: resourcesOf(Description.Resources),
      labels,
      domain: domainLabel === null ? null : labels[domainLabel] ?? null,
      fenced: Spec.Availability !== "active" || (Status?.State ?? "ready") !== "ready",
    };
  });
}

type Inspected = v.InferOutput<typeof nodesSchema>[number];

function resourcesOf(
  { NanoCPUs = 0, MemoryBytes = 0, GenericResources }: Inspected["Description"]["Resources"],
): Resources {
  const generic = (GenericResources ?? []).flatMap(({ DiscreteResourceSpec: one }) =>
    one === undefined ? [] : [[one.Kind, one.Value] as const]
  );
  return { cpu: NanoCPUs / 1e9, memory: MemoryBytes, ...Object.fromEntries(generic) };
}
