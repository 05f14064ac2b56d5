/**
 * The bytes of a file that comes with Metis, beside its modules, wherever those were loaded from: a folder, the inside
 * of a compiled binary (which only Deno's own functions see), or a server.
 */
export async function readBundled(address: URL): Promise<Uint8Array> {
  if (address.protocol === "file:") return await Deno.readFile(address);
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
