/** How many streams of one kind may be open at once. */
export interface ClientLimit {
  /** Takes a place; undefined: there is none. Returns how to give it back. */
  enter(address: string): (() => void) | undefined;
  readonly size: number;
}

const most = 32;
/** From one address of a network; this machine may use all. */
const mostPerAddress = 8;

export function createClientLimit(): ClientLimit {
  const byAddress = new Map<string, number>();
  let size = 0;
  return {
    get size() {
      return size;
    },
    enter(address) {
      const here = byAddress.get(address) ?? 0;
      if (size >= most || (!isLoopback(address) && here >= mostPerAddress)) return undefined;
      size++;
      byAddress.set(address, here + 1);
      let left = false;
      return () => {
        if (left) return;
        left = true;
        size--;
        const rest = (byAddress.get(address) ?? 1) - 1;
        if (rest === 0) byAddress.delete(address);
        else byAddress.set(address, rest);
      };
    },
  };
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127\./.test(address);
}
