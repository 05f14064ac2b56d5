import type { Address, CoreFunctions } from "../build/core_exports.ts";

/** The functions of the core that search configurations by a kind of formula, see assembly/implicit/search.ts. */
export interface SearchCalls {
  create(apps: number, capacity: number, permit: Address, room: number): Address;
  destroy(search: Address): void;
  limits(search: Address): Address;
  prices(search: Address): Address;
  capacity(search: Address, capacity: number): void;
  permits(search: Address, counts: Address): boolean;
  throughput(search: Address, counts: Address): number;
  climb(search: Address, counts: Address): number;
  begin(search: Address, known: Address, tolerance: number): void;
  proceed(search: Address, tolerance: number, boxes: number): boolean;
  boxes(search: Address): number;
  best(search: Address): Address;
  value(search: Address): number;
  bound(search: Address): number;
}

/** Of a contention model. */
export function contentionCalls(functions: CoreFunctions, formula: Address): SearchCalls {
  return {
    create: (apps, capacity, permit, room) =>
      functions.createSearch(formula, apps, capacity, permit, room),
    destroy: functions.destroySearch,
    limits: functions.searchLimits,
    prices: functions.searchPrices,
    capacity: functions.searchCapacity,
    permits: functions.searchPermits,
    throughput: functions.searchThroughput,
    climb: functions.climbFrom,
    begin: functions.beginSearch,
    proceed: functions.continueSearch,
    boxes: functions.searchBoxes,
    best: functions.searchBest,
    value: functions.searchValue,
    bound: functions.searchBound,
  };
}

/** Of a pairwise model. */
export function pairwiseCalls(functions: CoreFunctions, formula: Address): SearchCalls {
  return {
    create: (apps, capacity, permit, room) =>
      functions.createPairSearch(formula, apps, capacity, permit, room),
    destroy: functions.destroyPairSearch,
    limits: functions.pairSearchLimits,
    prices: functions.pairSearchPrices,
    capacity: functions.pairSearchCapacity,
    permits: functions.pairSearchPermits,
    throughput: functions.pairSearchThroughput,
    climb: functions.pairClimbFrom,
    begin: functions.beginPairSearch,
    proceed: functions.continuePairSearch,
    boxes: functions.pairSearchBoxes,
    best: functions.pairSearchBest,
    value: functions.pairSearchValue,
    bound: functions.pairSearchBound,
  };
}
