// What the host is given of the module.
export { hash, keyPlace } from './keyed-hash';
export { layOut, length, packedSize, scan, start } from './scanner';
export { expect, forgetNames, rooms, take, taken } from './usual-rows';
