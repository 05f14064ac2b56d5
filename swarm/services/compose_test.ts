import assert from "node:assert/strict";
import fc from "fast-check";
import { InputError } from "../../domain/errors.ts";
import { runs } from "../../tools/_full.ts";
import { anyText } from "../testing/_any_text.ts";
import {
  readServices,
  type ReadServicesOptions,
  readStack,
  requireServices,
  secretLike,
} from "./compose.ts";

const read = (text: string, options?: ReadServicesOptions) =>
  readServices(text, "stack.yaml", options);
const one = (yaml: string, options?: ReadServicesOptions) =>
  read(`services:\n  web:\n    image: nginx:1\n${yaml.replace(/^(?=.)/gm, "    ")}\n`, options)
    .get("web")!;

Deno.test("readServices reads a stack file as operators write it", () => {
  const { services, findings } = readStack([{
    name: "stack.yaml",
    contents: `
version: "3.8"
x-limits: &limits
  limits: { cpus: "0.50", memory: 64M }
x-base: &base
  image: registry.example:5000/web@sha256:${"a".repeat(64)}
  environment: [B=2, A=1]
  networks: [front]
services:
  web:
    <<: *base
    build: .
    restart: always
    command: httpd -f -h '/www data' -c "a \\"b\\""
    user: 1000
    ports: ["8081:8080", 53, { target: 9, published: "99", protocol: udp }]
    volumes: ["/srv/www:/www:ro", "cache:/cache", "/scratch"]
    healthcheck: { test: curl -f http://localhost, interval: 1m30s }
    deploy:
      replicas: 6
      mode: replicated
      update_config: { parallelism: 2 }
      resources: *limits
      labels: [tier=front]
      placement:
        constraints: [node.labels.disk == ssd]
        preferences: [{ spread: node.labels.zone }]
        max_replicas_per_node: 4
  db: { <<: *base, image: redis, networks: { front: } }
networks: { front: { external: true } }
volumes: { cache: }
`,
  }]);
  const web = services.get("web")!;
  assert.deepEqual(web.command, ["httpd", "-f", "-h", "/www data", "-c", 'a "b"']);
  assert.deepEqual(web.environment, [["A", "1"], ["B", "2"]]);
  assert.equal(web.user, "1000");
  assert.deepEqual(web.ports, [
    { target: 8080, published: 8081, protocol: "tcp", mode: "ingress" },
    { target: 53, published: null, protocol: "tcp", mode: "ingress" },
    { target: 9, published: 99, protocol: "udp", mode: "ingress" },
  ]);
  assert.deepEqual(
    web.volumes.map(({ definition, ...one }) => ({ ...one, key: definition?.key })),
    [
      { type: "bind", source: "/srv/www", target: "/www", read_only: true, key: undefined },
      { type: "volume", source: "cache", target: "/cache", read_only: false, key: "cache" },
      { type: "volume", target: "/scratch", read_only: false, key: undefined },
    ],
  );
  assert.deepEqual(web.healthcheck?.test, ["CMD-SHELL", "curl -f http://localhost"]);
  assert.deepEqual(web.deploy.resources.limits, { cpus: "0.50", memory: "64M" });
  assert.deepEqual(web.deploy.labels, { tier: "front" });
  assert.equal(web.deploy.placement?.max_replicas_per_node, 4);
  // An own key beats what is merged in.
  assert.equal(services.get("db")!.image, "redis");
  assert.deepEqual(services.get("db")!.networks.map(({ definition }) => definition.key), [
    "front",
  ]);
  const keysOf = (kind: string) =>
    findings.filter((one) => one.kind === kind).map(({ service, key }) => `${service}: ${key}`);
  assert.deepEqual(keysOf("ignored"), ["web: build"]);
  assert.deepEqual(keysOf("decided"), [
    "web: deploy.replicas",
    "web: deploy.placement.preferences",
    "web: deploy.mode",
    "web: ports",
  ]);
  assert.deepEqual(keysOf("refused"), []);
  // Docker takes `restart` where deploy.restart_policy says nothing.
  assert.deepEqual(web.deploy.restart_policy, { condition: "any" });
});

