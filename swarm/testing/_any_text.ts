import fc from "fast-check";

/** Any text, ASCII and its control characters half of the time. fast-check's own takes seconds to make its table. */
export const anyText: fc.Arbitrary<string> = fc.array(
  fc.oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0, max: 0x10ffff })),
  { maxLength: 12 },
).map((codes) => String.fromCodePoint(...codes));
