// What the host is given of the module.
export { layOut, length, packedSize, scan, start } from './scanner';
export { expect, forgetNames, rooms, take, taken } from './usual-rows';
