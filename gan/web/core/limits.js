// Defaults and bounds that the page brings: gan/limits.py as it stands there, DEFAULT_PSI as defaultPsi.
export const limits = {};

export const useLimits = (given) => {
  Object.assign(limits, given);
};
