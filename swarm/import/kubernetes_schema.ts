/**
 * What is looked at of `kubectl get nodes,pods -o json`.
 * @module
 */
import * as v from "valibot";

const texts = v.optional(v.nullable(v.record(v.string(), v.string())), {});
const amounts = v.optional(v.nullable(v.record(v.string(), v.union([v.string(), v.number()]))), {});

const metadata = v.object({
  name: v.string(),
  namespace: v.optional(v.string(), "default"),
  labels: texts,
  ownerReferences: v.optional(
    v.array(
      v.object({
        kind: v.string(),
        name: v.string(),
        controller: v.optional(v.boolean()),
      }),
    ),
    [],
  ),
});

const selector = v.optional(v.nullable(v.object({
  matchLabels: texts,
  matchExpressions: v.optional(v.array(v.unknown()), []),
})));

const term = v.object({
  labelSelector: selector,
  topologyKey: v.string(),
  namespaces: v.optional(v.array(v.string())),
  namespaceSelector: v.optional(v.unknown()),
});
const between = v.optional(v.nullable(v.object({
  requiredDuringSchedulingIgnoredDuringExecution: v.optional(v.array(term), []),
  preferredDuringSchedulingIgnoredDuringExecution: v.optional(v.array(v.unknown()), []),
})));

const container = v.object({
  resources: v.optional(
    v.object({ requests: amounts, limits: amounts }),
    {},
  ),
  restartPolicy: v.optional(v.string()),
});

const nodeSelectorTerm = v.object({
  matchExpressions: v.optional(
    v.array(v.object({
      key: v.string(),
      operator: v.string(),
      values: v.optional(v.array(v.string()), []),
    })),
    [],
  ),
  matchFields: v.optional(v.array(v.unknown()), []),
});

/** A pod. */
export const podSchema = v.object({
  kind: v.literal("Pod"),
  metadata,
  spec: v.object({
    nodeName: v.optional(v.string()),
    containers: v.array(container),
    initContainers: v.optional(v.array(container), []),
    overhead: amounts,
    nodeSelector: texts,
    affinity: v.optional(v.nullable(v.object({
      nodeAffinity: v.optional(v.nullable(v.object({
        requiredDuringSchedulingIgnoredDuringExecution: v.optional(
          v.object({ nodeSelectorTerms: v.array(nodeSelectorTerm) }),
        ),
        preferredDuringSchedulingIgnoredDuringExecution: v.optional(v.array(v.unknown()), []),
      }))),
      podAffinity: between,
      podAntiAffinity: between,
    }))),
    tolerations: v.optional(
      v.nullable(v.array(v.object({
        key: v.optional(v.string()),
        operator: v.optional(v.string(), "Equal"),
        value: v.optional(v.string(), ""),
        effect: v.optional(v.string()),
      }))),
      [],
    ),
    topologySpreadConstraints: v.optional(
      v.array(v.object({
        maxSkew: v.number(),
        topologyKey: v.string(),
        whenUnsatisfiable: v.string(),
        minDomains: v.optional(v.number()),
        labelSelector: selector,
      })),
      [],
    ),
  }),
  status: v.optional(v.object({ phase: v.optional(v.string(), "Running") }), {}),
});

/** A node. */
export const nodeSchema = v.object({
  kind: v.literal("Node"),
  metadata,
  spec: v.optional(
    v.object({
      unschedulable: v.optional(v.boolean(), false),
      taints: v.optional(
        v.array(v.object({
          key: v.string(),
          value: v.optional(v.string(), ""),
          effect: v.string(),
        })),
        [],
      ),
    }),
    {},
  ),
  status: v.object({
    allocatable: amounts,
    conditions: v.optional(v.array(v.object({ type: v.string(), status: v.string() })), []),
  }),
});

/** A list of nodes and pods; others are passed over. */
export const listSchema = v.object({
  items: v.array(v.variant("kind", [podSchema, nodeSchema, v.object({ kind: v.string() })])),
});

/** A pod, checked. */
export type Pod = v.InferOutput<typeof podSchema>;
/** A node, checked. */
export type KubernetesNode = v.InferOutput<typeof nodeSchema>;