Deno.test("readServices fills variables in as Compose does", () => {
  const variables = (name: string) => ({ TAG: "2", EMPTY: "" } as Record<string, string>)[name];
  const command = (text: string) => one(`command: ["${text}"]`, { variables }).command![0];
  assert.equal(command("${TAG}-$TAG"), "2-2");
  // To Docker, what follows a name without braces is a default too, to the next brace.
  assert.equal(command("$TAG-alpine"), "2");
  assert.equal(command("$NONE-alpine$TAG"), "alpine$TAG");
  assert.equal(command("$NONE:-x}y"), "x}y");
  assert.equal(command("${TAG:?set-it}"), "2");
  assert.equal(command("${NONE:-x}${NONE-y}${EMPTY:-z}${EMPTY-w}"), "xyz");
  assert.equal(command("$$TAG costs 5$$"), "$TAG costs 5$");
  assert.throws(
    () => command("${NONE?}"),
    /web.command.0: the variable NONE is not set: set it/,
  );
  const contents = "services: { web: { image: 'a:$TAG', command: ['x$NONE', '${NONE}'] } }";
  const { services, findings, unset } = readStack([{ name: "f", contents }], { variables });
  assert.deepEqual(services.get("web")!.command, ["x", ""]);
  assert.deepEqual(unset, ["NONE"]);
  assert.deepEqual(findings.filter(({ kind }) => kind === "ignored").map(({ key }) => key), [
    "command.0",
    "command.1",
  ]);
  assert.throws(() => command("${EMPTY:?}"), /variable EMPTY is not set/);
  assert.throws(() => command("cost $ 5"), /a dollar sign begins a variable.*write \$\$/);
});

Deno.test("readServices takes variables without a value from those that are given, as Compose does", () => {
  const variables = (name: string) => name === "FOO" ? "bar" : undefined;
  for (const environment of ["[FOO, NONE, A=1]", "{ FOO: , NONE: , A: 1 }"]) {
    const service = one(`environment: ${environment}`, { variables });
    assert.deepEqual(service.environment, [["A", "1"], ["FOO", "bar"], ["NONE", null]]);
  }
  assert.deepEqual(one("labels: [x, y=1]").labels, { x: "", y: "1" });
});

Deno.test("readServices keeps long whole numbers as they are written", () => {
  const { environment } = one("environment: { A: 12345678901234567890, B: 9007199254740993 }");
  assert.deepEqual(environment, [["A", "12345678901234567890"], ["B", "9007199254740993"]]);
});

Deno.test("readServices refuses numbers that it would change, and keys that are one as text", () => {
  const large = "environment: { A: 12345678901234567890.5 }";
  assert.throws(
    () => one(large),
    /environment.A: a number that is not kept exactly: put it in quo/,
  );
  assert.throws(() => one("environment: { 1: a, '1': b }"), /a key is repeated/);
  assert.throws(() => read('{"services":{"a":{"image":"b","image":"c"}}}'), /key "image" twice/);
});

