// Defaults and bounds of gan/limits.py, which the page provides; DEFAULT_PSI becomes defaultPsi.
export const limits = {};

export const useLimits = (given) => {
  Object.assign(limits, given);
};
