/**
 * Gives every team (pod label `team`) a share of the whole cluster's CPU and keeps pods of teams that have used theirs up
 * waiting. Arguments: `shares`, a map from team to percent; a team that is not listed may use everything.
 *
 * The plugin keeps a state of its own: what each team holds, counted up in Reserve and down in Unreserve.
 */
export default {
  name: 'TeamQuota',
  points: ['preFilter', 'reserve'],
  create: ({ shares = {} }) => {
    const usedCpuMilli = new Map();
    const teamOf = (pod) => pod.labels.team ?? '';
    const use = (pod, sign) => {
      const team = teamOf(pod);
      usedCpuMilli.set(team, (usedCpuMilli.get(team) ?? 0) + sign * pod.usage.cpuMilli);
    };
    return {
      preFilter: (pod, cluster) => {
        const percent = shares[teamOf(pod)];
        if (percent === undefined) return {};
        let totalCpuMilli = 0;
        for (let i = 0; i < cluster.nodeCount; i++) totalCpuMilli += cluster.allocatableCpuMilli[cluster.order[i]];
        const wanted = (usedCpuMilli.get(teamOf(pod)) ?? 0) + pod.requests.cpuMilli;
        if (wanted <= (totalCpuMilli * percent) / 100) return {};
        return {
          reject: {
            code: 'UnschedulableAndUnresolvable',
            reasons: [`team "${teamOf(pod)}" has used up its ${percent} %`],
          },
        };
      },
      reserve: (pod) => use(pod, 1),
      unreserve: (pod) => use(pod, -1),
    };
  },
};
