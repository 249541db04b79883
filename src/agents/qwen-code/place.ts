import { absolutePath, type Host, pathsOf } from '../../provider.ts';

/** Where chats are kept: what the user named for them, and the program's own. */
export function directories(host: Host): readonly string[] {
  const own = absolutePath(host, host.env.QWEN_HOME) ?? pathsOf(host).join(host.home, '.qwen');
  const runtime = absolutePath(host, host.env.QWEN_RUNTIME_DIR);
  return runtime === undefined ? [own] : [runtime, own];
}
