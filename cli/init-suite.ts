/** The suite that `berth init` writes: runs as it is, in seconds. */
export const SUITE_EXAMPLE = `# A suite of berth: what runs on what, and what varies.   berth run FILE
# "berth schema" prints the JSON Schema of this format for your editor.

# What is scheduled, and on what. Every workload runs under every configuration.
workloads:
- trace: openb                 # a GPU cluster of 1,523 nodes and 8,152 pods; the tables ship with berth
# - name: ours                 # your own cluster: kubectl get nodes,pods -A -o json > cluster.json
#   nodes: cluster.json
#   pods: pods.yaml            # pods without spec.nodeName are scheduled

# Configurations to compare; the first is the base. Without file or config: what kube-scheduler does without one.
profiles:
- name: default
- name: packing
  config:                      # a KubeSchedulerConfiguration in place, or  file: packing.yaml
    profiles:
    - pluginConfig:
      - name: NodeResourcesFit
        args:
          scoringStrategy:
            type: MostAllocated
            resources:
            - {name: cpu, weight: 1}
            - {name: memory, weight: 1}
            - {name: nvidia.com/gpu, weight: 1}

# What varies beside them; each value with everything else (combine: list takes the first values together, and so on).
# axes:
# - path: config.percentageOfNodesToScore
#   values: [0, 50, 100]
# - path: weight.NodeResourcesFit        # 0 switches its scoring off
#   values: 1..3
# - path: tieBreak
#   values: [heap, random]
# exclude:                               # cells to leave out; "only" keeps those that match
# - {profile: packing, tieBreak: random}

seeds: 1..3                    # each draws the order in which nodes registered (and of pods, where a workload has no times)
# tieSeeds: 1..3               # draw ties alone, with every seed, to tell their luck from the configuration's effect
# repeats: 3                   # the same cells again, for timings

settings:
  evaluation: static           # each pod is tried once; "timed" has pods come, wait, run and end in virtual time
# until: 36h

# Exit code 1 when one does not hold, for the mean of each profile or of the one named in front.
assertions:
- placed_share >= 70%

report:
  base: default
  primary: gpu_allocated_share
  thresholds: gpu_allocated_share=0.5%
# failOn: gpu_allocated_share worse than 2%
`;
