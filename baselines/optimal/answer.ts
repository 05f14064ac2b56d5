import type { Placement } from "../../domain/mod.ts";

/** The best placement found, and what is proven about every other. */
export interface OptimalAnswer {
  readonly placement: Placement;
  /** Its total throughput. */
  readonly total: number;
  /** Proven upper bound on the total throughput of any placement. */
  readonly boundTotal: number;
  /** True if no placement is better by more than a relative 1e-9. */
  readonly proven: boolean;
  /** The bound of the linear relaxation. */
  readonly relaxationBound: number;
  /** Passes over all configurations. */
  readonly passes: number;
  /** Columns of the last integer program. */
  readonly columns: number;
  /** Integer programs solved. */
  readonly programs: number;
  /** Branch and bound nodes of all of them. */
  readonly branches: number;
}
