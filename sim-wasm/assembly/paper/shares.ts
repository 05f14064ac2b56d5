// The paper's two levels together: a high level gives each sub-cluster a share of the demand, a sub-scheduler places it.

import { GREEDY, playEpisode } from "./episodes";
import { copyPlaced, levelOf, Player, playerTotal } from "./player";
import { apps } from "../space/space";

/**
 * Places the share that the last episode of `high` gave to a leaf by the sub-scheduler `sub`, greedily, with
 * the choosers of its size class. choosers: u32[classes][levels] addresses; a class is `classWidth` containers wide.
 * out: u8[nodes of the sub-cluster][apps], or 0. Returns the total throughput, NaN where not all found room.
 */
export function placeShare(
  high: usize,
  leaf: u32,
  sub: usize,
  choosers: usize,
  classes: u32,
  classWidth: u32,
  out: usize,
): f64 {
  const demand = changetype<Player>(high).placed + <usize> leaf * apps * 4;
  const player = changetype<Player>(sub);
  let containers: u32 = 0;
  for (let app = 0; app < apps; app++) containers += load<u32>(demand + app * 4);
  if (containers > 0) {
    const size = min<u32>((containers - 1) / classWidth, classes - 1);
    for (let at: u32 = 0; at < player.levels; at++) {
      levelOf(player, at).chooser = load<u32>(choosers + (<usize> size * player.levels + at) * 4);
    }
  }
  if (playEpisode(sub, demand, 0, GREEDY, 0, 0) > 0) return NaN;
  if (out) copyPlaced(sub, out);
  return playerTotal(sub);
}
