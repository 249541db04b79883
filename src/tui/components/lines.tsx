import { Box, type DOMElement } from 'ink';
import { useContext, useEffect, useLayoutEffect, useRef } from 'react';
import { BoardContext } from './board.ts';

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
  const board = useContext(BoardContext);
  const box = useRef<DOMElement>(null);
  useLayoutEffect(() => {
    if (box.current !== null) board?.put(box.current, { lines, height });
  });
  useEffect(() => {
    const node = box.current;
    return () => {
      if (node !== null) board?.remove(node);
    };
  }, [board]);
  return <Box ref={box} width={width} height={height} flexShrink={0} />;
}
