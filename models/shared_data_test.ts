import assert from "node:assert/strict";
import { needsReference } from "../reference/_needs.ts";
import { referenceProfile as read } from "../reference/data.ts";
import {
  crossValidate,
  fitExtraTrees,
  fitForest,
  holdOut,
  scoreModel,
  scoreUnseen,
} from "./mod.ts";

Deno.test(needsReference({
  name: "the forest reaches R^2 0.989 on the reference split of the 2008 rows",
  async fn() {
    const { train, test } = holdOut(await read("metis-2008.npz"));
    assert.equal(train.rows, 1807);
    for (const seed of [0, 1, 2]) {
      const { r2Paper } = scoreModel(fitForest(train, { seed }), test);
      assert.ok(r2Paper >= 0.989, `R^2 ${r2Paper} with seed ${seed}`);
    }
  },
}));

Deno.test(needsReference({
  name: "the forest agrees with scikit-learn's on all 6435 configurations",
  async fn() {
    const { train } = holdOut(await read("metis-2008.npz"));
    const table = await read("rf20-table.csv");
    const { maePresent } = scoreModel(fitForest(train, { seed: 1 }), table);
    // Two forests of scikit-learn that differ in their seed alone differ by 0.0062.
    assert.ok(maePresent < 0.008, `they differ by ${maePresent}`);
  },
}));

Deno.test(needsReference({
  name: "extra-trees err less than the forest on unseen configurations",
  async fn() {
    const [small, large] = [await read("metis-322.npz"), await read("metis-2008.npz")];
    const forest = scoreUnseen(fitForest(small, { seed: 1 }), small, large);
    const trees = scoreUnseen(fitExtraTrees(small, { seed: 1 }), small, large);
    assert.ok(trees.maePresent < 0.75 * forest.maePresent, JSON.stringify({ trees, forest }));
    const validated = crossValidate(large, (train) => fitExtraTrees(train, { seed: 1 }), 5, 1);
    assert.ok(validated.maePresent < 0.028, JSON.stringify(validated));
  },
}));
