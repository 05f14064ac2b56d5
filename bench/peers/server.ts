/** The target of bench/load.ts: answers `/` at once and `/slow` after 200 ms; writes its port. */
const server = Deno.serve(
  { port: 0, hostname: "127.0.0.1", onListen: ({ port }) => console.log(port) },
  async (request) => {
    if (request.url.endsWith("/slow")) await new Promise((resolve) => setTimeout(resolve, 200));
    return new Response("hello\n");
  },
);
await server.finished;
