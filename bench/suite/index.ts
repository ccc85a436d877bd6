export { type Assertion, checkAssertions, parseAssertion } from './assertions.ts';
export { expandSuite, type SuitePlan } from './expand.ts';
export {
  PLUGIN_DESIGNS,
  type PluginDesign,
  parsePlugins,
  pluginProfiles,
} from './plugin-sets.ts';
export { parseSet, seedsOf, valuesOf } from './ranges.ts';
export { parseSuite, readSuite } from './read-suite.ts';
export { SUITE_SCHEMA } from './schema.ts';
export type { Suite, SuiteAxis, SuiteProfile, SuiteSettings, SuiteWorkload } from './suite.ts';
