/** What an observation says besides the counts of the groups that can be chosen. */
export interface ObservationStyle {
  /** How the arriving app is said: its index as one number, or a one-hot vector. */
  readonly app: "index" | "one-hot";
  /** Whether the counts still to come follow (the arriving container already taken off). */
  readonly remaining: boolean;
}

/** What the sub-schedulers of 2020 see: 3 x 7 counts, the app's index, 7 counts still to come = 29 numbers. */
export const SUB_OBSERVATION: ObservationStyle = { app: "index", remaining: true };

/** What high level, Vanilla RL and DC of 2020 see: counts and the app as a one-hot vector. */
export const HIGH_OBSERVATION: ObservationStyle = { app: "one-hot", remaining: false };

/** Numbers of an observation of `groups` groups and `apps` apps. */
export function observationSize(style: ObservationStyle, groups: number, apps: number): number {
  return groups * apps + (style.app === "index" ? 1 : apps) + (style.remaining ? apps : 0);
}

/** What there is to observe before a choice. */
export interface ObservedChoice {
  /** Containers of each app in each group that can be chosen: groups x apps. */
  readonly counts: readonly (readonly number[])[];
  /** The arriving app. */
  readonly app: number;
  /** Containers still to come, the arriving one included. Length = apps. */
  readonly remaining: readonly number[];
}

/**
 * Writes an observation: for each group its counts with the arriving app raised by one, then the app, then
 * the remaining counts. Groups that do not exist (fewer than `groups`) stay 0.
 * @param target Length = observationSize(style, groups, apps); must be 0 beforehand.
 */
export function writeObservation(
  style: ObservationStyle,
  choice: ObservedChoice,
  groups: number,
  target: Float32Array,
): void {
  const { counts, app, remaining } = choice;
  const apps = remaining.length;
  counts.forEach((row, group) => {
    target.set(row, group * apps);
    target[group * apps + app]!++;
  });
  let at = groups * apps;
  if (style.app === "index") target[at++] = app;
  else {
    target[at + app] = 1;
    at += apps;
  }
  if (!style.remaining) return;
  target.set(remaining, at);
  target[at + app]!--;
}

/**
 * Which leaf each leaf is shown as and chosen as, as in 2020: an available leaf is itself, the k-th unavailable
 * one is the k-th available one (cycling).
 * @returns Length = available.length; empty if no leaf is available.
 */
export function shownLeaves(available: readonly boolean[]): number[] {
  const open = available.flatMap((isOpen, leaf) => isOpen ? [leaf] : []);
  if (open.length === 0) return [];
  let order = 0;
  return available.map((isOpen, leaf) => isOpen ? leaf : open[order++ % open.length]!);
}
