/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * A first visit of the page in real Chromium: what it loads, and when it can be used.
 * @module
 */
import { demoHandler } from "../cli/demo/handler.ts";
import { buildDemo } from "../demo/build.ts";
import { missingBrowser, startBrowser } from "../demo/testing/_browser.ts";
import type { BenchmarkRow } from "./measure.ts";

const VISITS = 5;
/** Milliseconds that a visit may take. */
const PATIENCE = 240_000;

/** What a first visit may take: it is what rows are compared with. */
const TARGETS = { bytes: 1_500_000, seconds: 1, shift: 0.05 } as const;

/** What visitors come for; what is there as soon as the page answers; what it says when all is proven. */
const PLACES = [
  {
    name: "story",
    hash: "#story",
    usable: "#pair-speeds li",
    complete: { selector: "#nine-said", says: "below the best possible" },
  },
  {
    name: "dashboard",
    hash: "#nodes=81&a=spread&b=metis",
    usable: "#nodes input:enabled",
    complete: { selector: "#verdict .more", says: "proven under the model" },
  },
] as const;

type Place = typeof PLACES[number];
type Browser = Awaited<ReturnType<typeof startBrowser>>;

/** A visit. Seconds count from the navigation. */
interface Visited {
  readonly bytes: number;
  readonly painted: number;
  readonly usable: number;
  readonly complete: number;
  readonly shift: number;
}

/**
 * First visits with nothing cached, the server on the same machine: bytes on the wire until all that is shown is proven
 * (by the encoding that a browser accepts), first contentful paint, the moment from which the page answers, when all is
 * proven, and the cumulative layout shift. Beside their targets.
 */
export async function benchPage(): Promise<BenchmarkRow[]> {
  if (await missingBrowser() !== null) return [];
  await using cleanup = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "metis-bench-page-" });
  cleanup.defer(() => Deno.remove(folder, { recursive: true }));
  await buildDemo(folder);
  const site = serve(folder);
  cleanup.defer(() => site.stop());
  const browser = cleanup.adopt(await startBrowser(), (browser) => browser.close());
  const rows: BenchmarkRow[] = [];
  for (const place of PLACES) {
    const visits: Visited[] = [];
    for (let visit = 0; visit < VISITS; visit++) visits.push(await visitOf(browser, site, place));
    site.accept = "gzip";
    const { bytes } = await visitOf(browser, site, place);
    site.accept = null;
    rows.push(
      row(place, "bytes, by brotli", visits.map((one) => one.bytes), "B", TARGETS.bytes),
      row(place, "bytes, by gzip", [bytes], "B", TARGETS.bytes),
      row(place, "first paint", visits.map(({ painted }) => painted), "s", TARGETS.seconds),
      row(place, "interactive", visits.map(({ usable }) => usable), "s", TARGETS.seconds),
      row(place, "all is proven", visits.map(({ complete }) => complete), "s"),
      row(place, "layout shift", visits.map(({ shift }) => shift), "", TARGETS.shift),
    );
  }
  return rows;
}

function row(
  { name }: Place,
  what: string,
  values: readonly number[],
  unit: string,
  target?: number,
): BenchmarkRow {
  const ours = [...values].sort((a, b) => a - b)[values.length >> 1]!;
  const workload = `first visit of the ${name}: ${what}`;
  return {
    ...{ suite: "page", workload, ours, unit, better: "lower" as const },
    ...(target === undefined ? {} : { alternative: "target", theirs: target }),
  };
}

/** A server that counts what it sends. */
interface CountingSite {
  readonly url: string;
  bytes: number;
  /** Encodings that requests are taken to accept; null leaves it to the browser. */
  accept: string | null;
  stop(): Promise<void>;
}

function serve(folder: string): CountingSite {
  const read = (path: string) => Deno.readFile(`${folder}/${path}`).catch(() => null);
  const handler = demoHandler(read, () => true);
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async ({ url, method, headers }) => {
      const asked = new Headers(headers);
      if (site.accept !== null) asked.set("accept-encoding", site.accept);
      const response = await handler(new Request(url, { method, headers: asked }));
      site.bytes += Number(response.headers.get("content-length") ?? 0);
      return response;
    },
  );
  const site: CountingSite = {
    url: `http://localhost:${server.addr.port}/`,
    bytes: 0,
    accept: null,
    stop: () => server.shutdown(),
  };
  return site;
}

async function visitOf(browser: Browser, site: CountingSite, place: Place): Promise<Visited> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  try {
    const page = await context.newPage();
    await page.addInitScript(watch, place.usable);
    site.bytes = 0;
    await page.goto(site.url + place.hash);
    const { selector, says } = place.complete;
    await page.locator(selector, { hasText: says }).waitFor({ timeout: PATIENCE });
    return { bytes: site.bytes, ...await page.evaluate(() => globalThis.watched()) };
  } finally {
    await context.close();
  }
}

declare global {
  /** What {@link watch} has seen, in the page. */
  var watched: () => Omit<Visited, "bytes">;
}

/** Runs in the page before all else. @param usable What is there as soon as the page can be used. */
function watch(usable: string): void {
  let shown = 0;
  let shift = 0;
  const long: { readonly start: number; readonly end: number }[] = [];
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      long.push({ start: startTime, end: startTime + duration });
    }
  }).observe({ type: "longtask", buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { value, hadRecentInput } = entry as PerformanceEntry & {
        readonly value: number;
        readonly hadRecentInput: boolean;
      };
      if (!hadRecentInput) shift += value;
    }
  }).observe({ type: "layout-shift", buffered: true });
  const frame = (): void => {
    if (document.querySelector(usable) === null) requestAnimationFrame(frame);
    else shown = performance.now();
  };
  requestAnimationFrame(frame);
  globalThis.watched = () => {
    const [paint] = performance.getEntriesByName("first-contentful-paint");
    // A task that holds the main thread at that moment has to end before a click is answered.
    const held = long.find(({ start, end }) => start <= shown && end >= shown);
    return {
      painted: (paint?.startTime ?? NaN) / 1000,
      usable: (held?.end ?? shown) / 1000,
      complete: performance.now() / 1000,
      shift,
    };
  };
}
