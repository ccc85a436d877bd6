export { reportHtml } from './page.ts';
export type * from './report-data.ts';
