/** Options that decide the weight of the entropy bonus. */
export interface EntropySchedule {
  readonly entropyWeight: number;
  readonly entropyHalvedEvery: number;
  readonly entropyFloor: number;
}

/** Weight of the entropy bonus after some episodes: halved again and again, down to the floor. */
export function entropyWeightAfter(schedule: EntropySchedule, episodes: number): number {
  const { entropyWeight, entropyHalvedEvery, entropyFloor } = schedule;
  if (entropyHalvedEvery === 0) return entropyWeight;
  const halved = entropyWeight * 0.5 ** Math.floor(episodes / entropyHalvedEvery);
  return Math.max(Math.min(entropyFloor, entropyWeight), halved);
}
