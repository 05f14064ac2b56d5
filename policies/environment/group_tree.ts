import { UsageError } from "../../domain/mod.ts";

/** A group of neighbouring nodes in a {@link GroupTree}. */
export interface Group {
  /** First node of the group. */
  readonly first: number;
  /** Nodes in the group, at least 1. */
  readonly size: number;
  /** Index of its first child among the groups one level below; its children follow one another. */
  readonly firstChild: number;
  /** Its children; 0 for a leaf. */
  readonly children: number;
}

/**
 * How a choice among many nodes is split into choices among few: a tree whose leaves are the nodes. Every path
 * from root to leaf has the same length, so that all episodes of a batch choose at the same level.
 */
export interface GroupTree {
  /** Leaves: single nodes, or sub-clusters that a scheduler below fills. */
  readonly leaves: number;
  /** Choices at each level, from the root: the most children that any group has there. Length = levels. */
  readonly branching: readonly number[];
  /** groups[level]: the groups that choose at that level, from left to right; groups[levels] are the leaves. */
  readonly groups: readonly (readonly Group[])[];
}

/**
 * A tree over `leaves` leaves. A group of n leaves splits into at most `branching[level]` children whose
 * sizes differ by one at most: 27 leaves under [3, 3, 3] give groups of 9, 3 and 1; 20 leaves give 7 + 7 + 6.
 * @param branching Most children at each level, from the root; each at least 2 (1 if there is one leaf).
 * @throws {UsageError} if the levels cannot tell that many leaves apart.
 */
export function groupTree(leaves: number, branching: readonly number[]): GroupTree {
  if (!Number.isInteger(leaves) || leaves < 1) {
    throw new UsageError(`A tree of groups needs at least one leaf: got ${leaves}`);
  }
  if (branching.length === 0 || branching.some((most) => !Number.isInteger(most) || most < 1)) {
    throw new UsageError(
      `Branching must be whole numbers, at least 1: got ${branching.join(" x ")}`,
    );
  }
  const reach = branching.reduce((product, most) => product * most, 1);
  if (reach < leaves) {
    throw new UsageError(
      `A tree of ${branching.join(" x ")} reaches ${reach} leaves, but there are ${leaves}`,
    );
  }
  const groups: Group[][] = [];
  let parents: { first: number; size: number }[] = [{ first: 0, size: leaves }];
  for (const most of branching) {
    const next: { first: number; size: number }[] = [];
    groups.push(parents.map(({ first, size }) => {
      const children = Math.min(size, most);
      const firstChild = next.length;
      let at = first;
      for (let child = 0; child < children; child++) {
        const share = Math.floor(size / children) + (child < size % children ? 1 : 0);
        next.push({ first: at, size: share });
        at += share;
      }
      return { first, size, firstChild, children };
    }));
    parents = next;
  }
  groups.push(parents.map(({ first, size }) => ({ first, size, firstChild: 0, children: 0 })));
  return { leaves, branching: [...branching], groups };
}

/** The fewest levels of three choices that tell `leaves` leaves apart: [3, 3, 3] for 27 and for 20. */
export function threefold(leaves: number): number[] {
  const branching = [3];
  while (3 ** branching.length < leaves) branching.push(3);
  return branching;
}
