/** An index into a list of apps. */
export type AppIndex = number;

/**
 * What a placement must keep besides demand and capacity. All rules are closed downwards: taking a
 * container away never breaks one, so every scheduler may build a placement container by container.
 */
export interface Rules {
  /** Per app: most containers of it on one node; null = no limit. Length = apps, or empty = no limits. */
  readonly maxPerNode: readonly (number | null)[];
  /** Pairs of different apps that may not share a node. */
  readonly apart: readonly (readonly [AppIndex, AppIndex])[];
  /** Indices of nodes that take no container. */
  readonly fencedNodes: readonly number[];
}

/** No rule at all. */
export const NO_RULES: Rules = Object.freeze({ maxPerNode: [], apart: [], fencedNodes: [] });

/** True if the rules limit what a node may hold (as opposed to which nodes may be used). */
export function restrictsConfigurations(rules: Rules): boolean {
  return rules.apart.length > 0 || rules.maxPerNode.some((limit) => limit !== null);
}

/**
 * True if one node may hold this configuration under the rules (capacity is not looked at).
 * @param counts Containers of each app; read from `offset`, as many as there are apps.
 */
export function allowsConfiguration(
  rules: Rules,
  counts: ArrayLike<number>,
  offset: number = 0,
): boolean {
  for (let app = 0; app < rules.maxPerNode.length; app++) {
    const limit = rules.maxPerNode[app];
    if (limit !== null && limit !== undefined && counts[offset + app]! > limit) return false;
  }
  return rules.apart.every(([a, b]) => counts[offset + a] === 0 || counts[offset + b] === 0);
}
