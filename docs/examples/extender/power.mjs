/** An extender: a rack has so much power to spare, and pods say what they draw. `node power.mjs [port]` */
import { createServer } from 'node:http';

const spareWatts = { 'rack-1': 900, 'rack-2': 400, 'rack-3': 2000 };

const spare = (node) => spareWatts[node.metadata.labels['example.com/rack']];
const drawn = (pod) => Number(pod.metadata.annotations?.['example.com/watts'] ?? 0);

const answers = {
  filter({ Pod, Nodes }) {
    const fits = (node) => spare(node) >= drawn(Pod);
    const failed = Nodes.items.filter((node) => !fits(node)).map((node) => [node.metadata.name, 'too little power']);
    return { Nodes: { items: Nodes.items.filter(fits) }, FailedNodes: Object.fromEntries(failed) };
  },
  prioritize: ({ Nodes }) =>
    Nodes.items.map((node) => ({ Host: node.metadata.name, Score: Math.min(10, Math.floor(spare(node) / 100)) })),
};

createServer(async (request, response) => {
  const asked = JSON.parse(Buffer.concat(await request.toArray()).toString());
  response.end(JSON.stringify(answers[request.url.slice(1)](asked)));
}).listen(Number(process.argv[2] ?? 8889), '127.0.0.1', function () {
  console.log(`listening on port ${this.address().port}`);
});
