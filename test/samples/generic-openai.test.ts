import { describeSamples } from '../helpers/samples.ts';

describeSamples('generic-openai', { costs: ({ costs }) => costs });
