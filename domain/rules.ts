/** An index into a list of apps. */
export type AppIndex = number;

/** How the containers of an app are spread over failure domains; null = no such limit. */
export interface Spread {
  /** Most containers in one domain. */
  readonly maxPerDomain: number | null;
  /** Fewest domains that hold one; only where the demand has containers. */
  readonly minDomains: number | null;
  /** Most that the fullest domain may hold above the emptiest, among those that could hold one. */
  readonly maxSkew: number | null;
}

/**
 * What a placement must keep besides demand, slots and resources. `maxPerNode`, `apart`, `fencedNodes` and `require` are
 * closed downwards: taking a container away never breaks them. `together` and `spread` are not; what builds step by step
 * keeps them at every step, by the order of the apps (see placingOrder) and of the domains (see DomainBook).
 */
export interface Rules {
  /** Per app: most containers of it on one node; null = no limit. Length = apps, or empty = no limits. */
  readonly maxPerNode: readonly (number | null)[];
  /** Pairs of different apps that may not share a node. */
  readonly apart: readonly (readonly [AppIndex, AppIndex])[];
  /** Indices of nodes that take no container. */
  readonly fencedNodes: readonly number[];
  /** Pairs [a, b]: every node that holds an a holds at least one b. @default none */
  readonly together?: readonly (readonly [AppIndex, AppIndex])[];
  /** Per app: labels that its nodes must have; null = any node. Length = apps, or empty. @default any node */
  readonly require?: readonly (Readonly<Record<string, string>> | null)[];
  /** Per app: how it is spread over failure domains; null = as it comes. Length = apps, or empty. @default as it comes */
  readonly spread?: readonly (Spread | null)[];
}

/** No rule at all. */
export const NO_RULES: Rules = Object.freeze({ maxPerNode: [], apart: [], fencedNodes: [] });

/** True if the rules limit what a node may hold (as opposed to which nodes may be used). */
export function restrictsConfigurations(rules: Rules): boolean {
  return rules.apart.length > 0 || rules.maxPerNode.some((limit) => limit !== null) ||
    (rules.together ?? []).length > 0;
}

/** True if the rules say something about failure domains. */
export function spreadsOverDomains({ spread = [] }: Rules): boolean {
  return spread.some((one) => one !== null);
}

/**
 * True if one node may hold this configuration under the rules (slots, resources and labels are not looked at).
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
  return rules.apart.every(([a, b]) => counts[offset + a] === 0 || counts[offset + b] === 0) &&
    (rules.together ?? []).every(([a, b]) => counts[offset + a] === 0 || counts[offset + b]! > 0);
}
