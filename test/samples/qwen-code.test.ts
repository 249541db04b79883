import { describeSamples } from '../helpers/samples.ts';

describeSamples('qwen-code');
