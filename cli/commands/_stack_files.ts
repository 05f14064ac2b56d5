/**
 * Files of a small stack, as tests of what runs on a Swarm need them.
 * @module
 */
/** Alone, a container does as well as it can; beside its like it loses much, beside another little. */
function tableText(): string {
  const rows = [];
  for (let web = 0; web <= 4; web++) {
    for (let db = 0; web + db <= 4; db++) {
      if (web + db === 0) continue;
      const speed = (own: number, other: number) => 1 / (1 + 0.3 * (own - 1) + 0.05 * other);
      rows.push(
        [web, db, web > 0 ? speed(web, db) : "", db > 0 ? speed(db, web) : ""].join(","),
      );
    }
  }
  return `web,db,rps:web,rps:db\n${rows.join("\n")}\n`;
}

/** A table of two apps, what runs as them, and a plan of six containers on three nodes. */
export const STACK_FILES = {
  "table.csv": tableText(),
  "services.json": JSON.stringify({ services: { web: { image: "web:1" }, db: { image: "db:1" } } }),
  "plan.json": JSON.stringify({ apps: ["web", "db"], placement: [[2, 1], [1, 1], [0, 1]] }),
};
