// Connects to the engine that the environment names, as the program does, in a process whose environment is its own.
import { connectEngine } from "../engine/connect.ts";

try {
  const engine = await connectEngine({}, (name) => Deno.env.get(name));
  console.log(await engine.version());
  engine.close();
} catch (error) {
  console.log(String(error));
}
