/** Two apps that talk to each other, and how much. */
export interface TrafficPair {
  /** Index of the one app. */
  readonly a: number;
  /** Index of the other app. */
  readonly b: number;
  /** What all their containers exchange, in any unit; above 0. */
  readonly traffic: number;
}
