import assert from "node:assert/strict";
import { openJournal } from "./journal.ts";

const LINE = '{"kind":"begins","at":1,"acts":true}\n';

Deno.test("a journal goes on after a line that was cut off, and a file that is none stays as it is", async () => {
  const path = await Deno.makeTempFile();
  try {
    for (const tail of ["", "{", '{"kind":"ac', '{"kind":"stays","at":2']) {
      await Deno.writeTextFile(path, LINE + tail);
      const journal = openJournal(path);
      assert.equal(journal.past.length, 1);
      journal.close();
      assert.equal(await Deno.readTextFile(path), LINE);
    }
    for (const foreign of ["a secret without a newline", '{"name":"package"}', `${LINE}more`]) {
      await Deno.writeTextFile(path, foreign);
      assert.throws(() => openJournal(path), /not a line of the journal of a watch.*--journal/);
      assert.equal(await Deno.readTextFile(path), foreign);
    }
  } finally {
    await Deno.remove(path);
  }
});
