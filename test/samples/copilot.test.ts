import { describeSamples } from '../helpers/samples.ts';

describeSamples('copilot-cli');
