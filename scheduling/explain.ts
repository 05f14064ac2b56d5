/**
 * Why a problem has no placement: a set of its requirements that clash, none of which can be left out.
 * @module
 */
import { Random } from "../domain/mod.ts";
import type { Requirement, Wanted } from "./requirements.ts";

/** Whether a problem has a placement; null if that was not decided in time. */
export type IsFeasible = (problem: Wanted) => Promise<boolean | null>;

/** Requirements that cannot all be kept. */
export interface Clash {
  /** Those that clash: no placement keeps all of them. */
  readonly requirements: readonly Requirement[];
  /** True if it is proven that there is a placement of all else where any one of them is left out. */
  readonly irreducible: boolean;
}

/** Orders in which requirements are tried: the smallest clash of them is told. */
const ORDERS = 8;

/**
 * The smallest set of clashing requirements that is found in the time: by deletion filtering (Chinneck and Dravnieks 1991)
 * over halves, quarters, ... of them, in several orders.
 * @param problem Has no placement.
 * @param requirements What may be left out; what else the problem asks for (its nodes and their slots) stays.
 * @param isExpired True when it is time to end.
 */
export async function explainInfeasible(
  problem: Wanted,
  requirements: readonly Requirement[],
  isFeasible: IsFeasible,
  isExpired: () => boolean,
): Promise<Clash> {
  const random = new Random(1);
  const answers = new Answers(problem, requirements, isFeasible);
  let best: Clash = { requirements, irreducible: false };
  for (let order = 0; order < ORDERS && !isExpired(); order++) {
    const tried = order === 0
      ? [...requirements]
      : order === 1
      ? requirements.toReversed()
      : random.shuffle([...requirements]);
    const found = await filterOnce(tried, answers, isExpired);
    const isBetter = found.requirements.length < best.requirements.length ||
      (found.irreducible && !best.irreducible);
    if (isBetter) best = found;
    if (best.requirements.length <= 1) break;
  }
  const { requirements: clashing, irreducible } = best;
  return {
    requirements: requirements.filter((one) => clashing.includes(one)),
    irreducible: irreducible && await answers.allFree(clashing),
  };
}

/** Whether sets of requirements can be kept. What is known of larger and smaller sets is not asked again. */
class Answers {
  readonly #feasible: ReadonlySet<Requirement>[] = [];
  readonly #clashing: ReadonlySet<Requirement>[] = [];

  constructor(
    readonly problem: Wanted,
    readonly requirements: readonly Requirement[],
    readonly isFeasible: IsFeasible,
  ) {}

  async of(kept: ReadonlySet<Requirement>): Promise<boolean | null> {
    if (this.#feasible.some((known) => kept.isSubsetOf(known))) return true;
    if (this.#clashing.some((known) => kept.isSupersetOf(known))) return false;
    const answer = await this.isFeasible(
      this.requirements.filter((one) => !kept.has(one))
        .reduce((rest, one) => one.without(rest), this.problem),
    );
    if (answer !== null) (answer ? this.#feasible : this.#clashing).push(kept);
    return answer;
  }

  /** Whether leaving out any one of these is enough: it is not where others clash beside them. */
  async allFree(clashing: readonly Requirement[]): Promise<boolean> {
    for (const one of clashing) {
      const rest = new Set(this.requirements.filter((other) => other !== one));
      if (await this.of(rest) !== true) return false;
    }
    return true;
  }
}

async function filterOnce(
  order: readonly Requirement[],
  answers: Answers,
  isExpired: () => boolean,
): Promise<Clash> {
  let kept: ReadonlySet<Requirement> = new Set(order);
  let irreducible = true;
  /** Drops the chunk where the rest still clashes; else of its halves what is not needed. */
  const filter = async (chunk: readonly Requirement[]): Promise<void> => {
    if (isExpired()) {
      irreducible = false;
      return;
    }
    const left = kept.difference(new Set(chunk));
    const answer = await answers.of(left);
    if (answer === false) {
      kept = left;
    } else if (chunk.length > 1) {
      const half = chunk.length >> 1;
      await filter(chunk.slice(0, half));
      await filter(chunk.slice(half));
    } else if (answer === null) irreducible = false;
  };
  await filter(order);
  return { requirements: [...kept], irreducible };
}

/** A clash in one line. */
export function clashText({ requirements, irreducible }: Clash): string {
  const [only] = requirements;
  if (only === undefined) return "No placement exists, whatever is left out";
  const texts = requirements.map(({ text }) => text);
  if (texts.length === 1) return `This cannot be kept: ${texts[0]}`;
  const rest = irreducible ? ": without any one of these there is a placement" : "";
  return `These clash: ${texts.join("; ")}${rest}`;
}
