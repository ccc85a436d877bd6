/** One sample of one scenario: reads which from its arguments, answers by a message. */
import { type Figures, SCENARIOS } from './scenarios.ts';

const [, , name, step, folder = ''] = process.argv;
const scenario = SCENARIOS.find((one) => one.name === name);
if (scenario === undefined) throw new Error(`there is no scenario "${name}"`);
let figures: Figures = {};
if (step === 'prepare') await scenario.prepare?.(folder);
else figures = await scenario.run(folder);
process.send!(figures, () => process.exit(0));
