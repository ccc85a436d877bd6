// Holds the house's arrows: which room may import which, and what must not be called where. Exit 1 with file:line for
// every violation.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Room → rooms it may import, beside itself. */
const ARROWS = {
  api: [],
  scheduler: ['api'],
  plugins: ['api', 'scheduler/plugin.ts'],
  cluster: ['api', 'scheduler'],
  workloads: ['api'],
  statistics: [],
  reports: [],
  bench: ['api', 'scheduler', 'plugins', 'workloads', 'cluster', 'reports', 'statistics'],
  conformance: ['api', 'scheduler', 'plugins', 'cluster', 'statistics'],
  cli: ['api', 'scheduler', 'plugins', 'workloads', 'cluster', 'reports', 'statistics', 'bench', 'conformance'],
};

/** Result records are types alone, so anybody may name them. */
const RECORDS = [/^scheduler\/decision\.ts$/];

/** Simulations must not see wall time or unseeded chance. */
const PURE_ROOMS = ['api', 'statistics', 'scheduler', 'plugins', 'workloads'];
const IMPURE = [
  [/\bDate\.now\s*\(/, 'Date.now: take the time from whoever calls'],
  [/\bnew Date\s*\(\s*\)/, 'new Date(): take the time from whoever calls'],
  [/\bperformance\.now\s*\(/, 'performance.now: only the bench measures wall time'],
  [/\bMath\.random\b/, 'Math.random: use a seeded generator'],
  [/\bset(?:Timeout|Interval|Immediate)\s*\(/, 'timers: nothing here waits'],
];

const IMPORT =
  /(?:^|\s)(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?['"](\.{1,2}\/[^'"]+)['"]|import\(\s*['"](\.{1,2}\/[^'"]+)['"]\s*\)/g;

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (/\.m?ts$/.test(entry.name)) yield path;
  }
}

const lineOf = (text, index) => text.slice(0, index).split('\n').length;

function violationsOf(path, room) {
  const text = readFileSync(path, 'utf8');
  const name = relative(root, path).split(sep).join('/');
  const isTest = /\.(test|contract)\.ts$/.test(name);
  const found = [];
  for (const match of text.matchAll(IMPORT)) {
    const target = relative(root, resolve(dirname(path), match[2] ?? match[3]))
      .split(sep)
      .join('/');
    const targetRoom = target.split('/')[0];
    const allowed =
      targetRoom === room ||
      isTest ||
      (match[1] !== undefined && RECORDS.some((record) => record.test(target))) ||
      ARROWS[room].some((arrow) => arrow === targetRoom || arrow === target);
    if (!allowed) found.push(`${name}:${lineOf(text, match.index + 1)}: ${room}/ may not import ${target}`);
  }
  if (PURE_ROOMS.includes(room) && !isTest) {
    for (const [pattern, why] of IMPURE) {
      const match = pattern.exec(text);
      if (match !== null) found.push(`${name}:${lineOf(text, match.index)}: ${why}`);
    }
  }
  return found;
}

const rooms = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name in ARROWS);
const violations = rooms.flatMap(({ name }) =>
  [...sources(join(root, name))].flatMap((path) => violationsOf(path, name)),
);
for (const violation of violations) console.error(violation);
if (violations.length > 0) process.exit(1);
console.log(`arrows hold in ${rooms.length} rooms`);
