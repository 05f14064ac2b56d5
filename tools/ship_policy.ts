/**
 * `deno run -A tools/ship_policy.ts DIR`: makes the policy in a directory of `metis train` the one that comes with Metis.
 * @module
 */
import { decodeCheckpoint, encodeCheckpoint } from "../policies/checkpoint/mod.ts";

const [directory] = Deno.args;
if (directory === undefined) {
  throw new Error("Name the directory of a policy: DIR/best or DIR/last");
}
const { info, networks } = await decodeCheckpoint(
  (path) => Deno.readFile(`${directory}/${path}`),
  directory,
);
const files = await encodeCheckpoint({ info, networks, trainer: null });
const entries = Array.from(files, ([path, bytes]) => {
  const text = path.endsWith(".json") ? new TextDecoder().decode(bytes) : bytes.toBase64();
  return `  ${JSON.stringify(path)}:\n    ${JSON.stringify(text)},\n`;
});
const name = `${info.kind.toUpperCase()}_FILES`;
await Deno.writeTextFile(
  new URL(`../policies/universal/weights/${info.kind}.ts`, import.meta.url),
  `// Written by tools/ship_policy.ts.\n/** Files of a policy by path: JSON as it is, all else in base64. */\n` +
    `export const ${name}: Readonly<Record<string, string>> = {\n${entries.join("")}};\n`,
);