Deno.test("readServices refuses what it would have to ignore, and names the key", () => {
  for (
    const [yaml, complaint] of [
      ["gpus: all", /stack.yaml: services.web.gpus: this key is not supported/],
      ["mem_limit: 5m", /services.web.mem_limit: not taken by Docker's stacks: write deploy.reso/],
      ["healthcheck: { disable: true, test: x }", /healthcheck: has both/],
      ["deploy: { resources: { limits: { gpus: 1 } } }", /deploy.resources.limits.gpus: this key/],
      ["ports: [{ target: 80, mode: both }]", /ports.0/],
      ["ports: ['80-82:90-91']", /a port is a number from 1 to 65535/],
      ["volumes: ['d:/data']", /one letter is a drive of Windows/],
      ["ports: ['80:99999']", /a port is a number from 1 to 65535/],
      ["volumes: ['./data:/data']", /source of a bind must be an absolute path/],
      ["stop_grace_period: 5 minutes", /must be a duration such as 10s/],
      ["command: run 'it", /services.web.command/],
      ["deploy: { placement: { constraints: ['node.role==x; y'] } }", /not a constraint of Swarm/],
      ["environment: { 'A=B': 1 }", /environment/],
      ["ports: ['80:80', '80:80']", /ports: has the same port twice/],
      ["ports: [{ published: 80 }]", /services.web.ports.0.target: is missing/],
      ["configs: [{ target: /x }]", /services.web.configs.0.source: is missing$/],
      ["volumes: [{ type: npipe, target: /x }]", /volumes.0.type: must be "bind" or "volume" or/],
      ["volumes: ['data:/data:']", /must be SOURCE:.TARGET/],
      ["deploy: { placement: { constraints: [node.labels.a=b] } }", /write node.role==manager/],
      ["deploy: { resources: { limits: { memory: '' } } }", /memory: must be a size such as 512M/],
    ] as const
  ) {
    assert.throws(() => one(yaml), (error: Error) => {
      assert.ok(error instanceof InputError, `${yaml}: ${error}`);
      assert.match(error.message, complaint);
      return true;
    });
  }
  assert.throws(() => read("services: {}"), /stack.yaml: services is empty/);
  const volumeOf = (yaml: string) =>
    `services: { a: { image: b } }\nvolumes: { data: { ${yaml} } }`;
  assert.throws(
    () => read(volumeOf("external: true, driver: x")),
    /volumes.data: is `external`, so/,
  );
  assert.throws(() => read(volumeOf("external: { name: x }, name: y")), /volumes.data: has a name/);
  assert.throws(
    () => read("services: { web: { image: UPPER } }"),
    /services.web.image: not the name/,
  );
  assert.throws(() => read("services: { '../x': { image: a } }"), /an app's name must be/);
  assert.throws(
    () => read("services: { a: { image: b } }\nsecrets: { key: { file: ./key } }"),
    /secrets.key/,
  );
  assert.throws(
    () =>
      requireServices(
        read("services: { web: { image: a, deploy: { mode: global } } }"),
        ["web"],
        "stack.yaml",
      ),
    /services.web.deploy.mode: a plan places replicated services/,
  );
});

Deno.test("readServices bounds what a hostile file can cost", () => {
  const anchor = (at: number) =>
    `a${at}: &a${at} [${Array.from({ length: 9 }, () => `*a${at - 1}`).join(",")}]`;
  const laughs = ["a0: &a0 [lol]", ...Array.from({ length: 9 }, (_, at) => anchor(at + 1))];
  const merges = Array.from(
    { length: 12 },
    (_, at) => `m${at + 1}: &m${at + 1} { <<: [${Array(8).fill(`*m${at}`).join(",")}], k${at}: 1 }`,
  );
  const hostile: [string, string][] = [
    ["billion laughs", laughs.join("\n")],
    ["merges of merges", ["m0: &m0 { k: 1 }", ...merges].join("\n")],
    ["an alias of itself", "services: &a { web: *a }"],
    ["an alias of nothing", "services: *gone"],
    ["depth in YAML", "services: " + "[".repeat(20_000)],
    ["depth in closed YAML", "services: " + "[".repeat(5000) + "]".repeat(5000)],
    ["depth in JSON", '{"services":' + "[".repeat(100_000) + "]".repeat(100_000) + "}"],
    ["size of YAML", "services: " + "x".repeat(1 << 18)],
    ["size of JSON", `{"services":"${"x".repeat(1 << 20)}"}`],
    ["keys without end", Array.from({ length: 20_000 }, (_, at) => `k${at}: 1`).join("\n")],
    ["lists in lists", "services:\n" + "- ".repeat(20_000)],
    ["a tag", "services: !!js/function 'function () {}'"],
    ["two documents", "services: {}\n---\nservices: {}"],
    ["a key twice", "services: {}\nservices: {}"],
    ["a list", "[]"],
    ["nothing", ""],
    ["a prototype", '{"services":{"__proto__":{"image":"x"}}}'],
  ];
  for (const [name, text] of hostile) {
    assert.throws(() => read(text), (error: Error) => {
      assert.ok(error instanceof InputError, `${name}: ${error}`);
      assert.ok(!error.message.includes("\n") && error.message.length < 500, name);
      return true;
    });
  }
});

Deno.test("readServices drops no service, variable or label for its name: it has it, or refuses it by name", () => {
  for (const name of ["__proto__", "constructor", "prototype"]) {
    for (
      const text of [
        `services: { ${name}: { image: a } }`,
        `services: { web: { image: a }, ${name}: { image: a } }`,
        `services: { web: { image: a, environment: { ${name}: 1 } } }`,
        `services: { web: { image: a, deploy: { labels: { ${name}: x } } } }`,
        `base: &base { web: { image: a } }\nservices: { <<: *base, ${name}: { image: a } }`,
        `{"services":{"web":{"image":"a","${name}":1}}}`,
      ]
    ) {
      assert.throws(() => read(text), new RegExp(`the name ${name} is reserved`), text);
    }
  }
  for (const name of ["toString", "valueOf", "hasOwnProperty"]) {
    const text = `services: { ${name}: { image: a, environment: { ${name}: 1 } } }`;
    const service = read(text).get(name);
    assert.deepEqual(service?.environment, [[name, "1"]]);
    assert.throws(() => one(`${name}: 1`), new RegExp(`${name}: this key is not supported`));
  }
});

for (
  const [what, text, reason] of [
    ["anchors", "a: [" + "&a ".repeat(80_000) + "x]", /more than 1000 anchors/],
    ["aliases", "a: &a 1\nb: [" + "*a, ".repeat(2_000) + "1]", /more than 1000 anchors/],
    ["tags", "!a ".repeat(80_000), /more than 1000 anchors/],
    ["open braces", "services: " + "{".repeat(50_000), /nested too deeply/],
    ["lists on a line", "- ".repeat(100_000), /nested too deeply/],
    ["empty lines", "\n".repeat(200_000), /more than 10000 lines/],
    ["directives", "%a\n".repeat(60_000), /more than 10000 lines/],
  ] as const
) {
  // The parser would take seconds for each of them: they are refused by a glance at the text.
  Deno.test(`readServices does not begin to parse ${what} without end`, () => {
    assert.throws(() => read(text), reason);
  });
}

Deno.test("readServices gives services or one error of ours for any text", () => {
  const yamlish = fc.array(
    fc.constantFrom(
      "services:",
      "\n",
      "  ",
      "web:",
      "image: a",
      "&a",
      "*a",
      "<<: ",
      "{",
      "}",
      "[",
      "]",
      "- ",
      "? ",
      ": ",
      "!!str ",
      "|",
      "'",
      '"',
      "#",
      "${",
      "}",
      "\t",
      "---",
      "%YAML",
    ),
    { maxLength: 30 },
  ).map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.oneof(yamlish, anyText, fc.json()), (text) => {
      try {
        read(text);
      } catch (error) {
        assert.ok(error instanceof InputError, String(error));
      }
    }),
    { numRuns: runs(200, 2000) },
  );
});

