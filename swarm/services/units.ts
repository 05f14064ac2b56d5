import { InputError } from "../../domain/errors.ts";

const BYTES: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
  p: 2 ** 50,
};
const NANOSECONDS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** Bytes of a size as Compose writes it: 64m, 1.5gb, 1048576. @throws {InputError} */
export function bytesOf(size: number | string, place: string): number {
  const match = /^(\d+(?:\.\d*)?|\.\d+)\s*([bkmgtp]?)(?:i?b)?$/i.exec(String(size));
  const bytes = match === null ? NaN : Number(match[1]) * BYTES[match[2]!.toLowerCase()]!;
  if (!(bytes >= 1) || bytes > Number.MAX_SAFE_INTEGER) {
    throw new InputError(`${place}: must be a size such as 512M`);
  }
  return Math.floor(bytes);
}

/** Billionths of a CPU. @throws {InputError} */
export function nanoCpus(cpus: number | string, place: string): number {
  const value = /^(\d+(\.\d*)?|\.\d+)$/.test(String(cpus)) ? Number(cpus) : NaN;
  if (!(value > 0) || value > 4096) throw new InputError(`${place}: must be a number such as 0.5`);
  return Math.round(value * 1e9);
}

/** Nanoseconds of a duration such as 1m30s, whose form was checked. */
export function nanoseconds(duration: string): number {
  let total = 0;
  for (const [, number, unit] of duration.matchAll(/(\d*\.?\d*)(ns|us|µs|μs|ms|s|m|h)/g)) {
    total += Number(number) * NANOSECONDS[unit!]!;
  }
  return Math.round(total);
}
