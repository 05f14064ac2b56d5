import type { GroupTree } from "../environment/group_tree.ts";

/**
 * Choices that there were before each action of a level, or null where every group there has all its children.
 * @param episodes Actions of each episode: row-major, containers x levels.
 * @returns Length = containers of all episodes.
 */
export function choicesAt(
  tree: Pick<GroupTree, "groups" | "branching">,
  level: number,
  episodes: readonly Uint8Array[],
): Uint8Array | null {
  const { groups, branching } = tree;
  if (groups[level]!.every((group) => group.children === branching[level])) return null;
  const levels = branching.length;
  const rows = episodes.reduce((sum, actions) => sum + actions.length / levels, 0);
  const choices = new Uint8Array(rows);
  let row = 0;
  for (const actions of episodes) {
    for (let first = 0; first < actions.length; first += levels, row++) {
      let group = 0;
      for (let above = 0; above < level; above++) {
        group = groups[above]![group]!.firstChild + actions[first + above]!;
      }
      choices[row] = groups[level]![group]!.children;
    }
  }
  return choices;
}
