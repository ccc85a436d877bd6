/** The suite that comes with berth: upstream's performance workloads in shape and size, in words and data of its own. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('./suite/', import.meta.url));
const FILE = 'performance-config.yaml';

/** Its files, in the order of their folders. */
export const shippedSuite = (): string[] =>
  readdirSync(FOLDER)
    .sort()
    .map((topic) => path.join(FOLDER, topic, FILE))
    .filter((file) => existsSync(file));
