// Made by `deno task build` from sim-wasm/assembly. Do not edit.

/** Where a block of the core's memory begins, in bytes. */
export type Address = number;

/** The constants of the core, by name. */
export const CORE_CONSTANTS = {
  COUNTS: 0,
  FORBIDDEN: -1e+30,
  FORCED: 3,
  GREEDY: 0,
  LEAF: 65535,
  LINEAR: 0,
  MAX_SCORER_LAYERS: 6,
  MAX_SCORER_WIDTH: 1024,
  NO_APP: -1,
  PRESENCE: 1,
  RELU: 1,
  SAMPLE: 1,
  SHORTLIST: 16,
  SPREAD: 2,
  TANH: 2,
} as const;

/** The functions of the core as the compiled module has them. */
export interface RawCoreFunctions {
  addEnsemble(address: Address, app: number, trees: number, leaves: number, features: number): Address;
  addProcess(address: Address, app: number, rows: number, mean: number): Address;
  addRecorded(address: Address, tapeAt: number, reward: number, entropyWeight: number): void;
  addScorerLayer(address: Address, outputs: number, activation: number): Address;
  addThroughput(sums: Address, trees: number, apps: number, capacity: number, app: number, throughput: Address): void;
  alloc(bytes: Address): Address;
  anneal(address: Address, block: Address, moves: number, hot: number, cold: number): number;
  arrangedFactors(address: Address): Address;
  arrangedPlaces(address: Address): Address;
  arrive(address: Address, app: number, temperature: number, recording: boolean): number;
  arriveAll(address: Address, order: Address, count: number, temperature: number, recording: boolean, totals: Address): number;
  beginAnnealing(address: Address, seed: number): Address;
  beginArrivals(address: Address, target: Address): void;
  beginGradient(address: Address): void;
  beginLocalSearch(address: Address): void;
  beginPairSearch(address: Address, known: Address, tolerance: number): void;
  beginSearch(address: Address, known: Address, tolerance: number): void;
  blendFormulas(address: Address): Address;
  blendWeights(address: Address): Address;
  chooserFirst(address: Address): Address;
  chooserFirstBias(address: Address): Address;
  chooserSecond(address: Address): Address;
  chooserSecondBias(address: Address): Address;
  classesCount(address: Address): number;
  classesMost(address: Address): Address;
  classesNodes(address: Address): number;
  classesOfNode(address: Address): Address;
  classesSlots(address: Address): number;
  clearLevels(address: Address): void;
  clearRecord(address: Address): void;
  climbFrom(address: Address, counts: Address): number;
  contentionParameters(address: Address): Address;
  contentionServers(address: Address): Address;
  contentionThroughput(address: Address, counts: Address): number;
  continueLocalSearch(address: Address, most: number): number;
  continuePairSearch(address: Address, tolerance: number, count: number): boolean;
  continueSearch(address: Address, tolerance: number, count: number): boolean;
  createArranged(apps: number, model: Address): Address;
  createArrivals(plannerAddress: Address, stateAddress: Address): Address;
  createBlend(apps: number, members: number): Address;
  createChooser(inputs: number, hidden: number, outputs: number): Address;
  createClasses(stateAddress: Address, domains: Address, columns: Address, columnCount: number): Address;
  createContention(apps: number): Address;
  createContentionFormula(model: Address): Address;
  createDense(appCount: number, slots: number, count: number, surfaces: number, withTransitions: boolean): void;
  createDomains(count: number, nodes: number): Address;
  createGaussianFormula(apps: number, capacity: number): Address;
  createGradient(playerAddress: Address, tapes: number): Address;
  createHashed(appCount: number, slots: number, surfaces: number, entryCount: number): void;
  createLevels(plannerAddress: Address, stateAddress: Address, middle: Address, top: Address, recordLimit: number): Address;
  createMeasured(apps: number, rows: number, others: Address): Address;
  createNetwork(count: number): Address;
  createPairSearch(formula: Address, apps: number, capacity: number, permit: Address, room: number): Address;
  createPairwise(apps: number, least: number): Address;
  createPermit(resources: number, apart: number, together: number): Address;
  createPlanner(classes: Address, tables: number, ordered: boolean, order: Address, informed: boolean, recordLimit: number): Address;
  createPlayer(leaves: number, levels: number, maxLanes: number, maxOutputs: number, remaining: boolean): Address;
  createScorer(inputs: number): Address;
  createSearch(model: Address, apps: number, capacity: number, permit: Address, room: number): Address;
  createState(nodes: number): Address;
  createTreeRows(features: Address, count: number, featureTotal: number, stride: number, observationRows: Address, targets: Address, weights: Address, observations: number): Address;
  createTreesFormula(apps: number, featureSet: number, mostLeaves: number): Address;
  createWorth(model: Address, least: number): Address;
  depart(address: Address, node: number, app: number): void;
  destroyArrivals(address: Address): void;
  destroyChooser(address: Address): void;
  destroyContention(address: Address): void;
  destroyGradient(address: Address): void;
  destroyLevels(address: Address): void;
  destroyNetwork(address: Address): void;
  destroyPairSearch(address: Address): void;
  destroyPlanner(address: Address): void;
  destroyPlayer(address: Address): void;
  destroyScorer(address: Address): void;
  destroySearch(address: Address): void;
  destroyState(address: Address): void;
  destroyTreeRows(address: Address): void;
  domainsDemand(address: Address): Address;
  domainsEligible(address: Address): Address;
  domainsOfNode(address: Address): Address;
  domainsRules(address: Address): Address;
  endAnnealing(block: Address): void;
  endLocalSearch(): void;
  evaluateMany(counts: Address, placements: number, nodes: number, surface: number, out: Address): void;
  exchange(address: Address, from: number, to: number, given: number, taken: number): number;
  exchangeGain(address: Address, from: number, to: number, given: number, taken: number): number;
  fillWeights(address: Address, table: number, t: number, prices: Address, inverse: Address, wants: Address): void;
  finishChooser(address: Address): void;
  fitBoosted(rowsAddress: Address, trees: number, maxDepth: number, minLeaf: number, maxFeatures: number, rate: number, subsample: number, seed: number): void;
  fitForest(rowsAddress: Address, trees: number, maxDepth: number, minLeaf: number, maxFeatures: number, bootstrap: boolean, randomSplits: boolean, seed: number): void;
  fittedNodeCount(): number;
  fittedNodes(): Address;
  fittedRoots(): Address;
  fittedValueCount(): number;
  fittedValues(): Address;
  formulaOf(surface: number): Address;
  formulaThroughput(address: Address, counts: Address): number;
  free(block: Address): void;
  freeFitted(): void;
  freeOwner(address: Address): void;
  gaussianFactor(matrix: Address, rows: number): number;
  gaussianGradient(inverse: Address, covariance: Address, weights: Address, scale: number, slopes: Address, features: number, size: number, points: Address, rows: number, out: Address): void;
  gaussianInverse(factor: Address, rows: number, work: Address, out: Address): void;
  gaussianMatrix(tables: Address, features: number, size: number, points: Address, rows: number, out: Address): void;
  gaussianPredict(tables: Address, features: number, size: number, points: Address, rows: number, weights: Address, factor: Address, asked: Address, askedRows: number, scratch: Address, means: Address, variances: Address): void;
  gaussianSolve(factor: Address, rows: number, vector: Address): void;
  gradientEntropy(address: Address): number;
  gradientFirst(address: Address, at: number): Address;
  gradientFirstBias(address: Address, at: number): Address;
  gradientLoss(address: Address): number;
  gradientSecond(address: Address, at: number): Address;
  gradientSecondBias(address: Address, at: number): Address;
  greedyByApp(address: Address, demand: Address, order: Address): number;
  greedyInOrder(address: Address, containers: Address, count: number): number;
  groupInputs(plannerInputs: number): number;
  indexMeasured(address: Address): void;
  levelChildOf(address: Address, at: number): Address;
  levelChildren(address: Address, at: number): Address;
  levelDecisions(address: Address): number;
  levelEntropy(address: Address): number;
  levelFirstChild(address: Address, at: number): Address;
  levelGroupOf(address: Address, at: number): Address;
  levelLoss(address: Address): number;
  levelRecord(address: Address, level: number): Address;
  levelRecorded(address: Address, level: number): number;
  levelSlopes(address: Address, level: number): Address;
  loadArrivals(address: Address, stateAddress: Address): void;
  localSearchEnded(): boolean;
  makeFeatures(counts: Address, rows: number, apps: number, featureSet: number, paddedFeatures: number, out: Address): void;
  maskTable(values: Address, count: number, address: Address, masked: Address): void;
  measuredCounts(address: Address): Address;
  measuredSpeeds(address: Address): Address;
  modelOf(surface: number): Address;
  networkBias(address: Address, at: number): Address;
  networkKernel(address: Address, at: number): Address;
  pairClimbFrom(address: Address, counts: Address): number;
  pairSearchBest(address: Address): Address;
  pairSearchBound(address: Address): number;
  pairSearchBoxes(address: Address): number;
  pairSearchCapacity(address: Address, capacity: number): void;
  pairSearchLimits(address: Address): Address;
  pairSearchPermits(address: Address, counts: Address): boolean;
  pairSearchPrices(address: Address): Address;
  pairSearchThroughput(address: Address, counts: Address): number;
  pairSearchValue(address: Address): number;
  pairwiseAlone(address: Address): Address;
  pairwiseTerms(address: Address): Address;
  permitAmounts(address: Address): Address;
  permitLimits(address: Address): Address;
  permitNeeds(address: Address): Address;
  permitPairs(address: Address): Address;
  place(address: Address, node: number, app: number): number;
  placeGain(address: Address, node: number, app: number): number;
  placeShare(high: Address, leaf: number, sub: Address, choosers: Address, classes: number, classWidth: number, out: Address): number;
  planByLevels(address: Address, demand: Address, temperature: number, target: Address, recording: boolean): number;
  planDemand(address: Address, demand: Address, temperature: number, target: Address, recording: boolean): number;
  plannerDecisions(address: Address): number;
  plannerEntropy(address: Address): number;
  plannerInputs(tables: number): number;
  plannerLoss(address: Address): number;
  plannerRecord(address: Address): Address;
  plannerRecordSlopes(address: Address): Address;
  plannerRecordTimes(address: Address): Address;
  plannerRecorded(address: Address): number;
  plannerTotal(address: Address): number;
  playEpisode(address: Address, demand: Address, seed: number, mode: number, actions: Address, observations: Address): number;
  playerCapacities(address: Address): Address;
  playerEntropy(address: Address): number;
  playerPlaced(address: Address): Address;
  playerTotal(address: Address): number;
  predictTrees(nodes: Address, values: Address, roots: Address, trees: number, features: Address, rows: number, paddedFeatures: number, app: number, out: Address, outStride: number, squares: boolean): void;
  priceBest(values: Address, apps: number, capacity: number, given: Address, scratch: Address, buckets: number, best: Address, ranks: Address): void;
  priceCollect(values: Address, apps: number, capacity: number, given: Address, scratch: Address, thresholds: Address, limit: number, found: Address, reducedValues: Address): number;
  priceTop(values: Address, apps: number, capacity: number, given: Address, scratch: Address, best: Address): number;
  pricingScratch(apps: number, capacity: number): number;
  randomBits(): number;
  rankOf(counts: Address): number;
  recordEpisode(address: Address, tapeAt: number, demand: Address, seed: number, mode: number, actions: Address): number;
  refresh(address: Address): number;
  remove(address: Address, node: number, app: number): number;
  runNetwork(address: Address, inputs: Address, rows: number, out: Address): void;
  searchBest(address: Address): Address;
  searchBound(address: Address): number;
  searchBoxes(address: Address): number;
  searchCapacity(address: Address, capacity: number): void;
  searchLimits(address: Address): Address;
  searchPermits(address: Address, counts: Address): boolean;
  searchPrices(address: Address): Address;
  searchThroughput(address: Address, counts: Address): number;
  searchValue(address: Address): number;
  seedRandom(seed: number): void;
  setChooser(address: Address, at: number, chooser: Address): void;
  setDomains(address: Address, domains: Address): void;
  setFormula(surface: number, formula: Address): void;
  setModel(surface: number, model: Address): void;
  setNetworkLayer(address: Address, at: number, inputs: number, outputs: number, activation: number): void;
  setScorer(address: Address, scorer: Address): void;
  shapeLevel(address: Address, at: number, groups: number, branching: number): void;
  solvePrices(address: Address, want: Address, t: number, prices: Address, maxSteps: number, tolerance: number, inverse: Address): number;
  stateAlike(address: Address): Address;
  stateCapacities(address: Address): Address;
  stateCounts(address: Address): Address;
  stateNodeValues(address: Address): Address;
  statePermits(address: Address): Address;
  stateSurfaces(address: Address): Address;
  stateTables(address: Address): Address;
  stateTotal(address: Address): number;
  sumRanks(ranks: Address, count: number): number;
  sumSpace(nodes: Address, values: Address, roots: Address, trees: number, featureSet: number, apps: number, capacity: number, app: number, configurations: number, out: Address): void;
  throughputOf(counts: Address, surface: number): number;
  unrankMany(first: number, rows: number, counts: Address): void;
  valuesOf(surface: number): Address;
  worthWeights(address: Address): Address;
  writeArrivals(address: Address, stateAddress: Address): number;
  writeLevels(address: Address, stateAddress: Address): number;
  writePlan(address: Address, stateAddress: Address): number;
}

