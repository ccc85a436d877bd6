/**
 * How much the engines of this process have looked at, for the bench: times a node was judged for a pod or a class, added up
 * once per pass. Never read by a decision.
 */
export const WORK = { evaluations: 0 };
