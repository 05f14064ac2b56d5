/** Table of the reflected polynomial 0xEDB88320 (ISO 3309, as zip uses it). */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) {
    remainder = (remainder & 1) === 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  }
  return remainder;
});

/** CRC-32 of the bytes, 0 to 2^32 - 1. */
export function crc32(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (let at = 0; at < bytes.length; at++) {
    sum = (sum >>> 8) ^ TABLE[(sum ^ bytes[at]!) & 255]!;
  }
  return (sum ^ 0xffffffff) >>> 0;
}
