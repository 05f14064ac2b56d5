import assert from "node:assert/strict";
import { OWN } from "./testing/_files.ts";
import { Firefox, missingFirefox } from "./testing/_firefox.ts";
import { openSite } from "./testing/_site.ts";

const missing = await missingFirefox();

Deno.test({
  name: `the demo works in Firefox: story, dashboard, a profile of one's own${
    missing === null ? "" : ` (skipped: ${missing})`
  }`,
  ignore: missing !== null,
  async fn() {
    await using site = await openSite();
    await using firefox = await Firefox.start();
    await firefox.open(site.url);
    await firefox.shows("#pair-said", /^Beside mms, ycsb-b runs at 43 % of its speed alone\./);
    await firefox.shows("#nine-said", /20\.2 % below the best possible/);

    await firefox.evaluate(`document.querySelector("#on").click()`);
    await firefox.shows("#verdict .headline", /^metis runs these containers .* than spread/);
    await firefox.shows("#verdict .more", /proven under the model\.$/);
    await firefox.shows("#floor-cost", /^To keep every container at 50 % /);
    const placed = `document.querySelectorAll(".panel[data-status=placed]").length`;
    assert.equal(await firefox.evaluate(placed), 2);

    await firefox.evaluate(`{
      const files = new DataTransfer();
      files.items.add(new File([${JSON.stringify(OWN)}], "own.csv"));
      const input = document.querySelector("#profile-file");
      input.files = files.files;
      input.dispatchEvent(new Event("change"));
    }`);
    await firefox.shows("#profile", /^own\.csv: 6 measured configurations of 2 apps/);
    await firefox.shows("#commands", /metis deploy plan\.json$/);
    assert.deepEqual(firefox.problems, []);
  },
});
