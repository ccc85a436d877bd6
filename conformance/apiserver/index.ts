/** The API server against recordings of a real one and of its real clients. */
export { holdsRecordings, type ReplayResult, replayAnswers, replayClients, replayFolder } from './replay.ts';
export { replayText } from './replay-text.ts';