Deno.test("no message ever quotes a value of the file", () => {
  const canary = "canary-5ecret";
  const spoiled = [
    `services: { web: { image: "${canary} x" , environment: { A: 1 } } }`.replace(canary, "ok"),
    `services:\n  web:\n    image: a\n    environment:\n      TOKEN: [${canary}]`,
    `services:\n  web:\n    image: a\n    environment:\n      - "TOKEN=${canary}\n  broken`,
    `services:\n  web:\n    image: a\n    environment: "${canary}"`,
    `services:\n  web: { image: a, environment: { T: "${canary}$" } }`,
    `services:\n  web: { image: a, environment: { T: "${canary}\${NONE:?}" } }`,
    `services:\n  web: { image: a, command: "${canary} 'open" }`,
    `services:\n  web: { image: a, stop_grace_period: ${canary} }`,
    `services:\n  web: { image: a, environment: { T: !!binary "${canary}" } }\n${canary}`,
    `{"services":{"web":{"image":"a","environment":{"T":"${canary}"}}}`,
    `{"services":{"web":{"image":"a","environment":{"T":"${canary}"},"ports":["${canary}"]}}}`,
  ];
  for (const text of spoiled) {
    assert.throws(() => read(text), (error: Error) => {
      assert.ok(error instanceof InputError, String(error));
      assert.ok(!error.message.includes(canary), error.message);
      return true;
    });
  }
});

Deno.test("secretLike finds variables that look secret by their names", () => {
  const service = one(
    "environment: { API_TOKEN: a, DB_PASSWORD: b, AWS_SECRET: c, SSH_PRIVATE_KEY: d, KEYBOARD: e, MONKEY: f }",
  );
  assert.deepEqual(secretLike(service), [
    "API_TOKEN",
    "AWS_SECRET",
    "DB_PASSWORD",
    "SSH_PRIVATE_KEY",
  ]);
});

Deno.test("requireServices names the apps without a service", () => {
  const services = read("services: { redis: { image: redis } }");
  requireServices(services, ["redis"], "stack.yaml");
  assert.throws(
    () => requireServices(services, ["radis", "isr"], "stack.yaml"),
    /no service for radis, isr/,
  );
});
