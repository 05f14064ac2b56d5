// The numbers that the scorer sees of a choice "one more container of app a on a node of this class and configuration".
// Their number does not depend on the apps or slots, so one scorer serves every surface: what concerns other apps is
// pooled over them. A row has three parts, each with its features in this order; T tables of prices.
//
// of app, class and configuration only, kept in the cache (choice_cache.ts)
//   logChance[T]       ln of the chance that such a node takes one more, at least -20, / 4
//   expected[T]        containers of the app that such a node still expects, / 2
//   gain               change of throughput; -1 where it may not be
//   netGain            gain less the price of the app at the coldest temperature
//   nextGain           change by one more after it, at least -1
//   bestBefore         best change by a container of another app instead, at least -1
//   bestAfter          best change by a container of another app after it, at least -1
//   meanThroughput     throughput of each container held
//   fill               share of the slots that are taken
//   isEmpty            1 where nothing is held
//   freeSlots          slots that are free, / 8
//   own                containers held of the app, / 4
//   kinds              different apps held, / 4
//
// of the choice, changing from container to container (shortlist.ts); `beyond` are the nodes that hold this
// configuration with more of the app, `all` these and those that hold just this
//   movedSurplus[T]    all x (chance after the excess has moved the prices) - beyond, within 4, / 2
//   surplus[T]         all x chance - beyond, within 4, / 2
//   movedLogOdds[T]    logarithm of the odds of that moved chance, / 4
//   movedGap           moved chance - beyond / all at the coldest temperature, within 1, x 2
//   share              nodes that hold just this, of all nodes
//   rarity             1 / nodes that hold just this
//   beyond             at most 8, / 8
//
// of the episode, shared by all choices (episode.ts); what depends on the containers to come has another meaning where
// they are not known
//   left               containers of the app still to come, of all nodes  | slots taken per node, / 4
//   fewLeft            the same, at most 16, / 16                         | groups, of all nodes
//   relativeExcess     excess of the app / (1 + those to come), within 2
//   excess[T]          excess of the app by table, / 4, within 2
//   pressure           all containers still to come of the free slots     | share of all slots that are taken
//   free               share of all slots that are free
//   size               1 / square root of the nodes
//   later              other apps' containers still to come of the free slots | placed of the app, of all nodes
//   price              price of the app at the coldest temperature
//   otherPrice         mean price of the other apps that may still come
//   mostExcess         largest excess of those apps at the coldest temperature, / 4, within 2
//   leastExcess        least of them
//   otherExcess        their sum

// Places of what is there once: in the first part behind the 2 T numbers by table,
export const GAIN: u32 = 0;
export const NET_GAIN: u32 = 1;
export const NEXT_GAIN: u32 = 2;
export const BEST_BEFORE: u32 = 3;
export const BEST_AFTER: u32 = 4;
export const MEAN_THROUGHPUT: u32 = 5;
export const FILL: u32 = 6;
export const IS_EMPTY: u32 = 7;
export const FREE_SLOTS: u32 = 8;
export const OWN: u32 = 9;
export const KINDS: u32 = 10;
const STATIC_SINGLES: u32 = 11;

// in the second behind the 3 T numbers by table,
export const MOVED_GAP: u32 = 0;
export const SHARE: u32 = 1;
export const RARITY: u32 = 2;
export const BEYOND: u32 = 3;
const CHOICE_SINGLES: u32 = 4;

// and in the third before and behind the T numbers by table.
export const LEFT: u32 = 0;
export const FEW_LEFT: u32 = 1;
export const RELATIVE_EXCESS: u32 = 2;
export const EXCESS: u32 = 3;
export const PRESSURE: u32 = 3;
export const FREE: u32 = 4;
export const SIZE: u32 = 5;
export const LATER: u32 = 6;
export const PRICE: u32 = 7;
export const OTHER_PRICE: u32 = 8;
export const MOST_EXCESS: u32 = 9;
export const LEAST_EXCESS: u32 = 10;
export const OTHER_EXCESS: u32 = 11;
const CONTEXT_SINGLES: u32 = 12;

/** Numbers of the first part. */
export function staticInputs(tables: u32): u32 {
  return 2 * tables + STATIC_SINGLES;
}

/** Numbers of the second part. */
export function choiceInputs(tables: u32): u32 {
  return 3 * tables + CHOICE_SINGLES;
}

/** Numbers of the third part. */
export function contextInputs(tables: u32): u32 {
  return CONTEXT_SINGLES + tables;
}

/** Numbers that the scorer sees of one choice. */
export function plannerInputs(tables: u32): u32 {
  return staticInputs(tables) + choiceInputs(tables) + contextInputs(tables);
}

/** Units that features are divided by. */
export const LOG_CHANCE_UNIT: f64 = 4;
export const EXPECTED_UNIT: f64 = 2;
export const SLOT_UNIT: f64 = 8;
export const COUNT_UNIT: f64 = 4;
export const KINDS_UNIT: f64 = 4;
export const SURPLUS_UNIT: f64 = 2;
export const EXCESS_UNIT: f64 = 4;
export const FEW: f64 = 16;
export const BEYOND_UNIT: f64 = 8;
export const USED_UNIT: f64 = 4;

/** Writes element `at` of an array. */
// @ts-ignore: decorator
@inline
export function put(array: usize, at: u32, value: f64): void {
  store<f32>(array + (<usize> at << 2), <f32> value);
}

// @ts-ignore: decorator
@inline
export function clip(value: f64, low: f64, high: f64): f64 {
  return max(low, min(high, value));
}
