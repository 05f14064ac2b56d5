// The only allocation that the host does: blocks aligned to 16 bytes, from the runtime's TLSF heap. What is made of
// several blocks is an Owner: they are freed with it, so that no list of them is kept twice.

/** Bytes that nobody else uses, zeroed. */
export function alloc(bytes: usize): usize {
  const block = heap.alloc(bytes);
  memory.fill(block, 0, bytes);
  return block;
}

/** Gives a block back; 0 is ignored. */
export function free(block: usize): void {
  if (block) heap.free(block);
}

/** Bytes before a block of an owner, of which the first word leads to the block before. */
const HEAD: usize = 16;

/** Base of a structure with blocks of its own. */
@unmanaged
export class Owner {
  /** The block that was made last, 0 where there is none. */
  blocks: usize;
}

/** A zeroed block that is freed with its owner. */
export function blockOf(owner: Owner, bytes: usize): usize {
  const block = alloc(bytes + HEAD);
  store<usize>(block, owner.blocks);
  owner.blocks = block;
  return block + HEAD;
}

/** Frees a structure and its blocks. */
export function destroyOwner(owner: Owner): void {
  let block = owner.blocks;
  while (block) {
    const before = load<usize>(block);
    heap.free(block);
    block = before;
  }
  heap.free(changetype<usize>(owner));
}

/** As destroyOwner, for the host. */
export function freeOwner(address: usize): void {
  destroyOwner(changetype<Owner>(address));
}