/** The functions of the core: those of more than 6 parameters take them by name. */
export interface CoreFunctions {
  /** Makes room for the trees of an app: values, starts, lists, splits. Returns where. */
  addEnsemble(address: Address, app: number, trees: number, leaves: number, features: number): Address;
  /** Makes room for the process of an app: ratios, bases, weights, then points. Returns where. */
  addProcess(address: Address, app: number, rows: number, mean: number): Address;
  /**
   * Adds the gradient of a recorded episode: of -log pi(a) x reward - entropyWeight x entropy, summed over the choices of
   * each level. Once: it writes over the tape.
   */
  addRecorded(address: Address, tapeAt: number, reward: number, entropyWeight: number): void;
  /** Adds a layer and returns the address of its kernel (f32[inputs][outputs]); its bias is right behind. */
  addScorerLayer(address: Address, outputs: number, activation: number): Address;
  /** Adds count of `app` x its mean (sums / trees) to the throughput of every configuration, by rank. */
  addThroughput(sums: Address, trees: number, apps: number, capacity: number, app: number, throughput: Address): void;
  /** Bytes that nobody else uses, zeroed. */
  alloc(bytes: Address): Address;
  /**
   * Makes `moves` steps while the temperature falls geometrically from `hot` to `cold` (in units of
   * throughput). Returns the accepted steps.
   */
  anneal(address: Address, block: Address, moves: number, hot: number, cold: number): number;
  arrangedFactors(address: Address): Address;
  arrangedPlaces(address: Address): Address;
  /**
   * Places a container of the app by the policy; temperature 0 takes the best choice. Returns its node, or -1 where
   * no node may take it.
   */
  arrive(address: Address, app: number, temperature: number, recording: boolean): number;
  /**
   * Places containers (u8[count], the app of each) in this order. totals: f64[count], total throughput after each.
   * Returns those that found no place.
   */
  arriveAll(address: Address, order: Address, count: number, temperature: number, recording: boolean, totals: Address): number;
  /** Starts from what the state holds now. */
  beginAnnealing(address: Address, seed: number): Address;
  /** All nodes empty. target: 0, or a state whose placement is followed. */
  beginArrivals(address: Address, target: Address): void;
  /** Sets all sums to 0. */
  beginGradient(address: Address): void;
  /** Groups the nodes of a state: the start of one local search. Only one may be open in an instance. */
  beginLocalSearch(address: Address): void;
  /** Starts a search at the prices and limits that were written, with the best configuration known (u8[apps]). */
  beginPairSearch(address: Address, known: Address, tolerance: number): void;
  /** Starts a search at the prices and limits that were written, with the best configuration known (u8[apps]). */
  beginSearch(address: Address, known: Address, tolerance: number): void;
  blendFormulas(address: Address): Address;
  blendWeights(address: Address): Address;
  /** f32[inputs][lanes]: the first kernel */
  chooserFirst(address: Address): Address;
  /** f32[lanes]: the first bias */
  chooserFirstBias(address: Address): Address;
  /** f32[outputs][lanes]: the second kernel, transposed */
  chooserSecond(address: Address): Address;
  /** f32[outputs]: the second bias */
  chooserSecondBias(address: Address): Address;
  classesCount(address: Address): number;
  /** f64[apps] */
  classesMost(address: Address): Address;
  classesNodes(address: Address): number;
  /** u32[nodes of the state] */
  classesOfNode(address: Address): Address;
  classesSlots(address: Address): number;
  clearLevels(address: Address): void;
  clearRecord(address: Address): void;
  /** Climbs from counts (u8[apps], within the limits) and leaves them at the top; returns throughput minus price. */
  climbFrom(address: Address, counts: Address): number;
  contentionParameters(address: Address): Address;
  contentionServers(address: Address): Address;
  /** Throughput of a node with these counts (u8[apps]). */
  contentionThroughput(address: Address, counts: Address): number;
  /**
   * Goes on moving and swapping containers until no single move or swap improves the total throughput,
   * or until `most` pairs of nodes were looked at, or nodes valued by a formula (the host then calls again, so that
   * it can be interrupted). Returns the steps made; localSearchEnded says which of the two it was.
   */
  continueLocalSearch(address: Address, most: number): number;
  /** Splits `count` boxes, or fewer where none is left that may hold something better; true if it ended so. */
  continuePairSearch(address: Address, tolerance: number, count: number): boolean;
  /** Splits `count` boxes, or fewer where none is left that may hold something better; true if it ended so. */
  continueSearch(address: Address, tolerance: number, count: number): boolean;
  /** A formula whose places and factors the host writes. */
  createArranged(apps: number, model: Address): Address;
  createArrivals(plannerAddress: Address, stateAddress: Address): Address;
  /** A mixture whose members and weights the host writes. */
  createBlend(apps: number, members: number): Address;
  /** A chooser; the host then fills its arrays and calls finishChooser. `outputs` at most 256. */
  createChooser(inputs: number, hidden: number, outputs: number): Address;
  /**
   * The classes of a state. domains: 0, or a copy of the state's that the policy may write to. columns: u8[columnCount][apps], where
   * there is no table.
   */
  createClasses(stateAddress: Address, domains: Address, columns: Address, columnCount: number): Address;
  /** A model whose parameters and servers the host writes. */
  createContention(apps: number): Address;
  /** The formula of a contention model. */
  createContentionFormula(model: Address): Address;
  /** Prepares a dense space with a table for each surface, for the host to fill. */
  createDense(appCount: number, slots: number, count: number, surfaces: number, withTransitions: boolean): void;
  /** Domains of a state, for the host to fill. */
  createDomains(count: number, nodes: number): Address;
  /** A formula whose processes are added one by one. */
  createGaussianFormula(apps: number, capacity: number): Address;
  /** Room for the gradients of a player's networks, and for so many tapes; every level must have its chooser. */
  createGradient(playerAddress: Address, tapes: number): Address;
  /** Prepares a cache for a space that is too large for a table. `entryCount` is a power of two. */
  createHashed(appCount: number, slots: number, surfaces: number, entryCount: number): void;
  createLevels(plannerAddress: Address, stateAddress: Address, middle: Address, top: Address, recordLimit: number): Address;
  /** A formula whose measurements the host writes, and then calls indexMeasured. */
  createMeasured(apps: number, rows: number, others: Address): Address;
  /** A network of `count` layers, each yet to be set by setNetworkLayer. */
  createNetwork(count: number): Address;
  /** A search; formula and permit stay the host's. room: most boxes that are open at a time. */
  createPairSearch(formula: Address, apps: number, capacity: number, permit: Address, room: number): Address;
  /** A formula whose terms the host writes. */
  createPairwise(apps: number, least: number): Address;
  /** A permit for the host to fill. */
  createPermit(resources: number, apart: number, together: number): Address;
  /** A planner for classes of nodes, which it takes over. order: u32[apps], the apps in the order in which they come. */
  createPlanner(classes: Address, tables: number, ordered: boolean, order: Address, informed: boolean, recordLimit: number): Address;
  /** A player over a tree of `leaves` leaves; the host then shapes each level and writes the capacities. */
  createPlayer(leaves: number, levels: number, maxLanes: number, maxOutputs: number, remaining: boolean): Address;
  createScorer(inputs: number): Address;
  /** A search over what limits and permit (0 for none; it stays the host's) allow. room: most boxes that are open at a time. */
  createSearch(model: Address, apps: number, capacity: number, permit: Address, room: number): Address;
  /** A state without containers. The host fills capacities, and what is special about nodes. */
  createState(nodes: number): Address;
  /**
   * Rows and observations to grow trees on.
   * features: u8[count][stride], zero from column `featureTotal` on; stride % 16 = 0.
   * observationRows: u32[observations], targets and weights: f64[observations], weights above 0.
   */
  createTreeRows(named: {
    features: Address;
    count: number;
    featureTotal: number;
    stride: number;
    observationRows: Address;
    targets: Address;
    weights: Address;
    observations: number;
  }): Address;
  /** A formula whose ensembles are added one by one. mostLeaves: of any app; below 2^24. */
  createTreesFormula(apps: number, featureSet: number, mostLeaves: number): Address;
  /** A formula whose weights the host writes. least: 0 for speeds, above 0 for logarithms of at least this. */
  createWorth(model: Address, least: number): Address;
  /** A container of the app leaves the node, which must hold one. */
  depart(address: Address, node: number, app: number): void;
  destroyArrivals(address: Address): void;
  destroyChooser(address: Address): void;
  destroyContention(address: Address): void;
  destroyGradient(address: Address): void;
  destroyLevels(address: Address): void;
  destroyNetwork(address: Address): void;
  destroyPairSearch(address: Address): void;
  destroyPlanner(address: Address): void;
  destroyPlayer(address: Address): void;
  destroyScorer(address: Address): void;
  destroySearch(address: Address): void;
  destroyState(address: Address): void;
  destroyTreeRows(address: Address): void;
  domainsDemand(address: Address): Address;
  domainsEligible(address: Address): Address;
  domainsOfNode(address: Address): Address;
  domainsRules(address: Address): Address;
  endAnnealing(block: Address): void;
  /** Ends the search that is open. */
  endLocalSearch(): void;
  /**
   * Total throughput on a surface of each of `placements` placements of `nodes` nodes; NaN where a node holds more
   * than the space's capacity. counts: u8[placements][nodes][apps] with 8 readable bytes behind it;
   * out: f64[placements].
   */
  evaluateMany(counts: Address, placements: number, nodes: number, surface: number, out: Address): void;
  /** Carries out the exchange and returns its change; does nothing where it may not be. */
  exchange(address: Address, from: number, to: number, given: number, taken: number): number;
  /**
   * Change of total throughput when `from` gives a container of app `given` and takes one of app `taken`
   * (NO_APP for a plain move) from `to`; FORBIDDEN or less where it may not be.
   */
  exchangeGain(address: Address, from: number, to: number, given: number, taken: number): number;
  /** As fillTables; nothing that was computed from the tables before is kept. */
  fillWeights(address: Address, table: number, t: number, prices: Address, inverse: Address, wants: Address): void;
  /** Call after the arrays were filled. */
  finishChooser(address: Address): void;
  /**
   * Grows `trees` trees, each from a share `subsample` of the rows, drawn again for each tree, and counting by `rate`; leaf
   * values are scaled so that the mean of the trees is the prediction, as with fitForest(), whose other parameters are alike.
   */
  fitBoosted(named: {
    rowsAddress: Address;
    trees: number;
    maxDepth: number;
    minLeaf: number;
    maxFeatures: number;
    rate: number;
    subsample: number;
    seed: number;
  }): void;
  /**
   * Grows `trees` independent trees; the result is read through fittedNodes() and its siblings.
   * maxDepth: splits above a leaf at most. minLeaf: least rows of a leaf. maxFeatures: features looked at per node, of
   * those that vary there. bootstrap: draw as many observations as there are, with replacement, for each tree.
   */
  fitForest(named: {
    rowsAddress: Address;
    trees: number;
    maxDepth: number;
    minLeaf: number;
    maxFeatures: number;
    bootstrap: boolean;
    randomSplits: boolean;
    seed: number;
  }): void;
  fittedNodeCount(): number;
  fittedNodes(): Address;
  fittedRoots(): Address;
  fittedValueCount(): number;
  fittedValues(): Address;
  /** The contention model of a surface of a hashed space, 0 where it has none. */
  formulaOf(surface: number): Address;
  /** Throughput of a node with these counts (u8[apps]). */
  formulaThroughput(address: Address, counts: Address): number;
  /** Gives a block back; 0 is ignored. */
  free(block: Address): void;
  /** Gives back the result of the last fit. */
  freeFitted(): void;
  /** As destroyOwner, for the host. */
  freeOwner(address: Address): void;
  /** Cholesky factor in place. Returns half the logarithm of the determinant; NaN where it is not positive. */
  gaussianFactor(matrix: Address, rows: number): number;
  /**
   * Gradient of the negative logarithm of the marginal likelihood by what the slopes say:
   * out[feature] = sum over i > j of (inverse - weights weights' / scale) x covariance x slope[feature].
   * slopes: f64[features][size][size], derivative of the logarithm of each table entry.
   */
  gaussianGradient(named: {
    inverse: Address;
    covariance: Address;
    weights: Address;
    scale: number;
    slopes: Address;
    features: number;
    size: number;
    points: Address;
    rows: number;
    out: Address;
  }): void;
  /**
   * Inverse of the factored matrix, lower triangle of `out`; `work` holds the inverse of the factor.
   * Both f64[rows][rows], zeroed before.
   */
  gaussianInverse(factor: Address, rows: number, work: Address, out: Address): void;
  /** Covariance matrix of the rows, lower triangle, without noise. */
  gaussianMatrix(tables: Address, features: number, size: number, points: Address, rows: number, out: Address): void;
  /**
   * Means and, where `factor` is not 0, variances of the process at `asked` (u8[askedRows][features]), in units
   * of the covariance's own scale. scratch: f64[rows].
   */
  gaussianPredict(named: {
    tables: Address;
    features: number;
    size: number;
    points: Address;
    rows: number;
    weights: Address;
    factor: Address;
    asked: Address;
    askedRows: number;
    scratch: Address;
    means: Address;
    variances: Address;
  }): void;
  /** Solves factor x (its transpose) x answer = vector, in place. */
  gaussianSolve(factor: Address, rows: number, vector: Address): void;
  /** Sum of the entropies (nats) of all choices since beginGradient. */
  gradientEntropy(address: Address): number;
  /** f32[inputs][lanes] */
  gradientFirst(address: Address, at: number): Address;
  /** f32[lanes] */
  gradientFirstBias(address: Address, at: number): Address;
  /** Sum of -log pi(a) x reward over all choices since beginGradient. */
  gradientLoss(address: Address): number;
  /** f32[outputs][lanes] */
  gradientSecond(address: Address, at: number): Address;
  /** f32[outputs] */
  gradientSecondBias(address: Address, at: number): Address;
  /**
   * Adds a demand (u32[apps]) app after app in the order given (u32[apps]). A heap of nodes makes it
   * O(apps x nodes + containers x log nodes). Returns the containers that found no node.
   */
  greedyByApp(address: Address, demand: Address, order: Address): number;
  /**
   * Adds containers (u32[count], the app of each) in the order given, each on the best node (ties: the
   * smallest number). O(containers x nodes). Returns the containers that found no node.
   */
  greedyInOrder(address: Address, containers: Address, count: number): number;
  /** Inputs of the networks of groups: three of the group, then those of its best node. */
  groupInputs(plannerInputs: number): number;
  /** Finds the measurements by their counts from now on. */
  indexMeasured(address: Address): void;
  /** u32[leaves]: under which child of its group the leaf is */
  levelChildOf(address: Address, at: number): Address;
  /** u32[groups]: how many children there are */
  levelChildren(address: Address, at: number): Address;
  levelDecisions(address: Address): number;
  levelEntropy(address: Address): number;
  /** u32[groups]: index of the first child at the next level */
  levelFirstChild(address: Address, at: number): Address;
  /** u32[leaves]: the group of this level that holds the leaf */
  levelGroupOf(address: Address, at: number): Address;
  levelLoss(address: Address): number;
  levelRecord(address: Address, level: number): Address;
  levelRecorded(address: Address, level: number): number;
  levelSlopes(address: Address, level: number): Address;
  /** Every node holds what it holds in a state, as if its containers had come. Call beginArrivals before. */
  loadArrivals(address: Address, stateAddress: Address): void;
  /** True where the search that is open has found a local optimum. */
  localSearchEnded(): boolean;
  /** Writes the features (u8[rows][paddedFeatures]) of configurations (u8[rows][apps]). */
  makeFeatures(counts: Address, rows: number, apps: number, featureSet: number, paddedFeatures: number, out: Address): void;
  /** Copies the first `count` values by rank, with FORBIDDEN where a permit says no, and one more FORBIDDEN behind them. */
  maskTable(values: Address, count: number, address: Address, masked: Address): void;
  measuredCounts(address: Address): Address;
  measuredSpeeds(address: Address): Address;
  /** The model of formula/ of a surface of a hashed space, 0 where it has none. */
  modelOf(surface: number): Address;
  /** f32[lanes] */
  networkBias(address: Address, at: number): Address;
  /** f32[inputs][lanes] */
  networkKernel(address: Address, at: number): Address;
  /** Climbs from counts (u8[apps], within the limits) by the best step and leaves them at the top; returns throughput minus price. */
  pairClimbFrom(address: Address, counts: Address): number;
  /** u8[apps]: the best configuration found. */
  pairSearchBest(address: Address): Address;
  /** No permitted configuration is worth more. */
  pairSearchBound(address: Address): number;
  /** Boxes that were bounded since the search began. */
  pairSearchBoxes(address: Address): number;
  /** Slots of the nodes that are searched for from now on, at most those that it was made for. */
  pairSearchCapacity(address: Address, capacity: number): void;
  pairSearchLimits(address: Address): Address;
  /** Whether a node may hold these counts (u8[apps]). */
  pairSearchPermits(address: Address, counts: Address): boolean;
  pairSearchPrices(address: Address): Address;
  /** Throughput of a node with these counts (u8[apps]). */
  pairSearchThroughput(address: Address, counts: Address): number;
  /** Throughput minus price of it; at least 0, that of the empty one. */
  pairSearchValue(address: Address): number;
  pairwiseAlone(address: Address): Address;
  pairwiseTerms(address: Address): Address;
  permitAmounts(address: Address): Address;
  permitLimits(address: Address): Address;
  permitNeeds(address: Address): Address;
  permitPairs(address: Address): Address;
  /** Places a container and returns the change; does nothing and returns FORBIDDEN or less where it may not be. */
  place(address: Address, node: number, app: number): number;
  /** Change of total throughput by placing a container of `app`; FORBIDDEN or less where it may not be. */
  placeGain(address: Address, node: number, app: number): number;
  /**
   * Places the share that the last episode of `high` gave to a leaf by the sub-scheduler `sub`, greedily, with
   * the choosers of its size class. choosers: u32[classes][levels] addresses; a class is `classWidth` containers wide.
   * out: u8[nodes of the sub-cluster][apps], or 0. Returns the total throughput, NaN where not all found room.
   */
  placeShare(named: {
    high: Address;
    leaf: number;
    sub: Address;
    choosers: Address;
    classes: number;
    classWidth: number;
    out: Address;
  }): number;
  /** As planDemand in decide.ts, by levels. */
  planByLevels(address: Address, demand: Address, temperature: number, target: Address, recording: boolean): number;
  /**
   * Places a demand (u32[apps]) app after app, in the order of the tables, on empty nodes. temperature 0 takes the best choice. target: 0, or a
   * state whose placement is followed. Returns the containers that found no place.
   */
  planDemand(address: Address, demand: Address, temperature: number, target: Address, recording: boolean): number;
  plannerDecisions(address: Address): number;
  plannerEntropy(address: Address): number;
  /** Numbers that the scorer sees of one choice. */
  plannerInputs(tables: number): number;
  plannerLoss(address: Address): number;
  /** f32[plannerRecorded][plannerInputs] */
  plannerRecord(address: Address): Address;
  /** f32[plannerRecorded] */
  plannerRecordSlopes(address: Address): Address;
  /** u32[plannerRecorded] */
  plannerRecordTimes(address: Address): Address;
  plannerRecorded(address: Address): number;
  /** Total throughput of what the planner holds. */
  plannerTotal(address: Address): number;
  /**
   * Plays one episode of a demand (u32[apps]). mode: GREEDY, SAMPLE, SPREAD (the child with the fewest containers, then
   * the fewest of the app, ties at random) or FORCED (the choices in `actions`).
   * actions: u8[containers][levels], written (FORCED: read); 0 = not wanted.
   * observations: u32[levels] offsets of f32[containers][inputs], or 0; then `inputs` is that of each level.
   * Returns the containers that found no room.
   */
  playEpisode(address: Address, demand: Address, seed: number, mode: number, actions: Address, observations: Address): number;
  /** u32[leaves] */
  playerCapacities(address: Address): Address;
  /** Sum of the entropies (nats) of all sampled choices of the last episode. */
  playerEntropy(address: Address): number;
  /** u32[leaves][apps]: what the last episode placed */
  playerPlaced(address: Address): Address;
  /** Total throughput of what the last episode placed; leaves must be nodes. */
  playerTotal(address: Address): number;
  /**
   * Mean of the trees (of their squares, if asked), for the rows of which `app` is present; 0 for the others.
   * features: u8[rows][paddedFeatures]; out: element row * outStride of f64.
   */
  predictTrees(named: {
    nodes: Address;
    values: Address;
    roots: Address;
    trees: number;
    features: Address;
    rows: number;
    paddedFeatures: number;
    app: number;
    out: Address;
    outStride: number;
    squares: boolean;
  }): void;
  /**
   * The best value minus cost of every total and bucket (rank mod buckets, a power of two).
   * given: f64[apps][capacity + 1]; best: f64[capacity + 1][buckets], to be filled with a low number; ranks: u32 likewise.
   */
  priceBest(named: {
    values: Address;
    apps: number;
    capacity: number;
    given: Address;
    scratch: Address;
    buckets: number;
    best: Address;
    ranks: Address;
  }): void;
  /**
   * All configurations whose value minus cost is at least the threshold of their total.
   * given: f64[apps][capacity + 1]; thresholds: f64[capacity + 1]; found: u32[limit] ranks; reduced: f64[limit].
   * @returns How many there are; only the first `limit` are written.
   */
  priceCollect(named: {
    values: Address;
    apps: number;
    capacity: number;
    given: Address;
    scratch: Address;
    thresholds: Address;
    limit: number;
    found: Address;
    reducedValues: Address;
  }): number;
  /**
   * The best value minus cost of all configurations.
   * given: f64[apps][capacity + 1]. @returns Its rank; what it is worth is at `best`, a f64.
   */
  priceTop(values: Address, apps: number, capacity: number, given: Address, scratch: Address, best: Address): number;
  /** f64s of scratch that a pass needs. */
  pricingScratch(apps: number, capacity: number): number;
  /** The next 32 random bits. */
  randomBits(): number;
  /** Rank of the counts (u8[apps], total <= capacity). */
  rankOf(counts: Address): number;
  /**
   * Plays one episode of a demand (u32[apps]) to a tape. mode: SAMPLE, or FORCED (the choices in `actions`).
   * actions: u8[containers][levels], written (FORCED: read). Returns the containers that found no room.
   */
  recordEpisode(address: Address, tapeAt: number, demand: Address, seed: number, mode: number, actions: Address): number;
  /**
   * Takes over the counts that the host wrote to stateCounts.
   * Returns -1, or the first node that holds too much or breaks a rule; the state is then not usable.
   */
  refresh(address: Address): number;
  /** Takes a container away and returns the change; FORBIDDEN, and no change, where there is none. */
  remove(address: Address, node: number, app: number): number;
  /** Answers for f32[rows][inputs], written to f32[rows][outputs]. */
  runNetwork(address: Address, inputs: Address, rows: number, out: Address): void;
  /** u8[apps]: the best configuration found. */
  searchBest(address: Address): Address;
  /** No permitted configuration is worth more. */
  searchBound(address: Address): number;
  /** Boxes that were bounded since the search began. */
  searchBoxes(address: Address): number;
  /** Slots of the nodes that are searched for from now on, at most those that it was made for. */
  searchCapacity(address: Address, capacity: number): void;
  searchLimits(address: Address): Address;
  /** Whether a node may hold these counts (u8[apps]). */
  searchPermits(address: Address, counts: Address): boolean;
  searchPrices(address: Address): Address;
  /** Throughput of a node with these counts (u8[apps]). */
  searchThroughput(address: Address, counts: Address): number;
  /** Throughput minus price of the best configuration found; at least 0, that of the empty one. */
  searchValue(address: Address): number;
  /** Starts the stream of this seed. */
  seedRandom(seed: number): void;
  /** Lets a level choose by this chooser from now on. */
  setChooser(address: Address, at: number, chooser: Address): void;
  /** Gives a state without containers its failure domains; they stay the host's. */
  setDomains(address: Address, domains: Address): void;
  /** Evaluates a surface of a hashed space by a contention model from now on. */
  setFormula(surface: number, formula: Address): void;
  /** Evaluates a surface of a hashed space by a model of formula/ from now on. */
  setModel(surface: number, model: Address): void;
  /** Gives a layer its shape; activation: LINEAR, RELU or TANH of dense.ts. The host then fills kernel and bias. */
  setNetworkLayer(address: Address, at: number, inputs: number, outputs: number, activation: number): void;
  /** Uses this scorer (scorer.ts) from now on; call it again after its weights changed. */
  setScorer(address: Address, scorer: Address): void;
  /** Gives a level its shape; the host then fills its arrays. */
  shapeLevel(address: Address, at: number, groups: number, branching: number): void;
  /**
   * Minimises F from the prices given, which it overwrites. want: f64[apps], containers per node. inverse: 0, or
   * f64[apps][apps] for the inverse of F's Hessian, which says how prices follow a change of what is wanted.
   * Returns the steps tried.
   */
  solvePrices(named: {
    address: Address;
    want: Address;
    t: number;
    prices: Address;
    maxSteps: number;
    tolerance: number;
    inverse: Address;
  }): number;
  stateAlike(address: Address): Address;
  stateCapacities(address: Address): Address;
  stateCounts(address: Address): Address;
  stateNodeValues(address: Address): Address;
  statePermits(address: Address): Address;
  stateSurfaces(address: Address): Address;
  stateTables(address: Address): Address;
  /** Total throughput, summed again so that rounding does not build up over many steps. */
  stateTotal(address: Address): number;
  /**
   * Sum of table entries: ranks u32[count]; NaN where one is out of range. A node whose rank is known costs one
   * read.
   */
  sumRanks(ranks: Address, count: number): number;
  /**
   * Sums of the trees over all configurations in which `app` is present, by rank; 0 for the others.
   * out: f64[configurations], configurations = C(apps + capacity, apps). Divide by the trees for means.
   */
  sumSpace(named: {
    nodes: Address;
    values: Address;
    roots: Address;
    trees: number;
    featureSet: number;
    apps: number;
    capacity: number;
    app: number;
    configurations: number;
    out: Address;
  }): void;
  /** Throughput of a node with these counts (u8[apps], total <= capacity) on a surface, from table or cache. */
  throughputOf(counts: Address, surface: number): number;
  /** Writes the counts (u8[rows][apps]) of the ranks from `first` on. */
  unrankMany(first: number, rows: number, counts: Address): void;
  /** Throughputs of a surface by rank, f64[n + 1]. */
  valuesOf(surface: number): Address;
  worthWeights(address: Address): Address;
  /** Writes what every node holds into a state. */
  writeArrivals(address: Address, stateAddress: Address): number;
  /** Writes what every node holds into a state. */
  writeLevels(address: Address, stateAddress: Address): number;
  /** Writes what the planner holds into a state, class by class, in order of ranks present. */
  writePlan(address: Address, stateAddress: Address): number;
}

