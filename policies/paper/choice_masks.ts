import type { GroupTree } from "../environment/group_tree.ts";

/**
 * Which choices there were before each action of a level, or null if every group there has all its children.
 * @param episodes Actions of each episode: row-major, containers x levels.
 * @returns Row-major, containers of all episodes x branching of the level; 1 = could be chosen.
 */
export function choiceMasks(
  tree: Pick<GroupTree, "groups" | "branching">,
  level: number,
  episodes: readonly Uint8Array[],
): Uint8Array | null {
  const { groups, branching } = tree;
  const width = branching[level]!;
  if (groups[level]!.every((group) => group.children === width)) return null;
  const levels = branching.length;
  const rows = episodes.reduce((sum, actions) => sum + actions.length / levels, 0);
  const masks = new Uint8Array(rows * width);
  let row = 0;
  for (const actions of episodes) {
    for (let first = 0; first < actions.length; first += levels, row++) {
      let group = 0;
      for (let above = 0; above < level; above++) {
        group = groups[above]![group]!.firstChild + actions[first + above]!;
      }
      masks.fill(1, row * width, row * width + groups[level]![group]!.children);
    }
  }
  return masks;
}
