/**
 * Event files that TensorBoard reads: records of length, masked CRC-32C, protobuf message `Event`, masked
 * CRC-32C (tensorflow/core/lib/io/record_writer.h, tensorflow/core/util/event.proto).
 * @module
 */
import { concatenate, utf8 } from "../checkpoint/bytes.ts";
import type { MetricRow } from "./metrics.ts";

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

/** CRC-32C (Castagnoli) of some bytes, as an unsigned number. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** The first record of an event file. @param wallTime Seconds since 1970. */
export function eventFileHeader(wallTime: number): Uint8Array {
  // Field 3 of Event: file_version.
  return record(concatenate([double(1, wallTime), bytesField(3, utf8("brain.Event:2"))]));
}

/**
 * A row of metrics as one record; names with null are left out.
 * @param step Update that the row belongs to. @param wallTime Seconds since 1970.
 */
export function eventRecord(row: MetricRow, step: number, wallTime: number): Uint8Array {
  const values = Object.entries(row).flatMap(([tag, value]) =>
    // Summary.Value: tag = 1, simple_value = 2; Summary: value = 1.
    value === null ? [] : [bytesField(1, concatenate([bytesField(1, utf8(tag)), float(2, value)]))]
  );
  // Event: wall_time = 1, step = 2, summary = 5.
  return record(concatenate([
    double(1, wallTime),
    concatenate([varint((2 << 3) | 0), varint(step)]),
    bytesField(5, concatenate(values)),
  ]));
}

function record(data: Uint8Array): Uint8Array {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(data.length), true);
  return concatenate([length, maskedCrc(length), data, maskedCrc(data)]);
}

function maskedCrc(bytes: Uint8Array): Uint8Array {
  const crc = crc32c(bytes);
  const masked = (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, masked, true);
  return out;
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return Uint8Array.from([...bytes, rest]);
}

function bytesField(field: number, bytes: Uint8Array): Uint8Array {
  return concatenate([varint((field << 3) | 2), varint(bytes.length), bytes]);
}

function double(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(9);
  bytes[0] = (field << 3) | 1;
  new DataView(bytes.buffer).setFloat64(1, value, true);
  return bytes;
}

function float(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(5);
  bytes[0] = (field << 3) | 5;
  new DataView(bytes.buffer).setFloat32(1, value, true);
  return bytes;
}
