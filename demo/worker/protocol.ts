/**
 * What the page asks its workers.
 * @module
 */
import type {
  AimFields,
  Cluster,
  Demand,
  Grounds,
  MovePoint,
  Network,
  Objective,
  Placement,
  Rules,
  Steps,
  SurfaceData,
} from "../../mod.ts";

/** A profile: one that comes with Metis, or a file of the user. */
export type ProfileSource =
  | { readonly kind: "bundled"; readonly name: string }
  | { readonly kind: "file"; readonly name: string; readonly bytes: Uint8Array };

/** A profile, fitted. */
export interface OpenedProfile {
  /** File that it was read from. */
  readonly file: string;
  /** Measured configurations. */
  readonly rows: number;
  /** Kind of the interference model. */
  readonly model: string;
  readonly fitSeconds: number;
  /** What a user should know about the file, a line each. */
  readonly notices: readonly string[];
  /** RPS of every configuration. */
  readonly surface: SurfaceData;
  /** Schedulers that answer at once, simplest first. */
  readonly schedulers: readonly { readonly name: string; readonly summary: string }[];
  /** Demands that come with Metis for these apps. */
  readonly demands: readonly NamedDemand[];
}

/** A row of a bundled file of demands. */
export interface NamedDemand {
  readonly name: string;
  readonly row: number;
  readonly demand: Demand;
}

/** What to place, and where. */
export interface ProblemRequest {
  readonly cluster: Cluster;
  readonly demand: Demand;
  readonly rules: Rules;
}

/** A run of a scheduler. */
export interface PlaceRequest extends ProblemRequest {
  readonly scheduler: string;
  readonly seed: number;
  /** What is made large. @default throughput */
  readonly objective?: Objective;
  /** Normalised RPS that every container keeps. @default 0 */
  readonly floor?: number;
  /** True to forecast latencies as well, which takes its time. */
  readonly latencies?: boolean;
}

/** Where a scheduler put everything. */
export interface PlacedReply {
  /** Row-major, nodes x apps. */
  readonly counts: Uint8Array;
  /** Seconds that the scheduler took. */
  readonly seconds: number;
  /** Node and app of each container in the order of its decisions, as node * apps + app; null for a search. */
  readonly steps: Uint32Array | null;
  /** Upper bound on the total that the scheduler proved, or null. */
  readonly boundTotal: number | null;
  readonly details: Readonly<Record<string, number | string | boolean>>;
  /** What the value of the placement rests on. */
  readonly grounds: Grounds;
  /** Highest 99th percentile latency of each app in milliseconds; undefined if not asked for, or not measured. */
  readonly p99: AimFields["p99"];
}

/** What is proven about every placement of a problem. */
export interface BoundReply {
  readonly boundTotal: number | null;
}

/** What runs, where it may go, and what is to be there. */
export interface ReplanRequest extends ProblemRequest {
  /** What runs now, on the nodes of the cluster. */
  readonly current: Placement;
}

/** A change whose steps are to be ordered. */
export interface StepsRequest extends ReplanRequest {
  /** What should run. */
  readonly next: Placement;
  /** Per app: containers that were lost with nodes that left. */
  readonly lost: readonly number[];
}

/** What is known of a frontier besides its points. */
export interface FrontierReply {
  /** True if more moves than those of the last point bring nothing. */
  readonly complete: boolean;
}

/** Methods of the worker that fits, places and proves. */
export type PlaceWorkerMethods = {
  open: { argument: ProfileSource; result: OpenedProfile; progress: never };
  place: { argument: PlaceRequest; result: PlacedReply; progress: never };
  /** What the value of a placement rests on that was moved by hand, or read from a file. */
  grounds: { argument: Placement; result: Grounds; progress: never };
  bound: { argument: ProblemRequest; result: BoundReply; progress: never };
  /** The best placement for every number of moves, each told when it is found. */
  frontier: { argument: ReplanRequest; result: FrontierReply; progress: MovePoint };
  /** A safe order of the steps to a placement. */
  steps: { argument: StepsRequest; result: Steps; progress: never };
  /** Places by these networks from now on, instead of those that come with Metis. */
  adopt: { argument: readonly Network[]; result: void; progress: never };
};

/** A training in the page. */
export interface TrainRequest {
  readonly surface: SurfaceData;
  readonly nodes: number;
  readonly updates: number;
  readonly seed: number;
}

/** Where a training stands. */
export interface TrainProgress {
  readonly update: number;
  /** Mean share that sampled placements lose against the polished best of the same demand. */
  readonly regret: number;
  /** Mean gap of greedy decoding to the bounds of the validation demands, where it was just measured. */
  readonly gap: number | null;
  readonly seconds: number;
}

/** How a training ended. */
export interface TrainReply {
  readonly networks: readonly Network[];
  /** The same as an archive of a policy directory. */
  readonly archive: Blob;
  /** "wasm" or "cpu". */
  readonly backend: string;
}

/** Methods of the worker that trains. */
export type TrainWorkerMethods = {
  train: { argument: TrainRequest; result: TrainReply; progress: TrainProgress };
};
