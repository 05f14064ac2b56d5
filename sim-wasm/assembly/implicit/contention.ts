// The throughput of a node by the formula of datasets/contention.ts: linear loads on four resources stretch the time
// per request of every app. Only the apps that are present cost anything.
//
// Memory, per app (12 numbers, 96 bytes):
//   load   f64[4]   what one container loads each resource by
//   time   f64[4]   share of its time per request spent on each resource
//   fixed  f64      time that nothing stretches
//   wait   f64      time for answers from outside the node
//   served f64      containers that one container of its server answers
//   alone  f64      time per request alone on a node

import { blockOf, destroyOwner, Owner } from "../memory";

export const NUMBERS: u32 = 12;
const BYTES: usize = 96;
const TIME: usize = 32;
const FIXED: usize = 64;
const WAIT: usize = 72;
const SERVED: usize = 80;
const ALONE: usize = 88;

@unmanaged
export class Contention extends Owner {
  apps: u32;
  /** f64[apps][NUMBERS] */
  parameters: usize;
  /** i32[apps]: the app that it waits for, -1 for none. */
  servers: usize;
  /** u32[apps]: the apps that are present, for one evaluation. */
  present: usize;
}

/** A model whose parameters and servers the host writes. */
export function createContention(apps: u32): usize {
  const model = changetype<Contention>(heap.alloc(offsetof<Contention>()));
  model.blocks = 0;
  model.apps = apps;
  model.parameters = blockOf(model, <usize> apps * BYTES);
  model.servers = blockOf(model, <usize> apps * 4);
  model.present = blockOf(model, <usize> apps * 4 + 4);
  return changetype<usize>(model);
}

export function destroyContention(address: usize): void {
  destroyOwner(changetype<Contention>(address));
}

export function contentionParameters(address: usize): usize {
  return changetype<Contention>(address).parameters;
}

export function contentionServers(address: usize): usize {
  return changetype<Contention>(address).servers;
}

// @ts-ignore: decorator
@inline
export function parametersOf(model: Contention, app: u32): usize {
  return model.parameters + <usize> app * BYTES;
}

// @ts-ignore: decorator
@inline
export function serverOf(model: Contention, app: u32): i32 {
  return load<i32>(model.servers + (<usize> app << 2));
}

// @ts-ignore: decorator
@inline
export function loadOf(model: Contention, app: u32, resource: u32): f64 {
  return load<f64>(parametersOf(model, app) + (<usize> resource << 3));
}

// @ts-ignore: decorator
@inline
export function timeOf(model: Contention, app: u32, resource: u32): f64 {
  return load<f64>(parametersOf(model, app) + TIME + (<usize> resource << 3));
}

/** How a load stretches the time on a resource, in each lane. */
// @ts-ignore: decorator
@inline
export function stretch(loads: v128): v128 {
  return f64x2.sqrt(f64x2.add(f64x2.splat(1), f64x2.mul(loads, loads)));
}

/** Time per request without answers from outside, when resources are stretched so. */
// @ts-ignore: decorator
@inline
export function inside(parameters: usize, first: v128, last: v128): f64 {
  const sums = f64x2.add(
    f64x2.mul(v128.load(parameters, TIME), first),
    f64x2.mul(v128.load(parameters, TIME + 16), last),
  );
  return load<f64>(parameters, FIXED) + f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}

/** RPS of a container of an app that `serving` containers of its server answer, `count` of its own being there. */
// @ts-ignore: decorator
@inline
export function speed(parameters: usize, within: f64, serving: f64, count: f64): f64 {
  const answered = min(1, serving * load<f64>(parameters, SERVED) / count);
  return load<f64>(parameters, ALONE) / (within + load<f64>(parameters, WAIT) * (1 - answered));
}

/** Lists the apps with a count above 0 (u8[apps]) in u32[apps]; returns how many. */
export function listPresent(counts: usize, apps: u32, present: usize): u32 {
  let found: u32 = 0;
  let app: u32 = 0;
  // Most counts are 0: eight at a time.
  for (; app + 8 <= apps; app += 8) {
    let bytes = load<u64>(counts + app);
    while (bytes) {
      const at = <u32> (ctz(bytes) >> 3);
      store<u32>(present + (<usize> (found++) << 2), app + at);
      bytes &= ~(<u64> 255 << (<u64> at << 3));
    }
  }
  for (; app < apps; app++) {
    if (load<u8>(counts + app)) store<u32>(present + (<usize> (found++) << 2), app);
  }
  return found;
}

/** Throughput of a node with these counts (u8[apps]). */
export function contentionThroughput(address: usize, counts: usize): f64 {
  const model = changetype<Contention>(address);
  const present = model.present;
  const found = listPresent(counts, model.apps, present);
  let first = f64x2.splat(0);
  let last = f64x2.splat(0);
  for (let at: u32 = 0; at < found; at++) {
    const app = load<u32>(present + (<usize> at << 2));
    const parameters = parametersOf(model, app);
    const count = f64x2.splat(<f64> load<u8>(counts + app));
    first = f64x2.add(first, f64x2.mul(count, v128.load(parameters)));
    last = f64x2.add(last, f64x2.mul(count, v128.load(parameters, 16)));
  }
  first = stretch(first);
  last = stretch(last);
  let total: f64 = 0;
  for (let at: u32 = 0; at < found; at++) {
    const app = load<u32>(present + (<usize> at << 2));
    const parameters = parametersOf(model, app);
    const count = <f64> load<u8>(counts + app);
    const server = serverOf(model, app);
    const serving = server < 0 ? 0.0 : <f64> load<u8>(counts + server);
    total += count * speed(parameters, inside(parameters, first, last), serving, count);
  }
  return total;
}
