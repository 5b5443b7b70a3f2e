import fc from 'fast-check';

/** One seed for all suites: a run on unchanged code repeats the last one. `npm run fuzz` searches for new inputs. */
fc.configureGlobal({ seed: 20261130 });

export { fc };
