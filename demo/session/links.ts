/**
 * What a link to the page holds of a session.
 * @module
 */
import { type Address, type Lack, MOST_MOVES } from "./address.ts";
import { type NamedFile, packFile } from "./packing.ts";
import type { Panel } from "./panel.ts";

/** A profile of the user. */
export interface OwnProfile {
  readonly file: NamedFile;
  /** The same packed for a link; null if it is too large. */
  readonly packed: string | null;
}

/** What there is to be linked to. */
export interface Linked extends Pick<Address, "nodes" | "demand" | "seed" | "objective" | "floor"> {
  readonly panels: readonly Panel[];
  /** Plan file that the first panel shows. */
  readonly planFile: NamedFile | null;
  /** Plan file of what runs. */
  readonly running: NamedFile | null;
  /** The user's profile; null for one that comes with Metis. */
  readonly own: OwnProfile | null;
  /** True if panels may place by a policy that was trained in the page. */
  readonly trained: boolean;
}

/** What an address says that shows the same again; what it cannot hold is named in it. */
export async function addressOf(linked: Linked): Promise<Address> {
  const { nodes, demand, seed, objective, floor, panels, planFile, running, own, trained } = linked;
  const lacks: Lack[] = [];
  const pack = async (file: NamedFile | null, lack: Lack): Promise<string | undefined> => {
    const packed = file === null ? undefined : await packFile(file);
    if (packed === null) lacks.push(lack);
    return packed ?? undefined;
  };
  const plan = await pack(planFile, "plan");
  const runs = await pack(running, "running");
  if (trained && panels.some(({ name }) => name === "metis")) lacks.push("policy");
  if (panels.some(({ moves }) => moves.length > MOST_MOVES)) lacks.push("moves");
  return {
    ...{ nodes, demand, seed, plan, runs },
    objective: objective === "throughput" ? undefined : objective,
    floor: floor === 0 ? undefined : floor,
    schedulers: panels.map(({ scheduler }) => scheduler),
    moves: panels.map(({ moves }) => moves),
    profile: own?.packed ?? undefined,
    needs: own?.packed === null ? own.file.name : undefined,
    lacks,
  };
}
