// A native annealing of the same kind as sim-wasm/assembly/annealing.ts, as a peer for `deno task bench`.
// Input: apps capacity configurations stride nodes containers moves hot cold, then the tables added and
// removed ((configurations + 1) x stride), values (configurations + 1), then the app of each slot.
// Output: JSON with seconds and the total throughput at the end.
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <vector>

static uint32_t s[4];
static inline uint32_t rotl(uint32_t x, int k) { return (x << k) | (x >> (32 - k)); }
static inline uint32_t bits() {
  const uint32_t result = rotl(s[1] * 5, 7) * 9, t = s[1] << 9;
  s[2] ^= s[0]; s[3] ^= s[1]; s[1] ^= s[2]; s[0] ^= s[3]; s[2] ^= t; s[3] = rotl(s[3], 11);
  return result;
}
static inline uint32_t below(uint32_t limit) { return (uint64_t(bits()) * limit) >> 32; }

int main() {
  unsigned apps, capacity, configurations, stride, nodes, containers;
  unsigned long moves;
  double hot, cold;
  if (scanf("%u %u %u %u %u %u %lu %lf %lf", &apps, &capacity, &configurations, &stride, &nodes, &containers,
            &moves, &hot, &cold) != 9) return 1;
  const size_t entries = size_t(configurations + 1) * stride;
  std::vector<uint32_t> added(entries), removed(entries);
  for (auto& x : added) if (scanf("%u", &x) != 1) return 1;
  for (auto& x : removed) if (scanf("%u", &x) != 1) return 1;
  std::vector<double> values(configurations + 1);
  for (auto& x : values) if (scanf("%lf", &x) != 1) return 1;
  const unsigned slots = nodes * capacity;
  std::vector<uint8_t> slotApp(slots);
  std::vector<uint32_t> slotNode(slots), position, rank(nodes, 0);
  for (unsigned i = 0; i < slots; i++) {
    unsigned app;
    if (scanf("%u", &app) != 1) return 1;
    slotApp[i] = app;
    slotNode[i] = i / capacity;
    if (app < apps) {
      position.push_back(i);
      rank[i / capacity] = added[rank[i / capacity] * stride + app];
    }
  }
  std::vector<double> nodeValue(nodes), logs(4096);
  for (unsigned v = 0; v < nodes; v++) nodeValue[v] = values[rank[v]];
  for (int i = 0; i < 4096; i++) logs[i] = std::log((i + 0.5) / 4096);
  s[0] = 1; s[1] = 2; s[2] = 3; s[3] = 4;
  const auto start = std::chrono::steady_clock::now();
  const unsigned long blocks = (moves + 1023) / 1024;
  const double cooling = std::pow(cold / hot, 1.0 / double(blocks - 1));
  double temperature = hot;
  for (unsigned long block = 0; block < blocks; block++, temperature *= cooling) {
    for (int step = 0; step < 1024; step++) {
      uint32_t& container = position[below(containers)];
      const uint32_t from = container, to = below(slots);
      const uint32_t given = slotApp[from], taken = slotApp[to], u = slotNode[from], v = slotNode[to];
      if (given == taken || u == v) continue;
      const uint32_t rankU = added[removed[rank[u] * stride + given] * stride + taken];
      const uint32_t rankV = added[removed[rank[v] * stride + taken] * stride + given];
      const double change = values[rankU] + values[rankV] - nodeValue[u] - nodeValue[v];
      if (change < 0 && change <= temperature * logs[bits() >> 20]) continue;
      rank[u] = rankU; rank[v] = rankV;
      nodeValue[u] = values[rankU]; nodeValue[v] = values[rankV];
      slotApp[from] = taken; slotApp[to] = given;
      if (taken == apps) container = to;
    }
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  double total = 0;
  for (double value : nodeValue) total += value;
  printf("{\"seconds\": %.6f, \"total\": %.6f}\n", seconds, total);
}
