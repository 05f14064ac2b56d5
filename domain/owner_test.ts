import assert from "node:assert/strict";
import { DisposedError } from "./errors.ts";
import { Owner } from "./owner.ts";

class Counter extends Owner {
  released = 0;

  constructor() {
    super("counter");
  }

  use(): number {
    this.needLive();
    return this.released;
  }

  protected override release(): void {
    this.released++;
  }
}

Deno.test("an owner releases once, however often it is disposed of", () => {
  const counter = new Counter();
  {
    using same = counter;
    assert.equal(same.use(), 0);
  }
  counter.dispose();
  assert.equal(counter.released, 1);
  assert.ok(counter.disposed);
});

Deno.test("a disposed owner names itself where it is used", () => {
  const counter = new Counter();
  counter.dispose();
  assert.throws(
    () => counter.use(),
    new DisposedError("counter"),
  );
  assert.equal(new DisposedError("counter").message, "This counter is disposed: create a new one");
});
