// The open boxes of a branch and bound: a heap with the highest bound first. A box begins with its bound, a f64, and is
// a block of its own that whoever takes it out has to free.

import { blockOf, free, Owner } from "./memory";

@unmanaged
export class OpenBoxes {
  /** usize[room] */
  boxes: usize;
  /** Most boxes that are open at a time. */
  room: u32;
  count: u32;
}

/** No boxes yet; freed with its owner, the boxes in it by forgetBoxes. */
export function openBoxes(owner: Owner, room: u32): OpenBoxes {
  const open = changetype<OpenBoxes>(blockOf(owner, offsetof<OpenBoxes>()));
  open.room = room;
  open.boxes = blockOf(owner, <usize> room * 4);
  return open;
}

/** Frees all boxes. */
export function forgetBoxes(open: OpenBoxes): void {
  for (let at: u32 = 0; at < open.count; at++) free(boxAt(open, at));
  open.count = 0;
}

/** True if no open box has a bound above this. */
export function isClosed(open: OpenBoxes, bound: f64): bool {
  return open.count == 0 || boundAt(open, 0) <= bound;
}

/** The highest bound of an open box, at least the one that is given. */
export function highestBound(open: OpenBoxes, bound: f64): f64 {
  return open.count > 0 ? max(bound, boundAt(open, 0)) : bound;
}

/** Adds a box; false if there is no room. */
export function pushBox(open: OpenBoxes, box: usize): bool {
  if (open.count >= open.room) return false;
  let at = open.count++;
  store<usize>(open.boxes + (<usize> at << 2), box);
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (boundAt(open, above) >= boundAt(open, at)) break;
    swap(open, at, above);
    at = above;
  }
  return true;
}

/** Takes the box with the highest bound out. There has to be one. */
export function popBox(open: OpenBoxes): usize {
  const top = boxAt(open, 0);
  open.count--;
  store<usize>(open.boxes, boxAt(open, open.count));
  let at: u32 = 0;
  while (true) {
    let child: u32 = 2 * at + 1;
    if (child >= open.count) return top;
    if (child + 1 < open.count && boundAt(open, child + 1) > boundAt(open, child)) child++;
    if (boundAt(open, at) >= boundAt(open, child)) return top;
    swap(open, at, child);
    at = child;
  }
}

// @ts-ignore: decorator
@inline
function boxAt(open: OpenBoxes, at: u32): usize {
  return load<usize>(open.boxes + (<usize> at << 2));
}

// @ts-ignore: decorator
@inline
function boundAt(open: OpenBoxes, at: u32): f64 {
  return load<f64>(boxAt(open, at));
}

function swap(open: OpenBoxes, a: u32, b: u32): void {
  const box = boxAt(open, a);
  store<usize>(open.boxes + (<usize> a << 2), boxAt(open, b));
  store<usize>(open.boxes + (<usize> b << 2), box);
}
