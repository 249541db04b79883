import { Box, Text } from 'ink';

/** Painted lines, each no wider than its place, in a box of exactly this size. */
export function Lines({
  lines,
  width,
  height,
}: {
  readonly lines: readonly string[];
  readonly width: number;
  readonly height: number;
}) {
  const shown = Array.from({ length: height }, (_, row) => lines[row] ?? '');
  return (
    <Box flexDirection="column" width={width} height={height} flexShrink={0}>
      <Text wrap="truncate">{shown.map((text) => (text === '' ? ' ' : text)).join('\n')}</Text>
    </Box>
  );
}
