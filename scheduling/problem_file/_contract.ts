/** The fixed contract of the format, for tests: it uses every key, and clashes with itself in two ways. */
export const CONTRACT = `
apps:
  api:   { containers: 8, resources: { cpu: 0.5, memory: 512MiB }, floor: 0.6, weight: 1 }
  cache: { containers: 3, resources: { cpu: 1, memory: 4GiB } }
nodes:
  - { class: big, count: 4, slots: 8, resources: { cpu: 8, memory: 32GiB }, labels: { disk: ssd }, domain: zone-a, surface: { profile: big.csv, speed: { api: 1.4 } } }
  - { class: small, count: 6, slots: 4, resources: { cpu: 4, memory: 8GiB }, domain: zone-b }
rules:
  maxPerNode: { api: 2 }
  apart: [[api, cache]]
  together: [[api, cache]]        # every node with an api holds at least one cache
  require: { cache: { disk: ssd } }
  spread: { api: { maxPerDomain: 3, minDomains: 2, maxSkew: 1 } }
  fence: [n7]
surface: { profile: profile.csv }
objective: throughput              # throughput | fair | worst
`;
