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

/** All that there is to see: counts, the app as a one-hot vector, and the counts still to come. */
export const FULL_OBSERVATION: ObservationStyle = { app: "one-hot", remaining: true };

/** Numbers of an observation of `groups` groups and `apps` apps. */
export function observationSize(style: ObservationStyle, groups: number, apps: number): number {
  return groups * apps + (style.app === "index" ? 1 : apps) + (style.remaining ? apps : 0);
}

/**
 * Largest value of each number of an observation.
 * @param slots Slots of all nodes together. @param groupSlots Slots of the largest group that can be chosen.
 */
export function observationBounds(
  style: ObservationStyle,
  groups: number,
  apps: number,
  slots: number,
  groupSlots: number,
): number[] {
  // A group is shown as if the arriving container were in it, even where it is full.
  const bounds = new Array<number>(groups * apps).fill(groupSlots + 1);
  if (style.app === "index") bounds.push(Math.max(0, apps - 1));
  else bounds.push(...new Array<number>(apps).fill(1));
  if (style.remaining) bounds.push(...new Array<number>(apps).fill(slots));
  return bounds;
}

/** What there is to observe before a choice, beside the counts of the groups. */
export interface ObservedChoice {
  /** Groups that an observation has room for. */
  readonly groups: number;
  /** Groups that exist; the places of others stay 0. */
  readonly children: number;
  /** The arriving app. */
  readonly app: number;
  /** Containers still to come, the arriving one included. Length = apps. */
  readonly remaining: ArrayLike<number>;
}

/**
 * Completes an observation: raises the arriving app by one in each group, and writes the app and the remaining
 * counts behind the groups.
 * @param target Holds the counts of the groups already, groups x apps; all else must be 0. Length =
 * observationSize(style, groups, apps).
 */
export function completeObservation(
  style: ObservationStyle,
  { groups, children, app, remaining }: ObservedChoice,
  target: Float32Array,
): void {
  const apps = remaining.length;
  for (let group = 0; group < children; group++) target[group * apps + app]!++;
  let at = groups * apps;
  if (style.app === "index") target[at++] = app;
  else {
    target[at + app] = 1;
    at += apps;
  }
  if (!style.remaining) return;
  for (let other = 0; other < apps; other++) target[at + other] = remaining[other]!;
  target[at + app]!--;
}
