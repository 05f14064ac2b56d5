/** A node of a real Swarm that a placement's node is mapped to. */
export interface SwarmNode {
  /** `node.hostname`, by which services are pinned. */
  readonly hostname: string;
  /** Slots that may be used, as the plan counts them. */
  readonly capacity: number;
  /** Labels of the node (`node.labels.*`). */
  readonly labels: Readonly<Record<string, string>>;
}
