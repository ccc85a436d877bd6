/** One loading task, in a process of its own: the task is in the arguments, the answer a message. */
import { type LoadingTask, runLoading } from './loading.ts';

process.send!(await runLoading(JSON.parse(process.argv[2]!) as LoadingTask));
process.disconnect();
