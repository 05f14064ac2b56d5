import type { AppIndex } from "../../domain/mod.ts";

/**
 * One step from what runs to what should run, by index: a container of the app starts at `to`, runs, and then one of the
 * app stops at `from`. What must stop before its new one starts is two steps.
 */
export interface Step {
  /** The app. */
  readonly app: AppIndex;
  /** Node where one stops; null where one only starts. */
  readonly from: number | null;
  /** Node where one starts; null where one only stops. */
  readonly to: number | null;
  /** What it brings, makes room for, or is forced by, for people. */
  readonly why: string;
  /** By how much it changes the mean normalised RPS of the containers that run; 0 where that is not known. */
  readonly gain: number;
}

/** Steps in an order that is safe, or as safe as there is. */
export interface Steps {
  /** In the order in which they are to be taken. */
  readonly steps: readonly Step[];
  /** Steps that are there only to make room: a container waits on another node until its place is free. */
  readonly parked: number;
  /** Containers that stop before their new ones run, since nothing else makes room. */
  readonly stoppedFirst: number;
  /** True if it is proven that no order that keeps the rules stops fewer first. */
  readonly fewestStopped: boolean;
  /** What is broken on the way, in words; empty where every step keeps slots, resources, rules and running containers. */
  readonly broken: readonly string[];
}
