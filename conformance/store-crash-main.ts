/** `npm run crash:store -- --kills 500 --damage 2000 --seed 1`: faults on the embedded store, counted. Exit 1 on any loss. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runDamage } from './store-faults/damage.ts';
import { runKills } from './store-faults/kills.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    damage: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
  },
});

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = seeded(Number(values.seed));
const folder = mkdtempSync(join(tmpdir(), 'berth-crash-'));
try {
  const kills = await runKills(join(folder, 'killed'), Number(values.kills), random, (counts) => {
    if (counts.kills % 50 === 0) console.error(`${counts.kills} kills, ${counts.failures.length} failures`);
  });
  console.log(
    `killed ${kills.kills} times: ${kills.acknowledged} acknowledged writes and ${kills.events} events, ` +
      `${kills.unacknowledged} writes on disk that nobody was told of; lost, reused or repeated: ${kills.failures.length}`,
  );
  const damage = await runDamage(join(folder, 'damaged'), Number(values.damage), random);
  console.log(
    `damaged ${damage.bits + damage.truncations} files (${damage.bits} bits, ${damage.truncations} cut off): ` +
      `${damage.refused} refused with a reason, ${damage.unharmed} unharmed; silently wrong or crashed: ${damage.failures.length}`,
  );
  for (const failure of [...kills.failures, ...damage.failures]) console.log(`  ${failure}`);
  if (kills.failures.length + damage.failures.length > 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
