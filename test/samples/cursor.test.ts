import { describeSamples } from '../helpers/samples.ts';

describeSamples('cursor', { costs: ({ costs }) => costs });
