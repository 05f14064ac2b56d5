// The only allocation that the host does: blocks aligned to 16 bytes, from the runtime's TLSF heap.

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