/** The functions of one instance; whole numbers come back unsigned where they are. */
export function bindCore(raw: RawCoreFunctions): CoreFunctions {
  return {
    addEnsemble: (address, app, trees, leaves, features) => raw.addEnsemble(address, app, trees, leaves, features) >>> 0,
    addProcess: (address, app, rows, mean) => raw.addProcess(address, app, rows, mean) >>> 0,
    addRecorded: raw.addRecorded,
    addScorerLayer: (address, outputs, activation) => raw.addScorerLayer(address, outputs, activation) >>> 0,
    addThroughput: raw.addThroughput,
    alloc: (bytes) => raw.alloc(bytes) >>> 0,
    anneal: (address, block, moves, hot, cold) => raw.anneal(address, block, moves, hot, cold) >>> 0,
    arrangedFactors: (address) => raw.arrangedFactors(address) >>> 0,
    arrangedPlaces: (address) => raw.arrangedPlaces(address) >>> 0,
    arrive: raw.arrive,
    arriveAll: (address, order, count, temperature, recording, totals) => raw.arriveAll(address, order, count, temperature, recording, totals) >>> 0,
    beginAnnealing: (address, seed) => raw.beginAnnealing(address, seed) >>> 0,
    beginArrivals: raw.beginArrivals,
    beginGradient: raw.beginGradient,
    beginLocalSearch: raw.beginLocalSearch,
    beginPairSearch: raw.beginPairSearch,
    beginSearch: raw.beginSearch,
    blendFormulas: (address) => raw.blendFormulas(address) >>> 0,
    blendWeights: (address) => raw.blendWeights(address) >>> 0,
    chooserFirst: (address) => raw.chooserFirst(address) >>> 0,
    chooserFirstBias: (address) => raw.chooserFirstBias(address) >>> 0,
    chooserSecond: (address) => raw.chooserSecond(address) >>> 0,
    chooserSecondBias: (address) => raw.chooserSecondBias(address) >>> 0,
    classesCount: (address) => raw.classesCount(address) >>> 0,
    classesMost: (address) => raw.classesMost(address) >>> 0,
    classesNodes: (address) => raw.classesNodes(address) >>> 0,
    classesOfNode: (address) => raw.classesOfNode(address) >>> 0,
    classesSlots: (address) => raw.classesSlots(address) >>> 0,
    clearLevels: raw.clearLevels,
    clearRecord: raw.clearRecord,
    climbFrom: raw.climbFrom,
    contentionParameters: (address) => raw.contentionParameters(address) >>> 0,
    contentionServers: (address) => raw.contentionServers(address) >>> 0,
    contentionThroughput: raw.contentionThroughput,
    continueLocalSearch: (address, most) => raw.continueLocalSearch(address, most) >>> 0,
    continuePairSearch: (address, tolerance, count) => Boolean(raw.continuePairSearch(address, tolerance, count)),
    continueSearch: (address, tolerance, count) => Boolean(raw.continueSearch(address, tolerance, count)),
    createArranged: (apps, model) => raw.createArranged(apps, model) >>> 0,
    createArrivals: (plannerAddress, stateAddress) => raw.createArrivals(plannerAddress, stateAddress) >>> 0,
    createBlend: (apps, members) => raw.createBlend(apps, members) >>> 0,
    createChooser: (inputs, hidden, outputs) => raw.createChooser(inputs, hidden, outputs) >>> 0,
    createClasses: (stateAddress, domains, columns, columnCount) => raw.createClasses(stateAddress, domains, columns, columnCount) >>> 0,
    createContention: (apps) => raw.createContention(apps) >>> 0,
    createContentionFormula: (model) => raw.createContentionFormula(model) >>> 0,
    createDense: raw.createDense,
    createDomains: (count, nodes) => raw.createDomains(count, nodes) >>> 0,
    createGaussianFormula: (apps, capacity) => raw.createGaussianFormula(apps, capacity) >>> 0,
    createGradient: (playerAddress, tapes) => raw.createGradient(playerAddress, tapes) >>> 0,
    createHashed: raw.createHashed,
    createLevels: (plannerAddress, stateAddress, middle, top, recordLimit) => raw.createLevels(plannerAddress, stateAddress, middle, top, recordLimit) >>> 0,
    createMeasured: (apps, rows, others) => raw.createMeasured(apps, rows, others) >>> 0,
    createNetwork: (count) => raw.createNetwork(count) >>> 0,
    createPairSearch: (formula, apps, capacity, permit, room) => raw.createPairSearch(formula, apps, capacity, permit, room) >>> 0,
    createPairwise: (apps, least) => raw.createPairwise(apps, least) >>> 0,
    createPermit: (resources, apart, together) => raw.createPermit(resources, apart, together) >>> 0,
    createPlanner: (classes, tables, ordered, order, informed, recordLimit) => raw.createPlanner(classes, tables, ordered, order, informed, recordLimit) >>> 0,
    createPlayer: (leaves, levels, maxLanes, maxOutputs, remaining) => raw.createPlayer(leaves, levels, maxLanes, maxOutputs, remaining) >>> 0,
    createScorer: (inputs) => raw.createScorer(inputs) >>> 0,
    createSearch: (model, apps, capacity, permit, room) => raw.createSearch(model, apps, capacity, permit, room) >>> 0,
    createState: (nodes) => raw.createState(nodes) >>> 0,
    createTreeRows: (named) => raw.createTreeRows(named.features, named.count, named.featureTotal, named.stride, named.observationRows, named.targets, named.weights, named.observations) >>> 0,
    createTreesFormula: (apps, featureSet, mostLeaves) => raw.createTreesFormula(apps, featureSet, mostLeaves) >>> 0,
    createWorth: (model, least) => raw.createWorth(model, least) >>> 0,
    depart: raw.depart,
    destroyArrivals: raw.destroyArrivals,
    destroyChooser: raw.destroyChooser,
    destroyContention: raw.destroyContention,
    destroyGradient: raw.destroyGradient,
    destroyLevels: raw.destroyLevels,
    destroyNetwork: raw.destroyNetwork,
    destroyPairSearch: raw.destroyPairSearch,
    destroyPlanner: raw.destroyPlanner,
    destroyPlayer: raw.destroyPlayer,
    destroyScorer: raw.destroyScorer,
    destroySearch: raw.destroySearch,
    destroyState: raw.destroyState,
    destroyTreeRows: raw.destroyTreeRows,
    domainsDemand: (address) => raw.domainsDemand(address) >>> 0,
    domainsEligible: (address) => raw.domainsEligible(address) >>> 0,
    domainsOfNode: (address) => raw.domainsOfNode(address) >>> 0,
    domainsRules: (address) => raw.domainsRules(address) >>> 0,
    endAnnealing: raw.endAnnealing,
    endLocalSearch: raw.endLocalSearch,
    evaluateMany: raw.evaluateMany,
    exchange: raw.exchange,
    exchangeGain: raw.exchangeGain,
    fillWeights: raw.fillWeights,
    finishChooser: raw.finishChooser,
    fitBoosted: (named) => raw.fitBoosted(named.rowsAddress, named.trees, named.maxDepth, named.minLeaf, named.maxFeatures, named.rate, named.subsample, named.seed),
    fitForest: (named) => raw.fitForest(named.rowsAddress, named.trees, named.maxDepth, named.minLeaf, named.maxFeatures, named.bootstrap, named.randomSplits, named.seed),
    fittedNodeCount: () => raw.fittedNodeCount() >>> 0,
    fittedNodes: () => raw.fittedNodes() >>> 0,
    fittedRoots: () => raw.fittedRoots() >>> 0,
    fittedValueCount: () => raw.fittedValueCount() >>> 0,
    fittedValues: () => raw.fittedValues() >>> 0,
    formulaOf: (surface) => raw.formulaOf(surface) >>> 0,
    formulaThroughput: raw.formulaThroughput,
    free: raw.free,
    freeFitted: raw.freeFitted,
    freeOwner: raw.freeOwner,
    gaussianFactor: raw.gaussianFactor,
    gaussianGradient: (named) => raw.gaussianGradient(named.inverse, named.covariance, named.weights, named.scale, named.slopes, named.features, named.size, named.points, named.rows, named.out),
    gaussianInverse: raw.gaussianInverse,
    gaussianMatrix: raw.gaussianMatrix,
    gaussianPredict: (named) => raw.gaussianPredict(named.tables, named.features, named.size, named.points, named.rows, named.weights, named.factor, named.asked, named.askedRows, named.scratch, named.means, named.variances),
    gaussianSolve: raw.gaussianSolve,
    gradientEntropy: raw.gradientEntropy,
    gradientFirst: (address, at) => raw.gradientFirst(address, at) >>> 0,
    gradientFirstBias: (address, at) => raw.gradientFirstBias(address, at) >>> 0,
    gradientLoss: raw.gradientLoss,
    gradientSecond: (address, at) => raw.gradientSecond(address, at) >>> 0,
    gradientSecondBias: (address, at) => raw.gradientSecondBias(address, at) >>> 0,
    greedyByApp: (address, demand, order) => raw.greedyByApp(address, demand, order) >>> 0,
    greedyInOrder: (address, containers, count) => raw.greedyInOrder(address, containers, count) >>> 0,
    groupInputs: (plannerInputs) => raw.groupInputs(plannerInputs) >>> 0,
    indexMeasured: raw.indexMeasured,
    levelChildOf: (address, at) => raw.levelChildOf(address, at) >>> 0,
    levelChildren: (address, at) => raw.levelChildren(address, at) >>> 0,
    levelDecisions: (address) => raw.levelDecisions(address) >>> 0,
    levelEntropy: raw.levelEntropy,
    levelFirstChild: (address, at) => raw.levelFirstChild(address, at) >>> 0,
    levelGroupOf: (address, at) => raw.levelGroupOf(address, at) >>> 0,
    levelLoss: raw.levelLoss,
    levelRecord: (address, level) => raw.levelRecord(address, level) >>> 0,
    levelRecorded: (address, level) => raw.levelRecorded(address, level) >>> 0,
    levelSlopes: (address, level) => raw.levelSlopes(address, level) >>> 0,
    loadArrivals: raw.loadArrivals,
    localSearchEnded: () => Boolean(raw.localSearchEnded()),
    makeFeatures: raw.makeFeatures,
    maskTable: raw.maskTable,
    measuredCounts: (address) => raw.measuredCounts(address) >>> 0,
    measuredSpeeds: (address) => raw.measuredSpeeds(address) >>> 0,
    modelOf: (surface) => raw.modelOf(surface) >>> 0,
    networkBias: (address, at) => raw.networkBias(address, at) >>> 0,
    networkKernel: (address, at) => raw.networkKernel(address, at) >>> 0,
    pairClimbFrom: raw.pairClimbFrom,
    pairSearchBest: (address) => raw.pairSearchBest(address) >>> 0,
    pairSearchBound: raw.pairSearchBound,
    pairSearchBoxes: (address) => raw.pairSearchBoxes(address) >>> 0,
    pairSearchCapacity: raw.pairSearchCapacity,
    pairSearchLimits: (address) => raw.pairSearchLimits(address) >>> 0,
    pairSearchPermits: (address, counts) => Boolean(raw.pairSearchPermits(address, counts)),
    pairSearchPrices: (address) => raw.pairSearchPrices(address) >>> 0,
    pairSearchThroughput: raw.pairSearchThroughput,
    pairSearchValue: raw.pairSearchValue,
    pairwiseAlone: (address) => raw.pairwiseAlone(address) >>> 0,
    pairwiseTerms: (address) => raw.pairwiseTerms(address) >>> 0,
    permitAmounts: (address) => raw.permitAmounts(address) >>> 0,
    permitLimits: (address) => raw.permitLimits(address) >>> 0,
    permitNeeds: (address) => raw.permitNeeds(address) >>> 0,
    permitPairs: (address) => raw.permitPairs(address) >>> 0,
    place: raw.place,
    placeGain: raw.placeGain,
    placeShare: (named) => raw.placeShare(named.high, named.leaf, named.sub, named.choosers, named.classes, named.classWidth, named.out),
    planByLevels: (address, demand, temperature, target, recording) => raw.planByLevels(address, demand, temperature, target, recording) >>> 0,
    planDemand: (address, demand, temperature, target, recording) => raw.planDemand(address, demand, temperature, target, recording) >>> 0,
    plannerDecisions: (address) => raw.plannerDecisions(address) >>> 0,
    plannerEntropy: raw.plannerEntropy,
    plannerInputs: (tables) => raw.plannerInputs(tables) >>> 0,
    plannerLoss: raw.plannerLoss,
    plannerRecord: (address) => raw.plannerRecord(address) >>> 0,
    plannerRecordSlopes: (address) => raw.plannerRecordSlopes(address) >>> 0,
    plannerRecordTimes: (address) => raw.plannerRecordTimes(address) >>> 0,
    plannerRecorded: (address) => raw.plannerRecorded(address) >>> 0,
    plannerTotal: raw.plannerTotal,
    playEpisode: (address, demand, seed, mode, actions, observations) => raw.playEpisode(address, demand, seed, mode, actions, observations) >>> 0,
    playerCapacities: (address) => raw.playerCapacities(address) >>> 0,
    playerEntropy: raw.playerEntropy,
    playerPlaced: (address) => raw.playerPlaced(address) >>> 0,
    playerTotal: raw.playerTotal,
    predictTrees: (named) => raw.predictTrees(named.nodes, named.values, named.roots, named.trees, named.features, named.rows, named.paddedFeatures, named.app, named.out, named.outStride, named.squares),
    priceBest: (named) => raw.priceBest(named.values, named.apps, named.capacity, named.given, named.scratch, named.buckets, named.best, named.ranks),
    priceCollect: (named) => raw.priceCollect(named.values, named.apps, named.capacity, named.given, named.scratch, named.thresholds, named.limit, named.found, named.reducedValues) >>> 0,
    priceTop: (values, apps, capacity, given, scratch, best) => raw.priceTop(values, apps, capacity, given, scratch, best) >>> 0,
    pricingScratch: (apps, capacity) => raw.pricingScratch(apps, capacity) >>> 0,
    randomBits: () => raw.randomBits() >>> 0,
    rankOf: (counts) => raw.rankOf(counts) >>> 0,
    recordEpisode: (address, tapeAt, demand, seed, mode, actions) => raw.recordEpisode(address, tapeAt, demand, seed, mode, actions) >>> 0,
    refresh: raw.refresh,
    remove: raw.remove,
    runNetwork: raw.runNetwork,
    searchBest: (address) => raw.searchBest(address) >>> 0,
    searchBound: raw.searchBound,
    searchBoxes: (address) => raw.searchBoxes(address) >>> 0,
    searchCapacity: raw.searchCapacity,
    searchLimits: (address) => raw.searchLimits(address) >>> 0,
    searchPermits: (address, counts) => Boolean(raw.searchPermits(address, counts)),
    searchPrices: (address) => raw.searchPrices(address) >>> 0,
    searchThroughput: raw.searchThroughput,
    searchValue: raw.searchValue,
    seedRandom: raw.seedRandom,
    setChooser: raw.setChooser,
    setDomains: raw.setDomains,
    setFormula: raw.setFormula,
    setModel: raw.setModel,
    setNetworkLayer: raw.setNetworkLayer,
    setScorer: raw.setScorer,
    shapeLevel: raw.shapeLevel,
    solvePrices: (named) => raw.solvePrices(named.address, named.want, named.t, named.prices, named.maxSteps, named.tolerance, named.inverse) >>> 0,
    stateAlike: (address) => raw.stateAlike(address) >>> 0,
    stateCapacities: (address) => raw.stateCapacities(address) >>> 0,
    stateCounts: (address) => raw.stateCounts(address) >>> 0,
    stateNodeValues: (address) => raw.stateNodeValues(address) >>> 0,
    statePermits: (address) => raw.statePermits(address) >>> 0,
    stateSurfaces: (address) => raw.stateSurfaces(address) >>> 0,
    stateTables: (address) => raw.stateTables(address) >>> 0,
    stateTotal: raw.stateTotal,
    sumRanks: raw.sumRanks,
    sumSpace: (named) => raw.sumSpace(named.nodes, named.values, named.roots, named.trees, named.featureSet, named.apps, named.capacity, named.app, named.configurations, named.out),
    throughputOf: raw.throughputOf,
    unrankMany: raw.unrankMany,
    valuesOf: (surface) => raw.valuesOf(surface) >>> 0,
    worthWeights: (address) => raw.worthWeights(address) >>> 0,
    writeArrivals: raw.writeArrivals,
    writeLevels: raw.writeLevels,
    writePlan: raw.writePlan,
  };
}
