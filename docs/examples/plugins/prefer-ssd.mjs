/** Scores nodes with fast disks higher. */
export default {
  name: 'PreferSsd',
  points: ['score'],
  dependsOn: { score: 'node' },
  create: () => ({
    compileScore: (_pod, cluster) => {
      const disks = cluster.labelColumn('disk');
      return { score: (row) => (disks[row] >= 0 && cluster.labelValue(disks[row]) === 'ssd' ? 100 : 0) };
    },
  }),
};
