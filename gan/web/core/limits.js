// Defaults and bounds that come with the page: those of gan/limits.py, with DEFAULT_PSI as defaultPsi.
export const limits = {};

export const useLimits = (given) => {
  Object.assign(limits, given);
};
