import { claimMarker } from '../../src/store/marker.ts';

// A process of several that all want the same markers: prints the places of those it got, and lives until it is told to end.
const paths = process.argv.slice(3);
const startAt = Number(process.argv[2]);
while (Date.now() < startAt);
const mine: number[] = [];
for (const [place, path] of paths.entries()) {
  for (;;) {
    const claim = claimMarker(path);
    if ('marker' in claim) mine.push(place);
    if ('marker' in claim || claim.owner !== undefined) break;
  }
}
process.stdout.write(`${JSON.stringify(mine)}\n`);
process.stdin.resume();
